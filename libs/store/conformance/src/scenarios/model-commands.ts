/** The commands of the model test: each issues a step, applies it to the model, and compares the answers. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { QueueStore } from '@polyplex/store-contract';
import { anyKey, anyMessage, anyNotification, anyNotifier, DAY } from '../builders.ts';
import { line } from '../event-log.ts';
import type { ModelQueue } from './model-queue.ts';

const QUOTA = 3;

export interface Command {
  readonly name: string;
  /** Connections of this queue are `connection` and those after it. */
  run(store: QueueStore, model: ModelQueue, connection: number): Promise<void>;
}

const command = (name: string, run: Command['run']): Command => ({ name, run, toString: () => name }) as Command;

function append(age: number, notified: boolean, twice: boolean): Command {
  return command(`append(${age},${notified},${twice})`, async (store, model) => {
    const message = anyMessage({ ts: DAY - age });
    const notification = notified ? anyNotification() : null;
    const wasEmpty = model.messages.length === 0;
    const answers = await Promise.all(
      Array.from({ length: twice ? 2 : 1 }, () => store.append(model.record, message, QUOTA, notification)),
    );
    if (!model.exists) return answers.forEach((answer) => model.expectStale(answer));
    const status = model.append(message, QUOTA);
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => status));
    if (status === 'quota') return;
    if (notification !== null && model.notifierId !== null) model.notifications.push(notification);
    expect(answers[0]).toEqual({
      status,
      deliverTo: wasEmpty ? model.subscriber : null,
      notifyTo: notification !== null && model.notifierId !== null ? model.notifySubscriber : null,
    });
  });
}

function acknowledge(position: number): Command {
  return command(`acknowledge(${position})`, async (store, model) => {
    const msgId = model.messages[position]?.msgId ?? anyMessage().msgId;
    const answer = await store.acknowledge(model.record, msgId);
    if (!model.exists) return model.expectStale(answer);
    const removed = position === 0 ? (model.messages.shift() ?? null) : null;
    const facts = removed && { kind: removed.kind, notify: removed.kind === 'message' && removed.notify };
    expect(answer).toEqual({ status: 'ok', removed: facts, next: model.messages[0] ?? null });
  });
}

function subscribe(which: number, withHeads: boolean): Command {
  return command(`subscribe(${which},${withHeads})`, async (store, model, connection) => {
    const by = connection + which;
    const [claim] = await store.subscribe([model.record], by, withHeads);
    if (!model.exists) return model.expectStale(claim);
    const head = model.messages[0] ?? null;
    expect(claim).toEqual({ status: 'ok', queue: model.record, pending: head !== null, head: withHeads ? head : null });
    const previous = model.subscriber;
    if (previous !== null && previous !== by) model.events.push(line('ended recipient', model.record.recipientId, previous));
    model.subscriber = by;
    model.connections.add(by);
  });
}

function subscribeNotifier(which: number): Command {
  return command(`subscribeNotifier(${which})`, async (store, model, connection) => {
    const by = connection + which;
    const [answer] = await store.subscribeNotifiers([model.record], by, null);
    if (!model.exists || model.notifierId === null) return model.expectStale(answer);
    expect(answer).toEqual({ status: 'ok', queue: model.record });
    const previous = model.notifySubscriber;
    if (previous !== null && previous !== by) model.events.push(line('ended notifier', model.notifierId, previous));
    model.notifySubscriber = by;
    model.connections.add(by);
  });
}

function release(which: number): Command {
  return command(`release(${which})`, async (store, model, connection) => {
    const by = connection + which;
    await store.release(by);
    if (model.subscriber === by) model.subscriber = null;
    if (model.notifySubscriber === by) model.notifySubscriber = null;
  });
}

/** The notifier goes, or another one comes. */
function endNotifier(model: ModelQueue): void {
  if (model.notifierId !== null && model.notifySubscriber !== null) {
    model.events.push(line('deleted notifier', model.notifierId, model.notifySubscriber));
  }
  model.notifySubscriber = null;
  model.notifications = [];
}

