/**
 * What all steps share: the tables, the write queue, the counters, the subscriptions in memory, and the way in which a
 * step meets its queue (the revision check of the contract).
 */
import { copyBytes } from '@polyplex/base';
import type { Logger } from '@polyplex/telemetry';
import type { QueueRecord, QueueRef, Stale, StoreListener } from '@polyplex/store-contract';
import type { Counters } from './counters.ts';
import { asStoreError, storeError } from './store-failure.ts';
import { SubscriptionTable } from './subscription-table.ts';
import type { Tables } from './tables.ts';
import { type Credentials, credentials, decodeValue, encodeValue, type QueueRow } from './value-formats.ts';
import type { Finish, WriteQueue } from './write-queue.ts';

export interface Engine {
  readonly tables: Tables;
  readonly writes: WriteQueue;
  readonly counters: Counters;
  readonly subscriptions: SubscriptionTable;
  readonly log: Logger;
  listener: StoreListener;
}

export type StepKind = 'grows' | 'frees';

/** A queue as found in the tables. */
export interface FoundQueue {
  readonly row: QueueRow;
  readonly record: QueueRecord;
}

export function recordOf(recipientId: Uint8Array, row: QueueRow): QueueRecord {
  const held: Credentials = decodeValue(credentials, row.credentials);
  return { recipientId, ...held, usedDay: row.usedDay, revision: row.revision };
}

export function credentialsOf(record: Credentials): Uint8Array {
  return encodeValue(credentials, record);
}

export function findQueue(engine: Engine, recipientId: Uint8Array): FoundQueue | null {
  const row = engine.tables.queues.get(recipientId);
  return row === null ? null : { row, record: recordOf(copyBytes(recipientId), row) };
}

/** Answers `stale` with the queue as it is now. */
function stale(recipientId: Uint8Array, row: QueueRow | null): Finish<Stale> {
  const queue = row === null ? null : recordOf(copyBytes(recipientId), row);
  return () => ({ status: 'stale', queue });
}

/** The same answer, whatever else happens after the commit. */
export function answer<T>(value: T): Finish<T> {
  return () => value;
}

/** One durable step on the queue in the state that authorised it. */
export function onQueue<T>(
  engine: Engine,
  ref: QueueRef,
  kind: StepKind,
  work: (row: QueueRow, recipientId: Uint8Array) => Finish<T>,
): Promise<T | Stale> {
  // The caller may reuse its arguments as soon as the call returns.
  const recipientId = copyBytes(ref.recipientId);
  const { revision } = ref;
  return engine.writes.run<T | Stale>(
    () => {
      const row = engine.tables.queues.get(recipientId);
      return row === null || row.revision !== revision ? stale(recipientId, row) : work(row, recipientId);
    },
    { queues: [recipientId], frees: kind === 'frees' },
  );
}

/** Writes changed credentials under the next revision, and counts the change. */
export function changeQueue(engine: Engine, row: QueueRow, before: QueueRecord, change: Partial<Credentials>): QueueRecord {
  const after: QueueRecord = { ...before, ...change, revision: row.revision + 1 };
  engine.tables.queues.put(before.recipientId, { ...row, revision: after.revision, credentials: credentialsOf(after) });
  engine.counters.replace(before, after);
  return after;
}

/**
 * A read in its place among the steps on these queues: at once when none of them is under way, else behind them.
 * `work` is as a step's, but writes nothing unless `writes` says so beforehand.
 */
export function inOrder<T>(
  engine: Engine, recipientIds: readonly Uint8Array[], work: (ids: readonly Uint8Array[]) => Finish<T>, writes = () => false,
): Promise<T> {
  return guarded(engine, () => {
    const busy = recipientIds.some((id) => engine.writes.isBusy(id));
    if (!busy && !writes()) return Promise.resolve(work(recipientIds)());
    const ids = recipientIds.map(copyBytes);
    return engine.writes.run(() => work(ids), { queues: ids, frees: true });
  });
}

/** A read of the committed state. */
export function now<T>(engine: Engine, read: () => T): Promise<T> {
  return guarded(engine, () => Promise.resolve(read()));
}

/** Calls `start` while the store serves; what it throws becomes a rejection. */
export function guarded<T>(engine: Engine, start: () => Promise<T>): Promise<T> {
  if (engine.writes.state !== null) return Promise.reject(engine.writes.state);
  try {
    return start();
  } catch (error) {
    return Promise.reject(asStoreError(error));
  }
}

/** A row that another row says must exist. */
export function present<T>(value: T | null): T {
  if (value === null) throw storeError('DAMAGED');
  return value;
}
