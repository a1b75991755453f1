/** Random steps on messages and notifications. */
import { expect } from 'vitest';
import type { Appended, AppendOptions, ConnectionId, Head, Sweep } from '@polyplex/store-contract';
import { anyId, anyMessage, anyNotification, type BodyMessage, bytes, DAY, whole } from '../builders.ts';
import type { Run } from './run.ts';
import { isSame, type ModelQueue } from './state.ts';
import type { Input, Steps } from './step.ts';

const QUOTA = 3;

interface Appending extends AppendOptions {
  /** The same message as last time. */
  readonly isAgain: boolean;
}

type Stored = Extract<Appended, { status: 'stored' }>;

/** A connection that an answer has to name; one that was released meanwhile it need not. */
function expectNamed(
  named: ConnectionId | null, expected: ConnectionId | null, released: ReadonlySet<ConnectionId>, isLenient = false,
): void {
  if (named === null && (isLenient || (expected !== null && released.has(expected)))) return;
  expect(named).toBe(expected);
}

/** What an append has to do, in the order of the quota rule (SMP §6.2). */
function applyAppend(
  run: Run, queue: ModelQueue, message: BodyMessage, { quota, notification, expireBefore, isAgain }: Appending,
): (answer: Appended, released: ReadonlySet<ConnectionId>) => void {
  const expired = expireBefore === null ? 0 : queue.expire(expireBefore);
  const first = queue.messages.length === 0;
  const notifierId = queue.facts!.notifier?.notifierId ?? null;
  if (queue.isClosed || (!isAgain && queue.messages.length >= quota)) {
    queue.last = { message, notification, stored: false, first, notifierId };
    if (!queue.isClosed) {
      if (first) queue.told = false; // whoever is subscribed has to be woken
      queue.messages.push({ kind: 'quota', msgId: message.msgId, ts: message.ts });
    }
    return (answer) => expect(answer).toEqual({ status: 'quota', expired });
  }
  const { subscriber } = queue;
  const holder = notification === null || notifierId === null ? null : run.model.holder(queue);
  const before = queue.last;
  const isAlone = isAgain && before!.first && queue.messages.length === 1;
  const isNamed = isAgain ? isAlone : first;
  const isNotified = !isAgain || (before!.notifierId !== null && isSame(before!.notifierId, notifierId));
  if (!isAgain) {
    queue.messages.push(message);
    if (notification !== null && notifierId !== null) queue.notifications.push(notification);
    queue.last = { message, notification, stored: true, first, notifierId };
  }
  if (isNamed) queue.told = subscriber !== null;
  if (holder !== null && isNotified) queue.toldNotifier = true;
  return (answer, released) => {
    expect(answer).toMatchObject({ status: 'stored', expired });
    const { deliverTo, notifyTo } = answer as Stored;
    expectNamed(deliverTo, isNamed || isAgain ? subscriber : null, released, isAgain && !isAlone);
    expectNamed(notifyTo, holder, released, !isNotified);
  };
}

function append(run: Run, { a, b, c, x, y, old }: Input): void {
  const queue = run.queue(a);
  const isAgain = y && queue.last?.stored === true;
  const message = isAgain ? queue.last!.message : anyMessage({ ts: DAY - (b % 4), notify: x, body: bytes(b) });
  const notification = isAgain ? queue.last!.notification : x ? anyNotification() : null;
  const options = { quota: c === 0 ? b % 3 : QUOTA, notification, expireBefore: b % 4 === 0 ? DAY - (b % 3) : null };
  void run.step(
    queue, old, (ref) => run.store.append(ref, message, options), () => applyAppend(run, queue, message, { ...options, isAgain }),
  );
}

/** Takes a sweep to its end, with everything else quiet. */
async function sweep(step: (cursor: string | null) => Promise<Sweep>, expected: number): Promise<void> {
  let removed = 0;
  for (let cursor: string | null = null, ended = false; !ended; ended = cursor === null) {
    const answer = await step(cursor);
    removed += answer.removed;
    cursor = answer.cursor;
  }
  expect(removed).toBe(expected);
}

/** A connection that no step subscribes. */
const STRANGER = 800_000;

