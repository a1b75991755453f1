/** Any failure of the store or of our own becomes an answer here, and only here. */
import { errorReply, type NtfReply } from '@polyplex/protocol-ntf';
import { StoreError } from '@polyplex/store-contract';
import type { PushProxy } from './context.ts';

export const INTERNAL = errorReply({ type: 'INTERNAL' });

/** Counted, never sent. Apps take ERR STORE for the last word; after silence they try again. */
export const UNANSWERED = errorReply({ type: 'STORE', text: 'UNAVAILABLE' });

export function failure({ log, stats }: PushProxy, error: unknown): NtfReply {
  if (error instanceof StoreError) {
    log.error('store failed', { code: error.code });
    return error.code === 'UNAVAILABLE' ? UNANSWERED : errorReply({ type: 'STORE', text: error.code });
  }
  stats.internalErrors.add();
  log.error('command failed', { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  return INTERNAL;
}
