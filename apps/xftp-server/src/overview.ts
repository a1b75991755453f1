/** What a file server tells of itself (XFTP §7.3, §7.4): numbers that it keeps in any case, and the bounds that hold. */
import { commonCounters, type Counters, type Gauges, type Limit, limitRow, type NodeTold } from '@polyplex/node';
import type { XftpServer } from '@polyplex/server-xftp';
import type { ChunkStore, FileStore } from '@polyplex/store-contract';
import type { Http2Listener } from '@polyplex/transport-http2';
import type { XftpConfig } from './config/xftp-config.ts';

export interface OverviewParts {
  readonly config: XftpConfig;
  readonly server: XftpServer;
  readonly files: FileStore;
  readonly chunks: ChunkStore;
  readonly listener: Http2Listener;
}

export function fileServerOverview({ config, server, files, chunks, listener }: OverviewParts): NodeTold {
  return {
    counters: () => ({ ...commonCounters(server, listener), ...counters(server) }),
    gauges: () => gauges(server, listener, config),
    stored: () => stored(files),
    // Of records alone: how long a body takes is a matter of its size.
    distributions: () => ({ command: [...server.stats.commandSeconds.values.values()], store: [...files.facts().seconds.values()] }),
    stores: [
      { name: 'files', facts: () => files.facts(), room: () => Promise.resolve(null), check: () => files.check() },
      { name: 'bodies', facts: () => chunks.facts(), room: () => chunks.room(), check: () => chunks.check() },
    ],
    limits: (used) => limits(config, used, listener),
  };
}

function counters({ stats }: XftpServer): Counters {
  return {
    filesCreated: stats.filesCreated.value,
    filesUploaded: stats.filesUploaded.value,
    filesExpired: stats.filesExpired.value,
    filesDeleted: stats.filesDeleted.value,
    fileDownloads: stats.fileDownloads.value,
    bytesUploaded: stats.bytesUploaded.value,
    bytesDownloaded: stats.bytesDownloaded.value,
    storeErrors: stats.storeFailures.value,
  };
}

function gauges(server: XftpServer, { connections, sockets, requests }: Http2Listener, { xftpStorage }: XftpConfig): Gauges {
  const { uploads, downloads, waiting } = server.gauges();
  return {
    connections: connections.size, handshakes: sockets.handshakes, requests, uploads, downloads, transfersWaiting: waiting, quotaBytes: xftpStorage.quota,
  };
}

async function stored(store: FileStore): Promise<Gauges> {
  const { files, bytes } = await store.usage();
  return { files, fileBytes: bytes };
}

/** Those by address or connection are bounds on one client, so that nothing can be said of their use. */
function limits({ xftpLimits: bounds, xftpStorage }: XftpConfig, used: Gauges, { sockets }: Http2Listener): Limit[] {
  return [
    ...limitRow('xftpLimits.connections', bounds.connections, sockets.open),
    ...limitRow('xftpLimits.handshakes', bounds.handshakes, used.handshakes),
    ...limitRow('xftpLimits.requests', bounds.requests, used.requests),
    ...limitRow('xftpLimits.uploads', bounds.uploads, used.uploads),
    ...limitRow('xftpLimits.downloads', bounds.downloads, used.downloads),
    ...limitRow('xftpStorage.quota', xftpStorage.quota, used.fileBytes, 'bytes'),
    ...limitRow('xftpStorage.reserve', xftpStorage.engine === 'embedded' ? xftpStorage.reserve : null, null, 'bytes'),
    ...limitRow('xftpLimits.connectionsPerAddress', bounds.connectionsPerAddress, null),
    ...limitRow('xftpLimits.newConnectionsPerMinutePerAddress', bounds.newConnectionsPerMinutePerAddress, null),
    ...limitRow('xftpLimits.requestsPerAddress', bounds.requestsPerAddress, null),
    ...limitRow('xftpLimits.requestsPerConnection', bounds.requestsPerConnection, null),
    ...limitRow('xftpLimits.transfersPerAddress', bounds.transfersPerAddress, null),
    ...limitRow('xftpLimits.transfersPerConnection', bounds.transfersPerConnection, null),
    ...limitRow('xftpLimits.newFilesPerMinute', bounds.newFilesPerMinute || null, null),
    ...limitRow('xftpLimits.newFilesPerMinutePerAddress', bounds.newFilesPerMinutePerAddress || null, null),
  ];
}
