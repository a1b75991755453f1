/** Any failure of the store or of our own becomes an answer here, and only here. */
import { errorReply, type SmpReply } from '@polyplex/protocol-smp';
import { StoreError } from '@polyplex/store-contract';
import type { Relay } from './context.ts';

export const INTERNAL = errorReply({ type: 'INTERNAL' });

/**
 * Counted, never sent. Apps take ERR STORE for the last word: a message is given up, a queue not subscribed again. After silence they
 * try again, as after a lost connection.
 */
export const UNANSWERED = errorReply({ type: 'STORE', text: 'UNAVAILABLE' });

export function failure(relay: Relay, error: unknown): SmpReply {
  if (error instanceof StoreError) {
    relay.log.error('store failed', { code: error.code });
    return error.code === 'UNAVAILABLE' ? UNANSWERED : errorReply({ type: 'STORE', text: error.code });
  }
  relay.stats.internalErrors.add();
  relay.log.error('command failed', { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  return INTERNAL;
}