/** Whom messages are read for: anybody, the subscriber, or a connection that mostly is not. */
function reader(run: Run, queue: ModelQueue, b: number, c: number): ConnectionId | null {
  return [null, queue.subscriber, run.connection(b), STRANGER][c]!;
}

function isFor({ subscriber }: ModelQueue, by: ConnectionId | null): boolean {
  return by === null || subscriber === by;
}

/** The check of one queue's place in an answer of `heads`. */
function expectHead(run: Run, queue: ModelQueue, by: ConnectionId | null): (found: Head | null) => void {
  if (queue.facts === null || !isFor(queue, by)) return (found) => expect(found).toBeNull();
  const { version } = queue;
  const head = queue.messages[0] ?? null;
  return (found) => {
    run.expectRecord(queue, version, found?.queue);
    expect(found?.head).toEqual(head);
  };
}

export const messageSteps: Steps = {
  append,

  acknowledge: (run, { a, b, c, old }) => {
    const queue = run.queue(a);
    const by = reader(run, queue, b, c);
    const at = b % 4 === 3 ? 1 : 0;
    const msgId = queue.messages[at]?.msgId ?? anyId();
    void run.step(queue, old, (ref) => run.store.acknowledge(ref, msgId, by), () => {
      const removed = at === 0 ? (queue.messages.shift() ?? null) : null;
      const facts = removed && { kind: removed.kind, notify: removed.kind === 'message' && removed.notify };
      const next = isFor(queue, by) ? (queue.messages[0] ?? null) : null;
      return (answer, released) => {
        const isLost = by !== null && released.has(by) && answer.next === null;
        expect(answer).toEqual({ status: 'ok', removed: facts, next: isLost ? null : next });
      };
    });
  },

  heads: (run, { a, b, c }) => {
    const queues = [run.queue(a), run.queue(b), run.queue(a + 1), run.queue(a)];
    const by = reader(run, queues[0]!, b, c);
    const checks = queues.map((queue) => expectHead(run, queue, by));
    void run.expect(run.store.heads(queues.map(({ given }) => given.recipientId), by), (answer, released) => {
      expect(answer).toHaveLength(checks.length);
      const isReleased = by !== null && released.has(by);
      whole(answer).forEach((found, i) => isReleased && found === null ? undefined : checks[i]!(found));
    });
  },

  size: (run, { a, old }) => {
    const queue = run.queue(a);
    const known = run.known(queue, old);
    const size = queue.messages.length;
    if (known !== null) void run.expect(run.store.size(known.record), (answer) => expect(answer).toBe(size));
  },

  takeNotifications: (run, { a, b, c, x }) => {
    const queues = [run.queue(a), run.queue(b), run.queue(a)];
    const by = x ? run.connection(b) : (run.model.holder(queues[0]!) ?? run.connection(b));
    const limit = c + 1;
    const refs = queues.map(({ given: { recipientId }, facts }) => ({ recipientId, notifierId: facts?.notifier?.notifierId ?? anyId() }));
    const answer = run.store.takeNotifications(refs, by, limit);
    const taken = queues.map((queue) => {
      if ((queue.facts?.notifier ?? null) === null || run.model.holder(queue) !== by) return [];
      const items = queue.notifications.splice(0, limit);
      if (items.length === limit) queue.toldNotifier = true; // there may be more
      return items;
    });
    void run.expect(answer, (items) => expect(items).toEqual(taken), by);
  },

  expireMessages: async (run, { b }) => {
    await run.quiet();
    const before = DAY - (b % 4);
    const expected = run.model.live.reduce((sum, queue) => sum + queue.expire(before), 0);
    await sweep((cursor) => run.store.expireMessages(before, cursor), expected);
  },

  expireNotifications: async (run, { a }) => {
    await run.quiet();
    const before = (run.queue(a).notifications.at(-1)?.ts ?? 0) + (a % 2);
    let expected = 0;
    for (const queue of run.model.live) {
      const left = queue.notifications.filter(({ ts }) => ts >= before);
      expected += queue.notifications.length - left.length;
      queue.notifications = left;
    }
    await sweep((cursor) => run.store.expireNotifications(before, cursor), expected);
  },
};
