/** How relays are watched (NTF §4, §6.6 SUBSCRIBER). */
import { choice, duration, formatDuration, integer, optionalPath, optionalText, path, portList, section, textList, toggle } from '@polyplex/config';
import { readHostPort } from '@polyplex/node';
import { DEFAULT_RELAY_OPTIONS } from '@polyplex/server-ntf';

const MAX_DOMAINS = 64;
const MAX_PORTS = 64;

function isDomain(name: string): boolean {
  return /^[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(name);
}

export const ntfRelays = section('The relays whose queues devices watch; apps name them.', {
  serviceCertificates: toggle({ default: true, describe: 'Whether relays that offer it are asked for all queues at once after a reconnect, under a certificate made for that relay alone. Otherwise each queue is subscribed by itself.' }),
  serviceKeyFile: path({ default: 'ntf/services.key', describe: 'File with the secret of which these certificates are made, the same for all nodes; `polyplex init --push` makes it. With another one relays take this server for another service.' }),
  ownDomains: textList({
    default: [], max: MAX_DOMAINS, matches: isDomain, allowed: 'domains such as `example.org`',
    describe: 'Domains of this operator: what comes from relays there, or below them, is also counted by relay.',
  }),
  allowedPorts: portList({ default: [5223, 443], max: MAX_PORTS, describe: 'Ports of relays that may be connected to; an empty list allows all.' }),
  allowPrivateAddresses: toggle({ default: false, describe: 'Whether private, loopback and link-local addresses may be connected to. Apps choose the relay: turn it on for a relay on this machine or network, and for tests.' }),
  hostMode: choice({ of: ['public', 'onion'], default: 'public', describe: 'Which host name of a relay to prefer.' }),
  requiredHostMode: toggle({ default: false, describe: 'Whether relays without a host name of that kind are not watched.' }),
  socksProxy: optionalText({ matches: (value) => readHostPort(value) !== null, allowed: 'host:port', describe: 'SOCKS5 proxy for `.onion` names, such as Tor\'s.' }),
  socksMode: choice({ of: ['onion', 'always'], default: 'onion', describe: 'Whether the SOCKS proxy is for `.onion` names alone or for every connection.' }),
  socksUser: optionalText({ describe: 'User name for the SOCKS proxy.' }),
  socksPasswordFile: optionalPath({ describe: 'File with the password for the SOCKS proxy.' }),
  connectTimeout: duration({ default: '45s', min: '1s', max: '5m', describe: 'Time for connecting to a relay.' }),
  commandTimeout: duration({ default: '30s', min: '1s', max: '5m', describe: 'Time for a relay\'s answer.' }),
  relays: integer({ default: DEFAULT_RELAY_OPTIONS.maxRelays, min: 1, max: 1_000_000, unit: 'relays', describe: 'Relays that this node watches at once.' }),
  lease: duration({ default: formatDuration(DEFAULT_RELAY_OPTIONS.claimLeaseMs), min: '5s', max: '10m', describe: 'With several nodes: how long after a node died the others begin to watch its relays.' }),
  probeInterval: duration({ default: formatDuration(DEFAULT_RELAY_OPTIONS.probeIntervalMs), min: '0', max: '30d', describe: 'How often it is tried whether a relay\'s address still leads to the relay that this node is connected to; 0: never.' }),
  suspectAfter: duration({ default: formatDuration(DEFAULT_RELAY_OPTIONS.unreachableAfterMs), min: '1m', max: '30d', describe: 'How long a relay may be out of reach before it is said to have moved or died.' }),
});
