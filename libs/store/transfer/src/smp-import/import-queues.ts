/**
 * Services and queues of an old server into a store. Each comes as a whole or not at all, and what is there already is
 * passed over: so an import that ended anywhere is run again.
 */
import type { Transfer, Written } from '@polyplex/store-contract';
import type { OldServer } from './queue-source.ts';
import { type QueueWalk, walkQueues } from './walk-queues.ts';

type Writing = Pick<Transfer, 'writeQueue' | 'writeService'>;

export type QueueOutcome = Written['status'];

export interface QueueImport extends QueueWalk<QueueOutcome> {
  /** Called for each service. */
  readonly onService: (outcome: QueueOutcome) => void;
}

/** Rejects with the `StoreError` that ended it; what was written by then stays. */
export async function importQueues(store: Writing, server: OldServer, options: QueueImport): Promise<void> {
  for (const service of server.queues.allServices()) options.onService((await store.writeService(service)).status);
  await walkQueues(server, options, async ({ queue }) => (await store.writeQueue(queue)).status);
}

/** Reads all that an import would write. */
export async function checkQueues(server: OldServer, options: QueueWalk<'right'>): Promise<void> {
  await walkQueues(server, options, async () => Promise.resolve('right' as const));
}