const setNotifier = command('setNotifier', async (store, model) => {
  const notifier = anyNotifier();
  const answer = await store.setNotifier(model.record, notifier);
  if (!model.exists) return model.expectStale(answer);
  endNotifier(model);
  model.changed(answer);
  model.notifierId = notifier.notifierId;
});

const deleteNotifier = command('deleteNotifier', async (store, model) => {
  const answer = await store.deleteNotifier(model.record);
  if (!model.exists) return model.expectStale(answer);
  endNotifier(model);
  model.changed(answer);
  model.notifierId = null;
});

const takeNotifications = command('takeNotifications', async (store, model) => {
  if (model.notifierId === null) return;
  expect(await store.takeNotifications([model.notifierId], 2)).toEqual([model.notifications.splice(0, 2)]);
});

const secure = command('secure', async (store, model) => {
  const answer = await store.secure(model.record, anyKey());
  if (!model.exists) return model.expectStale(answer);
  if (model.secured) {
    expect(answer).toEqual({ status: 'refused' });
    return;
  }
  model.changed(answer);
  model.secured = true;
});

const suspend = command('suspend', async (store, model) => {
  const answer = await store.suspend(model.record);
  if (!model.exists) return model.expectStale(answer);
  model.changed(answer);
  model.off = true;
});

const block = command('block', async (store, model) => {
  const answer = await store.block(model.record, { reason: 'spam', notice: null });
  if (!model.exists) return model.expectStale(answer);
  if (model.off) {
    expect(answer).toEqual({ status: 'refused' });
    return;
  }
  model.changed(answer);
  if (model.subscriber !== null) model.events.push(line('blocked', model.record.recipientId, 'spam', model.subscriber));
});

const byOlderRecord = command('byOlderRecord', async (store, model) => {
  if (model.older === null) return;
  model.expectStale(await store.append(model.older, anyMessage(), QUOTA, null));
  model.expectStale(await store.suspend(model.older));
});

function expire(age: number): Command {
  return command(`expire(${age})`, async (store, model) => {
    expect(await store.expireQueue(model.record, DAY - age)).toBe(model.expire(DAY - age));
  });
}

function remove(byOwn: boolean): Command {
  return command(`delete(${byOwn})`, async (store, model) => {
    const by = byOwn ? model.subscriber : null;
    const answer = await store.delete(model.record, by);
    if (!model.exists) return model.expectStale(answer);
    expect(answer).toEqual({ status: 'ok', messages: model.messages.length });
    const { subscriber, record } = model;
    if (subscriber !== null && subscriber !== by) model.events.push(line('deleted recipient', record.recipientId, subscriber));
    if (model.notifierId !== null && model.notifySubscriber !== null && model.notifySubscriber !== by) {
      model.events.push(line('deleted notifier', model.notifierId, model.notifySubscriber));
    }
    model.delete();
  });
}

const look = command('look', async (store, model) => {
  const [size, [head], [found]] = await Promise.all([
    store.size(model.record), store.heads([model.record.recipientId]), store.find('recipient', [model.record.recipientId]),
  ]);
  expect([size, head, found]).toEqual([model.messages.length, model.messages[0] ?? null, model.exists ? model.record : null]);
});

const small = fc.integer({ min: 0, max: 2 });

const change = fc.constantFrom(setNotifier, setNotifier, deleteNotifier, secure, block, byOlderRecord);

export const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(small, fc.boolean(), fc.boolean()).map((args) => append(...args)) },
  { weight: 8, arbitrary: fc.constantFrom(0, 0, 0, 1).map(acknowledge) },
  { weight: 4, arbitrary: fc.tuple(small, fc.boolean()).map((args) => subscribe(...args)) },
  { weight: 3, arbitrary: small.map(subscribeNotifier) },
  { weight: 2, arbitrary: small.map(release) },
  { weight: 2, arbitrary: small.map(expire) },
  { weight: 6, arbitrary: change },
  { weight: 4, arbitrary: fc.constantFrom(takeNotifications, look) },
  { weight: 1, arbitrary: fc.oneof(fc.constant(suspend), fc.boolean().map(remove)) },
);
