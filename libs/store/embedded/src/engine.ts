/**
 * What all steps share: the tables, the write queue, the counters, the subscriptions in memory, and the way in which a
 * step meets its queue (the revision check of the contract).
 */
import { copyBytes, idKey, type IdKey } from '@polyplex/base';
import { decodeValue, encodeValue, storeError } from '@polyplex/store-common';
import type { Logger } from '@polyplex/telemetry';
import { type Item, type QueueRecord, type QueueRef, type Stale, StoreError, type StoreListener } from '@polyplex/store-contract';
import type { RootDatabase } from 'lmdb';
import type { Counters } from './counters.ts';
import { asStoreError } from './store-failure.ts';
import type { SubscriptionPlan } from './subscription-plan.ts';
import type { SubscriptionTable } from './subscription-table.ts';
import type { Tables } from './tables.ts';
import { type Credentials, credentials, type QueueRow } from './value-formats.ts';
import type { Finish, WriteQueue } from './write-queue.ts';

export interface Engine {
  readonly tables: Tables;
  readonly writes: WriteQueue;
  readonly counters: Counters;
  readonly subscriptions: SubscriptionTable;
  readonly plan: SubscriptionPlan;
  readonly log: Logger;
  /** Tells the operator, once, that a row could not be read and was passed over. */
  readonly reportDamage: () => void;
  listener: StoreListener;
}

/** What reads need of any of the engines here. */
export interface Serving {
  readonly tables: { readonly root: RootDatabase };
  readonly writes: WriteQueue;
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
export function stale(recipientId: Uint8Array, row: QueueRow | null): Finish<Stale> {
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
  work: (row: QueueRow, recipientId: Uint8Array, key: IdKey) => Finish<T>,
): Promise<T | Stale> {
  // Of what was given, which native code reads without having to move it first.
  const key = idKey(ref.recipientId);
  // The caller may reuse its arguments as soon as the call returns.
  const recipientId = copyBytes(ref.recipientId);
  const { revision } = ref;
  return engine.writes.run<T | Stale>(
    () => {
      const row = engine.tables.queues.get(recipientId);
      return row === null || row.revision !== revision ? stale(recipientId, row) : work(row, recipientId, key);
    },
    { queues: [key], frees: kind === 'frees' },
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
 * A read in its place among the steps on this queue: at once when none of them is under way, else behind them. `work`
 * is as a step's, but writes nothing.
 */
export function inOrder<T>(engine: Engine, given: Uint8Array, work: (recipientId: Uint8Array) => Finish<T>): Promise<T> {
  return guarded(engine, () => {
    if (!engine.writes.isBusy(given)) return Promise.resolve(work(given)());
    const recipientId = copyBytes(given);
    return engine.writes.run(() => work(recipientId), { queues: [idKey(given)], frees: true });
  });
}

/** A list of steps, each on its own queue. */
export interface ItemSteps<I, T> {
  /** For an item on a queue that no step is under way on; null when it has to write. */
  readonly atOnce: (item: I) => Finish<T> | null;
  /** As a step's. */
  readonly work: (item: I) => Finish<T>;
  /** A copy: the caller may reuse its arguments while steps wait. */
  readonly keep: (item: I) => I;
}

/** Each item as `inOrder` by itself; one that fails is answered by its error. */
export function eachInOrder<I extends { readonly recipientId: Uint8Array }, T>(
  engine: Engine, items: readonly I[], { atOnce, work, keep }: ItemSteps<I, T>,
): Promise<readonly Item<T>[]> {
  if (engine.writes.state !== null) return Promise.reject(engine.writes.state);
  const waiting: Promise<void>[] = [];
  const results = new Array<Item<T>>(items.length);
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!;
    const finish = engine.writes.isBusy(item.recipientId) ? null : attempt(engine, atOnce, item);
    if (finish !== null) {
      results[i] = typeof finish === 'function' ? finish() : finish;
      continue;
    }
    const kept = keep(item);
    waiting.push(engine.writes.run(() => work(kept), { queues: [idKey(kept.recipientId)], frees: true }).then(
      (value) => void (results[i] = value), (error: unknown) => void (results[i] = asStoreError(error)),
    ));
  }
  return waiting.length === 0 ? Promise.resolve(results) : Promise.all(waiting).then(() => results);
}

/** A read of the committed state. */
export function now<T>(engine: Serving, read: () => T): Promise<T> {
  return guarded(engine, () => Promise.resolve(read()));
}

/** A read of the committed state outside of any step; what it throws is answered. */
export function attempt<T>(engine: Serving, read: () => T): Item<T>;
export function attempt<T, A>(engine: Serving, read: (argument: A) => T, argument: A): Item<T>;
export function attempt<T, A>(engine: Serving, read: (argument?: A) => T, argument?: A): Item<T> {
  try {
    return read(argument);
  } catch (error) {
    // Where a page is damaged, LMDB refuses all further reads of this snapshot.
    engine.tables.root.resetReadTxn();
    return asStoreError(error);
  }
}

/** Calls `start` while the store serves; what it throws becomes a rejection. */
export function guarded<T>(engine: Serving, start: () => Promise<T>): Promise<T> {
  if (engine.writes.state !== null) return Promise.reject(engine.writes.state);
  const started = attempt(engine, start);
  return started instanceof StoreError ? Promise.reject(started) : started;
}

/** A row that another row says must exist. */
export function present<T>(value: T | null): T {
  if (value === null) throw storeError('DAMAGED');
  return value;
}
