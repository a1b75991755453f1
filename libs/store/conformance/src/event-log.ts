/**
 * What a store told its listener, as short lines in the order of arrival. Engines may tell a little later than they
 * answer: `expectEvents` waits until everything before it has arrived, then compares all of it.
 */
import { toBase64Url } from '@polyplex/base';
import { expect, vi } from 'vitest';
import type { QueueStore, StoreListener } from '@polyplex/store-contract';
import { created } from './builders.ts';

const WAIT_MS = 5000;
/** Connections that no scenario uses. */
const FENCE = [1_000_001, 1_000_002] as const;

export function line(event: string, id: Uint8Array, ...rest: readonly unknown[]): string {
  return [event, toBase64Url(id), ...rest].join(' ');
}

export class EventLog {
  readonly lines: string[] = [];
  readonly wakes: string[] = [];

  readonly listener: StoreListener = {
    ended: (kind, id, connection) => void this.lines.push(line(`ended ${kind}`, id, connection)),
    deleted: (kind, id, connection) => void this.lines.push(line(`deleted ${kind}`, id, connection)),
    serviceEnded: (serviceId, queues, connection) => void this.lines.push(line('serviceEnded', serviceId, queues, connection)),
    blocked: (recipientId, info, connection) => void this.lines.push(line('blocked', recipientId, info.reason, connection)),
    wake: (recipientId, connection) => void this.wakes.push(line('wake', recipientId, connection)),
    wakeNotifier: (notifierId, connection) => void this.wakes.push(line('wakeNotifier', notifierId, connection)),
  };

  /** Expects exactly these events since the last call, wake-ups apart. */
  async expectEvents(store: QueueStore, expected: readonly string[]): Promise<void> {
    await this.settle(store);
    expect(this.lines.splice(0)).toEqual(expected);
  }

  /** As `expectEvents`, where the order between queues is open. */
  async expectEventsInAnyOrder(store: QueueStore, expected: readonly string[]): Promise<void> {
    await this.settle(store);
    expect(this.lines.splice(0).sort()).toEqual([...expected].sort());
  }

  async expectWake(expected: string): Promise<void> {
    await eventually(() => expect(this.wakes).toContain(expected));
  }

  /** Waits for an event that the store tells last. */
  private async settle(store: QueueStore): Promise<void> {
    const queue = await created(store);
    for (const connection of FENCE) await store.subscribe([queue], connection, false);
    const fence = line('ended recipient', queue.recipientId, FENCE[0]);
    await eventually(() => expect(this.lines).toContain(fence));
    this.lines.splice(this.lines.indexOf(fence), 1);
    await store.release(FENCE[1]);
    await store.delete(queue, null);
  }
}

/** Repeats an assertion until it holds, or fails with it. */
export function eventually(assertion: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(assertion, { timeout: WAIT_MS, interval: 5 });
}
