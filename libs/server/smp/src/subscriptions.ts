/**
 * What one session is subscribed to (SMP §6.3). Only one message of a queue is unacknowledged at a time: a queue
 * whose `delivered` is set gets nothing more until its ACK. Owned by the session; the store knows the other half.
 */
import { idKey, type IdKey } from '@polyplex/base';
import type { NotifierRef } from '@polyplex/store-contract';

export interface Subscription {
  readonly kind: 'SUB' | 'GET';
  /** Id of the message that waits for its ACK. */
  delivered: IdKey | null;
  /** False until the answer to SUB is on its way: nothing is pushed before it. */
  answered: boolean;
}

export class Subscriptions {
  private readonly queues = new Map<IdKey, Subscription>();
  private notifiers: Set<IdKey> | null = null;
  /** Queues where messages may wait; looked at when the connection has room. */
  readonly wakes = new Set<IdKey>();
  /** Notifiers with notifications to flush, by their ids. */
  readonly notifierWakes = new Map<IdKey, NotifierRef>();
  service = false;
  subscribed = 0;

  get(queue: IdKey): Subscription | undefined {
    return this.queues.get(queue);
  }

  set(queue: IdKey, kind: Subscription['kind'], answered = true): Subscription {
    const subscription: Subscription = { kind, delivered: null, answered };
    this.put(queue, subscription);
    return subscription;
  }

  /** Puts back what a step that did not happen had replaced. */
  put(queue: IdKey, subscription: Subscription | undefined): void {
    if (this.queues.get(queue)?.kind === 'SUB') this.subscribed--;
    if (subscription === undefined) this.queues.delete(queue);
    else this.queues.set(queue, subscription);
    if (subscription?.kind === 'SUB') this.subscribed++;
  }

  delete(queue: IdKey): void {
    if (this.queues.get(queue)?.kind === 'SUB') this.subscribed--;
    this.queues.delete(queue);
    this.wakes.delete(queue);
  }

  addNotifier(notifier: IdKey): void {
    this.notifiers ??= new Set();
    this.notifiers.add(notifier);
  }

  wakeNotifier(notifier: NotifierRef): void {
    this.notifierWakes.set(idKey(notifier.notifierId), notifier);
  }

  deleteNotifier(notifier: IdKey): void {
    this.notifiers?.delete(notifier);
    this.notifierWakes.delete(notifier);
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
