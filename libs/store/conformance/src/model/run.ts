/**
 * One run of random steps: which calls are under way, how their answers are compared, and what must hold when all is
 * quiet. Steps are issued and applied to the model in one go; their answers come later.
 */
import { toBase64Url } from '@polyplex/base';
import { expect } from 'vitest';
import type { ConnectionId, QueueRecord, QueueStore } from '@polyplex/store-contract';
import { bytes, changed, drained, notifierRef, present, whole } from '../builders.ts';
import { careless } from '../careless.ts';
import { expectCounts, line } from '../event-log.ts';
import type { Bench } from '../bench.ts';
import { type Known, type ModelQueue, ModelStore } from './state.ts';

const CONNECTIONS = 5;
/** A connection that no step uses. */
const CHECKER = 900_000;

/** A call that is not answered yet. */
interface Flight {
  readonly done: Promise<void>;
  /** Connections released since: answers may name them or not. */
  readonly released: Set<ConnectionId>;
  /** The connection that takes notifications, if that is what it does. */
  readonly taker: ConnectionId | null;
  /** What has to be told because of it. */
  readonly events: readonly { connection: ConnectionId; optional: boolean }[];
}

export class Run {
  readonly model = new ModelStore();
  readonly services = [bytes(24), bytes(24)] as const;
  readonly bench: Bench;
  store: QueueStore;
  private connections: ConnectionId[];
  private nextConnection = 1;
  private readonly flights = new Set<Flight>();
  private failure: { readonly error: unknown } | null = null;
  private told = 0;

  constructor(bench: Bench) {
    this.bench = bench;
    this.store = careless(bench.store);
    this.connections = Array.from({ length: CONNECTIONS }, () => this.nextConnection++);
  }

  connection(index: number): ConnectionId {
    return this.connections[index % CONNECTIONS]!;
  }

  queue(index: number): ModelQueue {
    return this.model.queues[index % this.model.queues.length]!;
  }

  /** Compares an answer when it comes. `released` are connections that it need not name. Resolves when it has come. */
  expect<T>(
    answer: Promise<T>, check: (answer: T, released: ReadonlySet<ConnectionId>) => void, taker: ConnectionId | null = null,
  ): Promise<void> {
    const released = new Set<ConnectionId>();
    const events = this.model.events.slice(this.told);
    this.told = this.model.events.length;
    const done = answer.then((value) => check(value, released)).catch((error: unknown) => {
      this.failure ??= { error };
    }).finally(() => this.flights.delete(flight));
    const flight: Flight = { done, released, events, taker };
    this.flights.add(flight);
    return done;
  }

  /** One step on a queue, by a record that may be an older one: then nothing happens. */
  step<T>(
    queue: ModelQueue, old: boolean, call: (ref: QueueRecord) => Promise<T>,
    apply: () => (answer: Exclude<T, { status: 'stale' }>, released: ReadonlySet<ConnectionId>) => void,
  ): Promise<void> {
    const known = this.known(queue, old);
    if (known === null) return Promise.resolve();
    const answer = call(known.record);
    if (!this.isPresent(queue, known)) {
      const { version } = queue;
      return this.expect(answer, (value) => this.expectStale(queue, version, value));
    }
    const check = apply();
    return this.expect(answer, (value, released) => check(value as Exclude<T, { status: 'stale' }>, released));
  }

  /** The newest record that was answered, or some older one. */
  known(queue: ModelQueue, old: boolean): Known | null {
    const newest = queue.known.reduce<Known | null>((best, each) => (best === null || each.version >= best.version ? each : best), null);
    return old ? (queue.known[0] ?? null) : newest;
  }

  isPresent(queue: ModelQueue, { version, record }: Known): boolean {
    // A queue that was changed back and forth has a new revision each time.
    return queue.facts !== null && version === queue.version && record.revision === queue.revisions.get(version);
  }

  /** The record has to be that of the queue's state `version`; it is known from now on. */
  expectRecord(queue: ModelQueue, version: number, record: QueueRecord | null | undefined): void {
    const facts = queue.history[version]!;
    expect(record).toEqual(facts === null ? null : { ...facts, revision: record?.revision, usedDay: record?.usedDay });
    queue.answered = Math.max(queue.answered, version);
    if (!record) return;
    expect(queue.days).toContain(record.usedDay);
    for (const [other, revision] of queue.revisions) {
      if (other < version) expect(record.revision).toBeGreaterThan(revision);
      if (other === version) expect(record.revision).toBe(revision);
      if (other > version) expect(record.revision).toBeLessThan(revision);
    }
    if (!queue.revisions.has(version)) queue.known.push({ record, version });
    queue.revisions.set(version, record.revision);
  }

