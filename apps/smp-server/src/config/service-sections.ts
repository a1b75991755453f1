/**
 * Who may do what, and how much of it (SMP §6.2, §8.4, §9.2 AUTH, STORE_LOG and INACTIVE_CLIENTS; design §4). Defaults
 * are those of the libraries that keep the bounds.
 */
import { duration, formatDuration, integer, optionalPath, section, toggle } from '@polyplex/config';
import { DEFAULT_OPTIONS } from '@polyplex/server-smp';
import { DEFAULT_LIMITS } from '@polyplex/transport-tls';

const MANY = 10_000_000;

export const access = section('Who may use the relay.', {
  newQueues: toggle({ default: DEFAULT_OPTIONS.newQueues, describe: 'Whether clients may create queues. Existing ones work in any case.' }),
  passwordFile: optionalPath({ describe: 'File with the password that creating queues and proxying require.' }),
  serviceCredentials: toggle({ default: DEFAULT_OPTIONS.serviceCredentials, describe: 'Whether services (notification servers, bots) may identify themselves by certificate.' }),
  dailyBlockQuota: integer({ default: 20, min: -1, max: MANY, unit: 'queues; 0: no limit, -1: none', describe: 'Queues that operators may block on one day (UTC) at one node, so that a stolen token does not silence the relay.' }),
});

export const limits = section('Bounds on what clients can use up. Limits by address are never logged; several nodes share their counts for new queues, under tags that change every minute, and never addresses.', {
  connections: integer({ default: DEFAULT_LIMITS.connections, min: 1, max: MANY, unit: 'connections', describe: 'Connections open at once, all ports together.' }),
  connectionsPerAddress: integer({ default: DEFAULT_LIMITS.connectionsPerAddress, min: 1, max: MANY, unit: 'connections', describe: 'Connections open at once from one IPv4 address or IPv6 /64; mobile operators put thousands of phones behind one.' }),
  newConnectionsPerMinutePerAddress: integer({ default: DEFAULT_LIMITS.newPerMinutePerAddress, min: 1, max: MANY, unit: 'connections', describe: 'New connections a minute from one IPv4 address or IPv6 /64.' }),
  handshakes: integer({ default: DEFAULT_LIMITS.handshakes, min: 1, max: MANY, unit: 'connections', describe: 'TLS handshakes in flight.' }),
  tlsTimeout: duration({ default: '10s', min: '1s', max: '5m', describe: 'Time for the TLS handshake, and for a PROXY header before it.' }),
  handshakeTimeout: duration({ default: formatDuration(DEFAULT_OPTIONS.handshakeTimeoutMs), min: '1s', max: '5m', describe: 'Time for the SMP handshake that follows.' }),
  slowReaderTimeout: duration({ default: '1m', min: '5s', max: '10m', describe: 'A client that reads nothing for so long while something waits for it is disconnected.' }),
  commandsInFlight: integer({ default: DEFAULT_OPTIONS.commandsInFlight, min: 1, max: 65_536, unit: 'commands', describe: 'Commands of one connection that are worked on at once; then it is not read from.' }),
  newQueuesPerMinute: integer({ default: DEFAULT_OPTIONS.newQueuesPerMinute, min: 0, max: MANY, unit: 'queues; 0: no limit', describe: 'Queues created a minute, all clients together.' }),
  newQueuesPerMinutePerAddress: integer({ default: DEFAULT_OPTIONS.newQueuesPerMinutePerAddress, min: 0, max: MANY, unit: 'queues; 0: no limit', describe: 'Queues created a minute from one IPv4 address or IPv6 /64.' }),
  serviceRecords: integer({ default: DEFAULT_OPTIONS.serviceRecords, min: 0, max: MANY, unit: 'services', describe: 'Services that may be known.' }),
});

export const messages = section('Messages that wait for their recipient.', {
  quota: integer({ default: DEFAULT_OPTIONS.messageQuota, min: 1, max: 65_536, unit: 'messages', describe: 'Messages that one queue holds before senders are told to wait.' }),
  expireAfter: duration({ default: formatDuration(DEFAULT_OPTIONS.messageTtlMs), min: '1m', max: '3650d', describe: 'Age at which a message that nobody fetched is deleted.' }),
  expiryInterval: duration({ default: formatDuration(DEFAULT_OPTIONS.expireMessagesIntervalMs), min: '1s', max: '7d', describe: 'How often expired messages are looked for.' }),
  expireOnStart: toggle({ default: DEFAULT_OPTIONS.expireOnStart, describe: 'Whether to look for them at start.' }),
  expireOnSend: toggle({ default: DEFAULT_OPTIONS.expireOnSend, describe: 'Whether to look for them in a queue when a message is sent to it.' }),
});

export const notifications = section('Notifications that wait for a notification server.', {
  expireAfter: duration({ default: formatDuration(DEFAULT_OPTIONS.notificationTtlMs), min: '1m', max: '30d', describe: 'Age at which a notification that nobody fetched is deleted.' }),
  expiryInterval: duration({ default: formatDuration(DEFAULT_OPTIONS.expireNotificationsIntervalMs), min: '1s', max: '7d', describe: 'How often expired notifications are looked for.' }),
  interval: duration({ default: formatDuration(DEFAULT_OPTIONS.notificationIntervalMs), min: '50ms', max: '1m', describe: 'How often pending notifications are sent.' }),
});

export const inactiveClients = section('Connections that do nothing and wait for nothing.', {
  disconnect: toggle({ default: true, describe: 'Whether connections without subscriptions are closed when they are silent.' }),
  expireAfter: duration({ default: formatDuration(DEFAULT_OPTIONS.inactiveTtlMs), min: '1m', max: '30d', describe: 'How long they may be silent.' }),
  checkInterval: duration({ default: formatDuration(DEFAULT_OPTIONS.inactiveCheckMs), min: '1s', max: '1d', describe: 'How often they are looked for.' }),
});
