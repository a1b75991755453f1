/**
 * What one session is subscribed to (SMP §6.3). Only one message of a queue is unacknowledged at a time: a queue
 * whose `delivered` is set gets nothing more until its ACK. Owned by the session; the store knows the other half.
 */
import { idKey, type IdKey } from '@polyplex/base';
import type { SmpReply } from '@polyplex/protocol-smp';
import type { NotifierRef } from '@polyplex/store-contract';
import type { PendingDeliveries } from './pending-deliveries.ts';

export interface Subscription {
  readonly kind: 'SUB' | 'GET';
  /** Id of the message that waits for its ACK; see `Subscriptions.deliver`. */
  delivered: IdKey | null;
  /** When it was sent, in milliseconds of the clock. */
  deliveredAt: number;
  /** Differs after each ACK, and from that of any other subscription: what the store read for one before is out of date. */
  reader: number;
  /** False until the answer to SUB is on its way: nothing is pushed before it. */
  answered: boolean;
  /** The end that was heard until then, of this subscription or of the one before: nobody knows yet. */
  ended: SmpReply | null;
}

/** What waits for room, and is taken out of there. */
interface Waiting<V> {
  readonly size: number;
  has(key: IdKey): boolean;
  entries(): Iterable<[IdKey, V]>;
  delete(key: IdKey): boolean;
}

const NOTHING: Waiting<never> = new Map<IdKey, never>();

/** Each collection is made when there is something for it: most connections have none of most. */
export class Subscriptions {
  private queues: Map<IdKey, Subscription> | null = null;
  private notifiers: Set<IdKey> | null = null;
  private wakeSet: Set<IdKey> | null = null;
  private notifierWakeMap: Map<IdKey, NotifierRef> | null = null;
  service = false;
  /** How many queues its service subscribed by NSUBS; null before that and when another session has taken them. */
  serviceQueues: number | null = null;
  subscribed = 0;
  /** Messages that wait for their ACK. */
  unacknowledged = 0;
  private readers = 0;
  private closed = false;
  private readonly pending: PendingDeliveries;

  /** `pending`: of all sessions. */
  constructor(pending: PendingDeliveries) {
    this.pending = pending;
  }

  /** Queues where messages may wait; looked at when the connection has room. */
  get wakes(): Waiting<IdKey> {
    return this.wakeSet ?? NOTHING;
  }

  /** Notifiers with notifications to flush, by their ids. */
  get notifierWakes(): Waiting<NotifierRef> {
    return this.notifierWakeMap ?? NOTHING;
  }

  get(queue: IdKey): Subscription | undefined {
    return this.queues?.get(queue);
  }

  set(queue: IdKey, kind: Subscription['kind'], answered = true): Subscription {
    const subscription: Subscription = { kind, delivered: null, deliveredAt: 0, reader: this.readers++, answered, ended: null };
    this.put(queue, subscription);
    return subscription;
  }

  /** Puts back what a step that did not happen had replaced. */
  put(queue: IdKey, subscription: Subscription | undefined): void {
    const before = this.get(queue);
    if (before?.kind === 'SUB') this.subscribed--;
    this.countDelivered(before, -1);
    if (subscription === undefined) this.queues?.delete(queue);
    else (this.queues ??= new Map()).set(queue, subscription);
    if (subscription?.kind === 'SUB') this.subscribed++;
    this.countDelivered(subscription, 1);
  }

  readerOf(queue: IdKey): number | undefined {
    return this.get(queue)?.reader;
  }

  /** A message is on its way, or after all not acknowledged; none was before. */
  deliver(queue: IdKey, subscription: Subscription, msgId: IdKey, at: number): void {
    subscription.delivered = msgId;
    subscription.deliveredAt = at;
    if (this.get(queue) === subscription) this.countDelivered(subscription, 1);
  }

  /** Its message is acknowledged: nothing read before shall be delivered. */
  acknowledge(queue: IdKey, subscription: Subscription): void {
    if (this.get(queue) === subscription) this.countDelivered(subscription, -1);
    subscription.delivered = null;
    subscription.reader = this.readers++;
  }

  delete(queue: IdKey): void {
    this.put(queue, undefined);
    this.wakeSet?.delete(queue);
  }

  /** Messages may wait in the queue. */
  wake(queue: IdKey): void {
    (this.wakeSet ??= new Set()).add(queue);
  }

  /** The session is over: what it was given will not be acknowledged. */
  close(): void {
    if (this.unacknowledged > 0) for (const subscription of this.queues?.values() ?? []) this.countDelivered(subscription, -1);
    this.closed = true;
  }

  private countDelivered(subscription: Subscription | undefined, by: 1 | -1): void {
    if (this.closed || subscription === undefined || subscription.delivered === null) return;
    this.unacknowledged += by;
    if (by === 1) this.pending.begin(subscription.deliveredAt);
    else this.pending.end(subscription.deliveredAt);
  }

  addNotifier(notifier: IdKey): void {
    this.notifiers ??= new Set();
    this.notifiers.add(notifier);
  }

  wakeNotifier(notifier: NotifierRef): void {
    (this.notifierWakeMap ??= new Map()).set(idKey(notifier.notifierId), notifier);
  }

  deleteNotifier(notifier: IdKey): void {
    this.notifiers?.delete(notifier);
    this.notifierWakeMap?.delete(notifier);
  }

  hasNotifier(notifier: IdKey): boolean {
    return this.notifiers?.has(notifier) ?? false;
  }

  get notifierCount(): number {
    return this.notifiers?.size ?? 0;
  }

  /** Connections with subscriptions are never closed for inactivity (SMP §8.4). */
  get any(): boolean {
    return this.subscribed > 0 || this.notifierCount > 0 || this.service;
  }
}
