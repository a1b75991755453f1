/**
 * The counts of the whole store. They change in memory during a group of steps and are written with it; when the group
 * fails they fall back to what is stored. Reading them costs nothing.
 */
import { equalBytes } from '@polyplex/base';
import type { QueueRecord, StoreCounts } from '@polyplex/store-contract';
import { serviceKey } from './keys.ts';
import type { Tables } from './tables.ts';

const COUNTS_KEY = new Uint8Array([1]);

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const ZERO: StoreCounts = {
  queues: 0,
  securedQueues: 0,
  messages: 0,
  notifiers: 0,
  notifications: 0,
  recipientServices: 0,
  recipientServiceQueues: 0,
  notifierServices: 0,
  notifierServiceQueues: 0,
  proxyServices: 0,
};

export class Counters {
  private readonly tables: Tables;
  private stored: StoreCounts;
  private working: Mutable<StoreCounts>;
  private changed = false;

  constructor(tables: Tables) {
    this.tables = tables;
    this.stored = tables.counts.get(COUNTS_KEY) ?? ZERO;
    this.working = { ...this.stored };
  }

  /** As of the last commit. */
  get committed(): StoreCounts {
    return this.stored;
  }

  begin(): void {
    if (this.changed) this.working = { ...this.stored };
    this.changed = false;
  }

  beforeCommit(): void {
    if (this.changed) this.tables.counts.put(COUNTS_KEY, this.working);
  }

  groupCommitted(): void {
    if (this.changed) this.stored = { ...this.working };
    this.changed = false;
  }

  add(name: keyof StoreCounts, difference: number): void {
    if (difference === 0) return;
    this.working[name] = Math.max(0, this.working[name] + difference);
    this.changed = true;
  }

  /** Counts a queue that is new (`before` null), changed, or gone (`after` null). */
  replace(before: QueueRecord | null, after: QueueRecord | null): void {
    const difference = (holds: (queue: QueueRecord) => boolean): number =>
      Number(after !== null && holds(after)) - Number(before !== null && holds(before));
    this.add('queues', difference(() => true));
    this.add('securedQueues', difference((queue) => queue.senderKey !== null));
    this.add('notifiers', difference((queue) => queue.notifier !== null));
    const move = (role: 'M' | 'N', serviceOf: (queue: QueueRecord) => Uint8Array | null): void =>
      this.associate(role, before && serviceOf(before), after && serviceOf(after));
    move('M', (queue) => queue.serviceId);
    move('N', (queue) => queue.notifier?.serviceId ?? null);
  }

  /** Services of all roles, those of this group included. */
  get services(): number {
    return this.working.recipientServices + this.working.notifierServices + this.working.proxyServices;
  }

  /** How many queues a service is associated with. */
  ofService(role: 'M' | 'N', serviceId: Uint8Array): number {
    return this.tables.serviceQueues.get(serviceKey(role, serviceId)) ?? 0;
  }

  private associate(role: 'M' | 'N', before: Uint8Array | null, after: Uint8Array | null): void {
    if (before === after || (before !== null && after !== null && equalBytes(before, after))) return;
    if (before !== null) this.addToService(role, before, -1);
    if (after !== null) this.addToService(role, after, 1);
  }

  private addToService(role: 'M' | 'N', serviceId: Uint8Array, difference: number): void {
    const count = Math.max(0, this.ofService(role, serviceId) + difference);
    const key = serviceKey(role, serviceId);
    if (count === 0) this.tables.serviceQueues.remove(key);
    else this.tables.serviceQueues.put(key, count);
    this.add(role === 'M' ? 'recipientServiceQueues' : 'notifierServiceQueues', difference);
  }
}
