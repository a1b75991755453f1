/** From the operator's words to the options of the file server. */
import type { XftpServerOptions } from '@polyplex/server-xftp';
import type { XftpConfig } from './xftp-config.ts';

/** `password`: of the password file, already read; null for none. */
export function serverOptions(config: XftpConfig, password: string | null): XftpServerOptions {
  const { xftpAccess, xftpFiles, xftpLimits, xftpStorage, xftpInactiveClients } = config;
  return {
    newFiles: xftpAccess.newFiles,
    password,
    newFilesPerMinute: xftpLimits.newFilesPerMinute,
    newFilesPerMinutePerAddress: xftpLimits.newFilesPerMinutePerAddress,
    quota: xftpStorage.quota,
    fileTtlMs: xftpFiles.expireAfter,
    expireIntervalMs: xftpFiles.expiryInterval,
    leftBodiesIntervalMs: xftpFiles.leftBodiesInterval,
    strayBodiesIntervalMs: xftpFiles.strayBodiesInterval,
    // Nodes that share a bucket would all list it whenever one of them starts.
    strayBodiesOnStart: xftpStorage.engine === 'embedded',
    blockTimeoutMs: xftpLimits.commandTimeout,
    uploadTimeoutMs: xftpLimits.uploadTimeout,
    uploads: xftpLimits.uploads,
    downloads: xftpLimits.downloads,
    transfersPerAddress: xftpLimits.transfersPerAddress,
    transfersPerConnection: xftpLimits.transfersPerConnection,
    inactiveTtlMs: xftpInactiveClients.disconnect ? xftpInactiveClients.expireAfter : 0,
    inactiveCheckMs: xftpInactiveClients.checkInterval,
    drainMs: config.shutdown.drainTimeout,
    drainTransfersMs: xftpLimits.drainTransfers,
  };
}
