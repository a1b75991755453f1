/** Any failure of the store or of our own becomes an answer here, and only here. */
import { errorReply, type XftpReply } from '@polyplex/protocol-xftp';
import { StoreError } from '@polyplex/store-contract';
import type { FileServer } from './context.ts';

export const INTERNAL = errorReply({ type: 'INTERNAL' });

/** Apps take any other error for the last word on a transfer; after this one they try again. */
const TRY_AGAIN = errorReply({ type: 'TIMEOUT' });

export function failure(server: FileServer, error: unknown): XftpReply {
  if (error instanceof StoreError) {
    server.stats.storeFailures.add();
    server.log.error('store failed', { code: error.code });
    return error.code === 'UNAVAILABLE' ? TRY_AGAIN : INTERNAL;
  }
  server.stats.internalErrors.add();
  server.log.error('command failed', { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  return INTERNAL;
}
