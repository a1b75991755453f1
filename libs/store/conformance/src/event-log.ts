/**
 * What a store told its listener, as short lines. Engines may tell later than they answer, `ended` and `deleted` twice,
 * and those of different queues in any order: `expectEvents` waits until everything expected has arrived, then compares.
 */
import { toBase64Url } from '@polyplex/base';
import { expect, vi } from 'vitest';
import type { QueueStore, StoreCounts, StoreListener } from '@polyplex/store-contract';
import { created } from './builders.ts';

const WAIT_MS = 5000;
/** Connections that no scenario uses. */
const FENCE = [1_000_001, 1_000_002] as const;

const MAY_COME_TWICE = /^(ended|deleted) /;

export function line(event: string, id: Uint8Array, ...rest: readonly unknown[]): string {
  return [event, toBase64Url(id), ...rest].join(' ');
}

/** An event that has to come, or may. */
export interface ExpectedEvent {
  readonly line: string;
  readonly optional?: boolean;
}

export class EventLog {
  lines: string[] = [];
  wakes: string[] = [];
  /** What was expected before and may be told a second time. */
  private readonly told = new Set<string>();

  readonly listener: StoreListener = {
    ended: (kind, id, connection) => void this.lines.push(line(`ended ${kind}`, id, connection)),
    deleted: (kind, id, connection) => void this.lines.push(line(`deleted ${kind}`, id, connection)),
    serviceEnded: (serviceId, queues, connection) => void this.lines.push(line('serviceEnded', serviceId, queues, connection)),
    blocked: (recipientId, info, connection) => void this.lines.push(line('blocked', recipientId, info.reason, connection)),
    wake: (recipientId, connection) => void this.wakes.push(line('wake', recipientId, connection)),
    wakeNotifier: ({ recipientId, notifierId }, connection) =>
      void this.wakes.push(line('wakeNotifier', notifierId, toBase64Url(recipientId), connection)),
  };

  /** Expects these events and no others since the last call, wake-ups apart. */
  async expectEvents(store: QueueStore, expected: readonly (string | ExpectedEvent)[]): Promise<void> {
    const events = expected.map((event) => (typeof event === 'string' ? { line: event } : event));
    await eventually(() => expectHeard(this.lines, events));
    await this.settled(store);
    expectHeard(this.lines, events);
    const unexpected = this.lines.filter((heard) => !this.told.has(heard) && !events.some((event) => event.line === heard));
    expect(unexpected).toEqual([]);
    for (const event of events) if (MAY_COME_TWICE.test(event.line)) this.told.add(event.line);
    this.lines = [];
  }

  async expectWake(expected: string): Promise<void> {
    await eventually(() => expect(this.wakes).toContain(expected));
  }

  /** Waits for an event that the store tells after those before it, mostly. */
  async settled(store: QueueStore): Promise<void> {
    const queue = await created(store, {}, FENCE[0]);
    await store.subscribe([queue], FENCE[1], false);
    const fence = line('ended recipient', queue.recipientId, FENCE[0]);
    await eventually(() => expect(this.lines).toContain(fence));
    await store.release(FENCE[1]);
    await store.delete(queue, null);
    this.lines = this.lines.filter((heard) => heard !== fence);
  }
}

/** Of each queue or service, what was heard has to contain what was expected, in order. */
function expectHeard(heard: readonly string[], expected: readonly ExpectedEvent[]): void {
  const missing: string[] = [];
  for (const id of new Set(expected.map(idOf))) {
    const ofId = heard.filter((event) => idOf({ line: event }) === id);
    let from = 0;
    for (const event of expected.filter((each) => idOf(each) === id && each.optional !== true)) {
      const at = ofId.indexOf(event.line, from);
      if (at < 0) missing.push(event.line);
      else from = at + 1;
    }
  }
  expect(missing, `heard: ${heard.join(', ')}`).toEqual([]);
}

/** What the event is about. */
function idOf({ line: text }: ExpectedEvent): string {
  return text.split(' ').find((word) => word.length >= 32) ?? text;
}

/** Repeats an assertion until it holds, or fails with it. */
export function eventually(assertion: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(assertion, { timeout: WAIT_MS, interval: 5 });
}

/** Expects these counts; they may lag. */
export function expectCounts(store: QueueStore, expected: Partial<StoreCounts>): Promise<void> {
  return eventually(async () => expect(await store.counts()).toMatchObject(expected));
}
