/** Any failure of the store or of our own becomes an answer here, and only here. */
import { errorReply, type XftpError, type XftpReply } from '@polyplex/protocol-xftp';
import { StoreError } from '@polyplex/store-contract';
import type { FileServer } from './context.ts';

export const INTERNAL = errorReply({ type: 'INTERNAL' });

/**
 * A store failed a command: `otherwise`, but TIMEOUT while it cannot be reached. Apps take any other error for the last word on a
 * transfer; after this one they try again.
 */
export function storeFailure({ stats, log }: FileServer, { code }: StoreError, what: string, otherwise: 'INTERNAL' | 'FILE_IO'): XftpError {
  stats.storeFailures.add();
  log.error(what, { code });
  return { type: code === 'UNAVAILABLE' ? 'TIMEOUT' : otherwise };
}

export function failure(server: FileServer, error: unknown): XftpReply {
  if (error instanceof StoreError) return errorReply(storeFailure(server, error, 'store failed', 'INTERNAL'));
  server.stats.internalErrors.add();
  server.log.error('command failed', { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  return INTERNAL;
}