  /** The record has to be that of one of the states from `from` to the present one. */
  expectSome(queue: ModelQueue, from: number, record: unknown): void {
    const found = record as QueueRecord | null;
    const seen = queue.history.slice(from);
    expect(seen.map((facts) => facts && { ...facts, revision: found?.revision, usedDay: found?.usedDay })).toContainEqual(found);
    if (found) expect(queue.days).toContain(found.usedDay);
  }

  expectOk(queue: ModelQueue, version: number, answer: unknown): void {
    expect(answer).toMatchObject({ status: 'ok' });
    this.expectRecord(queue, version, (answer as { queue: QueueRecord }).queue);
  }

  expectStale(queue: ModelQueue, version: number, answer: unknown): void {
    expect(answer).toMatchObject({ status: 'stale' });
    this.expectRecord(queue, version, (answer as { queue: QueueRecord | null }).queue);
  }

  /** Waits until every call is answered; throws what was wrong. */
  async quiet(): Promise<void> {
    while (this.flights.size > 0) await Promise.all([...this.flights].map(({ done }) => done));
    if (this.failure !== null) throw this.failure.error;
  }

  /** A connection closes, and another one opens in its place. */
  async release(index: number): Promise<void> {
    const by = this.connection(index);
    // What a closing connection was about to take, it takes or leaves: the model could not tell.
    if ([...this.flights].some(({ taker }) => taker === by)) await this.quiet();
    for (const { released, events } of this.flights) {
      released.add(by);
      for (const event of events) if (event.connection === by) event.optional = true;
    }
    void this.expect(this.store.release(by), () => undefined);
    this.model.release(by);
    this.connections = this.connections.map((each) => (each === by ? this.nextConnection++ : each));
  }

  async reopen(): Promise<void> {
    await this.quiet();
    await this.bench.reopen();
    this.store = careless(this.bench.store);
    this.model.forgetSubscriptions();
  }

  /** When all is quiet: the events were told, and whoever has something waiting knows. */
  async compare(): Promise<void> {
    await this.quiet();
    const { store, events } = this.bench;
    await events.expectEvents(store, this.model.events);
    this.model.events = [];
    this.told = 0;
    for (const queue of this.model.live) {
      const { recipientId } = queue.given;
      if (queue.subscriber !== null && queue.messages.length > 0 && !queue.told) {
        await events.expectWake(line('wake', recipientId, queue.subscriber));
      }
      const holder = this.model.holder(queue);
      if (holder !== null && queue.notifications.length > 0 && !queue.toldNotifier) {
        const { notifierId } = queue.facts!.notifier!;
        await events.expectWake(line('wakeNotifier', notifierId, toBase64Url(recipientId), holder));
      }
    }
    await expectCounts(store, this.counts());
  }

  /** Everything that is left is as in the model. */
  async finish(): Promise<void> {
    await this.compare();
    const { store } = this.bench;
    for (const queue of this.model.live) {
      const record = (await present(store, queue.given))!;
      this.expectRecord(queue, queue.version, record);
      expect(await store.linkData(record)).toEqual(queue.link);
      expect(await drained(store, record)).toEqual(queue.messages);
      if (record.notifier === null) continue;
      const now = changed(whole(await store.subscribeNotifiers([record], CHECKER, null))[0]);
      expect(await store.takeNotifications([notifierRef(now)], CHECKER, 1000)).toEqual([queue.notifications]);
    }
  }

  private counts() {
    const { live } = this.model;
    return {
      queues: live.length,
      securedQueues: live.filter(({ facts }) => facts!.senderKey !== null).length,
      messages: live.reduce((sum, queue) => sum + queue.messages.length, 0),
      notifiers: live.filter(({ facts }) => facts!.notifier !== null).length,
      notifications: live.reduce((sum, queue) => sum + queue.notifications.length, 0),
      notifierServiceQueues: live.filter(({ facts }) => facts!.notifier?.serviceId instanceof Uint8Array).length,
      recipientServiceQueues: live.filter(({ facts }) => facts!.serviceId !== null).length,
    };
  }
}
