/**
 * Who may do what, and how much of it (XFTP §5.3 to §5.5, §7.2 AUTH, STORE_LOG and INACTIVE_CLIENTS). Defaults are those of
 * the libraries that keep the bounds.
 */
import { duration, formatDuration, integer, optionalPath, section, toggle } from '@polyplex/config';
import { DEFAULT_OPTIONS } from '@polyplex/server-xftp';
import { DEFAULT_HTTP_LIMITS } from '@polyplex/transport-http2';
import { DEFAULT_LIMITS } from '@polyplex/transport-tls';

const MANY = 10_000_000;

export const xftpAccess = section('Who may use the file server.', {
  newFiles: toggle({ default: DEFAULT_OPTIONS.newFiles, describe: 'Whether clients may create files. Existing ones work in any case.' }),
  passwordFile: optionalPath({ describe: 'File with the password that creating files requires. None is that of `access.passwordFile`: one password for relay and file server.' }),
  open: toggle({ default: false, describe: 'Whether anybody may create files, although there is a password file.' }),
});

export const xftpFiles = section('How long files are kept.', {
  expireAfter: duration({ default: formatDuration(DEFAULT_OPTIONS.fileTtlMs), min: '1h', max: '3650d', describe: 'Age at which a file is deleted, downloaded or not. Ages count from the full hour before, so up to an hour is added; apps expect two days.' }),
  expiryInterval: duration({ default: formatDuration(DEFAULT_OPTIONS.expireIntervalMs), min: '1s', max: '7d', describe: 'How often expired files are looked for; also at start.' }),
  leftBodiesInterval: duration({ default: formatDuration(DEFAULT_OPTIONS.leftBodiesIntervalMs), min: '1s', max: '1d', describe: 'How often bodies are removed that an interrupted upload or removal has left.' }),
  strayBodiesInterval: duration({ default: formatDuration(DEFAULT_OPTIONS.strayBodiesIntervalMs), min: '1m', max: '30d', describe: 'How often all bodies are compared with the records, and those without one removed.' }),
});

export const xftpLimits = section('Bounds on what clients of the file server can use up. Limits by address are never logged.', {
  connections: integer({ default: DEFAULT_LIMITS.connections, min: 1, max: MANY, unit: 'connections', describe: 'Connections open at once, all ports together.' }),
  connectionsPerAddress: integer({ default: DEFAULT_LIMITS.connectionsPerAddress, min: 1, max: MANY, unit: 'connections', describe: 'Connections open at once from one IPv4 address or IPv6 /64; mobile operators put thousands of phones behind one.' }),
  newConnectionsPerMinutePerAddress: integer({ default: DEFAULT_LIMITS.newPerMinutePerAddress, min: 1, max: MANY, unit: 'connections', describe: 'New connections a minute from one IPv4 address or IPv6 /64.' }),
  handshakes: integer({ default: DEFAULT_LIMITS.handshakes, min: 1, max: MANY, unit: 'connections', describe: 'TLS handshakes in flight.' }),
  tlsTimeout: duration({ default: '10s', min: '1s', max: '5m', describe: 'Time for the TLS handshake, and for a PROXY header before it.' }),
  firstRequestTimeout: duration({ default: formatDuration(DEFAULT_HTTP_LIMITS.firstRequestTimeoutMs), min: '1s', max: '5m', describe: 'Time for the first request of a connection.' }),
  requests: integer({ default: DEFAULT_HTTP_LIMITS.requests, min: 1, max: MANY, unit: 'requests', describe: 'Requests under way, all connections together.' }),
  requestsPerAddress: integer({ default: DEFAULT_HTTP_LIMITS.requestsPerAddress, min: 1, max: MANY, unit: 'requests', describe: 'Requests under way from one IPv4 address or IPv6 /64.' }),
  requestsPerConnection: integer({ default: DEFAULT_HTTP_LIMITS.requestsPerConnection, min: 1, max: 1024, unit: 'requests', describe: 'Requests under way in one connection.' }),
  uploads: integer({ default: DEFAULT_OPTIONS.uploads, min: 1, max: MANY, unit: 'uploads', describe: 'Uploads at once; more wait in line.' }),
  downloads: integer({ default: DEFAULT_OPTIONS.downloads, min: 1, max: MANY, unit: 'downloads', describe: 'Downloads at once; more wait in line.' }),
  transfersPerAddress: integer({ default: DEFAULT_OPTIONS.transfersPerAddress, min: 1, max: MANY, unit: 'transfers', describe: 'Uploads, and as many downloads, at once from one IPv4 address or IPv6 /64.' }),
  transfersPerConnection: integer({ default: DEFAULT_OPTIONS.transfersPerConnection, min: 1, max: 1024, unit: 'transfers', describe: 'Uploads, and as many downloads, at once in one connection.' }),
  newFilesPerMinute: integer({ default: DEFAULT_OPTIONS.newFilesPerMinute, min: 0, max: MANY, unit: 'commands; 0: no limit', describe: 'Commands a minute that create files or add recipients, all clients together.' }),
  newFilesPerMinutePerAddress: integer({ default: DEFAULT_OPTIONS.newFilesPerMinutePerAddress, min: 0, max: MANY, unit: 'commands; 0: no limit', describe: 'Such commands a minute from one IPv4 address or IPv6 /64.' }),
  commandTimeout: duration({ default: formatDuration(DEFAULT_OPTIONS.blockTimeoutMs), min: '1s', max: '5m', describe: 'Time for the command at the beginning of a request.' }),
  uploadTimeout: duration({ default: formatDuration(DEFAULT_OPTIONS.uploadTimeoutMs), min: '10s', max: '1h', describe: 'Time for a whole upload, of 4 MiB at most.' }),
  downloadTimeout: duration({ default: formatDuration(DEFAULT_HTTP_LIMITS.sendTimeoutMs), min: '10s', max: '6h', describe: 'Time for a whole download.' }),
  stallTimeout: duration({ default: formatDuration(DEFAULT_HTTP_LIMITS.stallTimeoutMs), min: '5s', max: '10m', describe: 'A transfer in which nothing moves for so long is broken off.' }),
  drainTransfers: duration({ default: formatDuration(DEFAULT_OPTIONS.drainTransfersMs), min: '0', max: '10m', describe: 'How long a stop waits for transfers under way, after `shutdown.drainTimeout`; clients repeat what is cut off.' }),
});

export const xftpInactiveClients = section('Connections to the file server that ask for nothing.', {
  disconnect: toggle({ default: true, describe: 'Whether they are closed.' }),
  expireAfter: duration({ default: formatDuration(DEFAULT_OPTIONS.inactiveTtlMs), min: '1m', max: '30d', describe: 'How long they may be silent.' }),
  checkInterval: duration({ default: formatDuration(DEFAULT_OPTIONS.inactiveCheckMs), min: '1s', max: '1d', describe: 'How often they are looked for.' }),
});
