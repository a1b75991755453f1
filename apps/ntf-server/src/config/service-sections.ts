/** Who may do what, and how much of it (NTF §3.3, §6.6 INACTIVE_CLIENTS). */
import { duration, formatDuration, integer, section, toggle } from '@polyplex/config';
import { DEFAULT_NTF_OPTIONS } from '@polyplex/server-ntf';
import { DEFAULT_LIMITS } from '@polyplex/transport-tls';

const MANY = 10_000_000;

export const ntfAccess = section('Who may use the push proxy.', {
  newTokens: toggle({ default: DEFAULT_NTF_OPTIONS.newTokens, describe: 'Whether apps may register devices. Existing ones work in any case.' }),
});

export const ntfLimits = section('Bounds on what clients of the push proxy can use up. Limits by address are never logged.', {
  connections: integer({ default: DEFAULT_LIMITS.connections, min: 1, max: MANY, unit: 'connections', describe: 'Connections open at once, all ports together.' }),
  connectionsPerAddress: integer({ default: DEFAULT_LIMITS.connectionsPerAddress, min: 1, max: MANY, unit: 'connections', describe: 'Connections open at once from one IPv4 address or IPv6 /64; mobile operators put thousands of phones behind one.' }),
  newConnectionsPerMinutePerAddress: integer({ default: DEFAULT_LIMITS.newPerMinutePerAddress, min: 1, max: MANY, unit: 'connections', describe: 'New connections a minute from one IPv4 address or IPv6 /64.' }),
  handshakes: integer({ default: DEFAULT_LIMITS.handshakes, min: 1, max: MANY, unit: 'connections', describe: 'TLS handshakes in flight.' }),
  tlsTimeout: duration({ default: '10s', min: '1s', max: '5m', describe: 'Time for the TLS handshake, and for a PROXY header before it.' }),
  handshakeTimeout: duration({ default: formatDuration(DEFAULT_NTF_OPTIONS.handshakeTimeoutMs), min: '1s', max: '5m', describe: 'Time for the NTF handshake that follows.' }),
  slowReaderTimeout: duration({ default: '1m', min: '5s', max: '10m', describe: 'A client that reads nothing for so long while something waits for it is disconnected.' }),
  commandsInFlight: integer({ default: DEFAULT_NTF_OPTIONS.commandsInFlight, min: 1, max: 65_536, unit: 'commands', describe: 'Commands of one connection that are worked on at once; then it is not read from.' }),
  newTokensPerMinute: integer({ default: DEFAULT_NTF_OPTIONS.newTokensPerMinute, min: 0, max: MANY, unit: 'commands; 0: no limit', describe: 'Devices registered a minute, all clients together.' }),
  newTokensPerMinutePerAddress: integer({ default: DEFAULT_NTF_OPTIONS.newTokensPerMinutePerAddress, min: 0, max: MANY, unit: 'commands; 0: no limit', describe: 'Devices registered a minute from one IPv4 address or IPv6 /64. Each is a push to a device that its client names.' }),
  newSubscriptionsPerMinutePerAddress: integer({ default: DEFAULT_NTF_OPTIONS.newSubscriptionsPerMinutePerAddress, min: 0, max: MANY, unit: 'commands; 0: no limit', describe: 'Queues watched anew a minute from one IPv4 address or IPv6 /64.' }),
});

export const ntfInactiveClients = section('Connections to the push proxy that ask for nothing.', {
  disconnect: toggle({ default: true, describe: 'Whether they are closed.' }),
  expireAfter: duration({ default: formatDuration(DEFAULT_NTF_OPTIONS.inactiveTtlMs), min: '1m', max: '30d', describe: 'How long they may be silent.' }),
  checkInterval: duration({ default: formatDuration(DEFAULT_NTF_OPTIONS.inactiveCheckMs), min: '1s', max: '1d', describe: 'How often they are looked for.' }),
});
