/** The relay as proxy to other relays (SMP §7, §9.2 PROXY; design §4). */
import { choice, duration, formatDuration, integer, optionalPath, optionalText, portList, section, textList, toggle } from '@polyplex/config';
import { readHostPort } from '@polyplex/node';
import { DEFAULT_OPTIONS } from '@polyplex/server-smp';

const DEFAULTS = DEFAULT_OPTIONS.proxy;
const MAX_PORTS = 64;
const MAX_DOMAINS = 64;
const MANY = 1_000_000;

function isDomain(text: string): boolean {
  return /^[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(text);
}

export const proxy = section('Private routing: this relay sends its clients\' messages on to other relays, which then do not see the clients\' addresses.', {
  enabled: toggle({ default: DEFAULTS.enabled, describe: 'Whether the relay connects to other relays for its clients.' }),
  allowedPorts: portList({ default: [5223, 443], max: MAX_PORTS, describe: 'Ports of other relays that may be connected to; an empty list allows all.' }),
  allowPrivateAddresses: toggle({ default: false, describe: 'Whether private, loopback and link-local addresses may be connected to. Clients choose the relay: turn it on for tests alone.' }),
  hostMode: choice({ of: ['public', 'onion'], default: 'public', describe: 'Which host name of a relay to prefer.' }),
  requiredHostMode: toggle({ default: false, describe: 'Whether relays without a host name of that kind are refused.' }),
  socksProxy: optionalText({
    matches: (text) => readHostPort(text) !== null, allowed: 'host:port', describe: 'SOCKS5 proxy for `.onion` names, such as Tor\'s.',
  }),
  socksMode: choice({ of: ['onion', 'always'], default: 'onion', describe: 'Whether the SOCKS proxy is for `.onion` names alone or for every connection.' }),
  socksUser: optionalText({ describe: 'User name for the SOCKS proxy.' }),
  socksPasswordFile: optionalPath({ describe: 'File with the password for the SOCKS proxy.' }),
  connectTimeout: duration({ default: formatDuration(DEFAULTS.connectTimeoutMs), min: '1s', max: '5m', describe: 'Time for connecting to a relay.' }),
  commandTimeout: duration({ default: formatDuration(DEFAULTS.commandTimeoutMs), min: '1s', max: '5m', describe: 'Time for a relay\'s answer.' }),
  failureMemory: duration({ default: formatDuration(DEFAULTS.failureMemoryMs), min: '0', max: '1h', describe: 'How long a failed connection is answered with the same error before it is tried again.' }),
  relays: integer({ default: DEFAULTS.relays, min: 0, max: MANY, unit: 'relays', describe: 'Relays connected to at once.' }),
  ownDomains: textList({
    default: [], max: MAX_DOMAINS, matches: isDomain, allowed: 'domains such as `example.org`',
    describe: 'Domains of this operator: routing to relays there, or below them, is also counted apart (`source="own"` in the metrics).',
  }),
  forwardsPerClient: integer({ default: DEFAULTS.forwardsPerClient, min: 1, max: 65_536, unit: 'commands', describe: 'Commands of one client being forwarded at once.' }),
  forwardsPerRelay: integer({ default: DEFAULTS.forwardsPerRelay, min: 1, max: 65_536, unit: 'commands', describe: 'Commands being forwarded to one relay at once.' }),
});
