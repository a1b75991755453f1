/**
 * Moving all that a store keeps into another one, of any engine: a walk that reads it, and steps that write it. What
 * connections subscribed to is not moved.
 *
 * A walk begins with the cursor null and goes on with the cursor of the page before, until that is null. Whatever is there
 * from the first page to the last is read, at least once: an engine may give it twice. What comes or goes meanwhile is
 * read or not. Each queue is read as it was at one moment, which is another for each.
 *
 * A cursor is text of the engine's own and outlives the process: a walk may go on after a restart. An engine that cannot
 * go on from one, because its data lies in other places now, rejects with `FAILED`. A page has about `limit` items: fewer
 * where they are large (some MiB a page, but for a single queue that is larger), perhaps none although more pages follow.
 * What cannot be read is answered by its error, and the walk goes on.
 *
 * Writing is one atomic step for each queue or service, and safe to repeat: a queue that a crash left half-written is not
 * seen, and is written by the next try. Any number may be under way at once.
 */
import type { LinkData, Message, Notification, QueueRecord, ServiceRecord } from './queue-record.ts';
import type { Item } from './store-error.ts';

/** A queue with all that belongs to it. */
export interface StoredQueue {
  readonly record: QueueRecord;
  /** Not null exactly where the record has a link id. */
  readonly link: LinkData | null;
  /** From the head on; a marker can only be the last one. */
  readonly messages: readonly Message[];
  /** Those that wait for the record's notifier, oldest first; none without a notifier. */
  readonly notifications: readonly Notification[];
  /** The id by which a repeated `append` of the last message is known; empty when no message would be. */
  readonly lastId: Uint8Array;
}

export interface QueuePage {
  readonly queues: readonly Item<StoredQueue>[];
  /** Where to go on; null when the walk is through. */
  readonly cursor: string | null;
}

export interface ServicePage {
  readonly services: readonly Item<ServiceRecord>[];
  readonly cursor: string | null;
}

/**
 * `present`: it is there already, whatever has become of it since, and nothing changed. `collision`: another one has one
 * of its ids, and nothing changed.
 */
export interface Written {
  readonly status: 'written' | 'present' | 'collision';
}

export interface Transfer {
  readQueues(cursor: string | null, limit: number): Promise<QueuePage>;
  readServices(cursor: string | null, limit: number): Promise<ServicePage>;
  /**
   * Writes a queue as it was read: revision, day of last use and association with services included. `present` when a
   * queue with the same recipient id, sender id and secret is there. An engine that keeps only the newest notifications of
   * a notifier writes only those. Rejects with `FAILED` what is not a whole queue, as `StoredQueue` describes it.
   */
  writeQueue(queue: StoredQueue): Promise<Written>;
  /**
   * Writes a service, however many there are. `present` when the same id and role are registered for its certificate;
   * `collision` when others are.
   */
  writeService(service: ServiceRecord): Promise<Written>;
}
