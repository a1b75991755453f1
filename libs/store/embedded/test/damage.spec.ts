/** Damaged rows and pages: what they hold is lost, and nothing else. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deafListener } from '@polyplex/store-common';
import type { Logger } from '@polyplex/telemetry';
import {
  type AppendOptions, type Notification, type QueueRecord, type QueueStore, StoreError, type StoreListener, type Sweep,
} from '@polyplex/store-contract';
import { createFakeClock, type FakeClock } from '@polyplex/testing';
import { openEmbeddedStore } from '../src/index.ts';
import { listKey } from '../src/keys.ts';
import { bytes, damagePage, damageRows, newNotifier, newQueue } from './damage.ts';
import { temporaryFolder } from './temporary-folder.ts';

const DAMAGED = { name: 'StoreError', code: 'DAMAGED' };
const options = (notification: Notification | null = null): AppendOptions => ({ quota: 1000, notification, expireBefore: null });
const anyMessage = (ts = 5) => ({ kind: 'message', msgId: bytes(24), ts, notify: false, body: bytes(10) }) as const;
const anyNotification = (ts = 5): Notification => ({ ts, nonce: bytes(24), encMeta: bytes(144) });

let folder: ReturnType<typeof temporaryFolder>;
let store: QueueStore;
let clock: FakeClock;
const logged: unknown[] = [];
const log = { error: (_: string, facts: unknown) => void logged.push(facts), warn() {}, info() {}, debug() {} } as unknown as Logger;

const open = () => openEmbeddedStore({ path: folder.path, clock, log });
beforeEach(async () => {
  folder = temporaryFolder();
  clock = createFakeClock();
  logged.length = 0;
  store = await open();
});
afterEach(async () => {
  await store.close();
  folder.remove();
});

async function queues(count: number, serviceId?: Uint8Array): Promise<QueueRecord[]> {
  const notifier = () => (serviceId === undefined ? null : newNotifier(serviceId));
  const made = await Promise.all(Array.from({ length: count }, () => store.create(newQueue({ notifier: notifier() }), null)));
  return made.flatMap((answer) => (answer.status === 'ok' ? [answer.queue] : []));
}

async function reopenedAfter(damage: () => void): Promise<void> {
  await store.close();
  damage();
  store = await open();
}

async function swept(step: (cursor: string | null) => Promise<Sweep>): Promise<number> {
  let removed = 0;
  for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
    const answer = await step(cursor);
    removed += answer.removed;
    cursor = answer.cursor;
  }
  return removed;
}

describe('a damaged row', () => {
  test('is one item of a list', async () => {
    const [a, b, c] = (await queues(3)) as [QueueRecord, QueueRecord, QueueRecord];
    await Promise.all([a, b, c].map((queue) => store.append(queue, anyMessage(), options())));
    await reopenedAfter(() => damageRows(folder.path, [b.recipientId]));
    for (const busy of [false, true]) {
      const steps = Promise.allSettled(busy ? [a, b, c].map((queue) => store.acknowledge(queue, bytes(24), null)) : []);
      const lists = await Promise.all([
        store.find('recipient', [a, b, c].map(({ recipientId }) => recipientId)),
        store.find('sender', [a, b, c].map(({ senderId }) => senderId)),
        store.heads([a, b, c].map(({ recipientId }) => recipientId), null),
        store.subscribe([a, b, c], 1, true),
        store.subscribeNotifiers([a, b, c], 1, null),
      ]);
      await steps;
      for (const list of lists) {
        expect(list[1]).toMatchObject(DAMAGED);
        expect([list[0], list[2]].map((item) => item instanceof StoreError)).toEqual([false, false]);
      }
    }
  });

  test('ends neither the process nor the announcements to a service', async () => {
    const serviceId = bytes(24);
    const all = await queues(350, serviceId);
    await Promise.all(all.map((queue) => store.append(queue, anyMessage(), options(anyNotification()))));
    const sorted = all.sort((a, b) => Buffer.compare(a.notifier!.notifierId, b.notifier!.notifierId));
    const lost = [sorted[20]!, sorted[320]!];
    await reopenedAfter(() => damageRows(folder.path, lost.map(({ recipientId }) => recipientId)));
    const woken = new Set<string>();
    const wakeNotifier: StoreListener['wakeNotifier'] = ({ notifierId }) => void woken.add(notifierId.toString());
    store.listen({ ...deafListener, wakeNotifier });
    await store.subscribeService(serviceId, 'N', 1);
    const expected = all.filter((queue) => !lost.includes(queue)).map(({ notifier }) => notifier!.notifierId.toString());
    await expect.poll(() => woken.size).toBe(expected.length);
    expect([...woken].sort()).toEqual(expected.sort());
  });

  test('of notifications is passed over when they are announced, taken and expired', async () => {
    const [queue, other] = (await queues(2, bytes(24))) as [QueueRecord, QueueRecord];
    const given = [anyNotification(1), anyNotification(2), anyNotification(3)];
    for (const notification of given) await store.append(queue, anyMessage(), options(notification));
    await store.append(other, anyMessage(), options(anyNotification(1)));
    const { notifierId, serviceId } = queue.notifier!;
    await reopenedAfter(() => damageRows(folder.path, [listKey(notifierId, 0)]));
    expect(await swept((cursor) => store.expireNotifications(3, cursor))).toBe(2);
    expect(logged).toEqual([{ code: 'DAMAGED' }]);
    const woken: number[] = [];
    store.listen({ ...deafListener, wakeNotifier: (_, connection) => void woken.push(connection) });
    await store.subscribeService(serviceId!, 'N', 7);
    await expect.poll(() => woken).toEqual([7]);
    expect(await store.takeNotifications([{ recipientId: queue.recipientId, notifierId }], 7, 10)).toEqual([given.slice(2)]);
    expect(await store.counts()).toMatchObject({ notifications: 0 });
  });

  test('does not stop the expiry of others, and is logged once, without saying which', async () => {
    const all = await queues(20);
    for (const ts of [1, 2]) await Promise.all(all.map((queue) => store.append(queue, anyMessage(ts), options())));
    await reopenedAfter(() => damageRows(folder.path, [all[3]!.recipientId, listKey(all[7]!.recipientId, 1)]));
    expect(await swept((cursor) => store.expireMessages(10, cursor))).toBe(36);
    expect(await swept((cursor) => store.expireMessages(10, cursor))).toBe(0);
    expect(logged).toEqual([{ code: 'DAMAGED' }]);
  });

  test('is one item of a walk, be it the queue\'s or one of its messages', async () => {
    const all = (await queues(20)).sort((a, b) => Buffer.compare(a.recipientId, b.recipientId));
    for (const ts of [1, 2]) await Promise.all(all.map((queue) => store.append(queue, anyMessage(ts), options())));
    await reopenedAfter(() => damageRows(folder.path, [all[3]!.recipientId, listKey(all[7]!.recipientId, 1)]));
    const { queues: read, cursor } = await store.readQueues(null, 100);
    expect([read.length, cursor]).toEqual([20, null]);
    read.forEach((item, i) => expect(item).toMatchObject([3, 7].includes(i) ? DAMAGED : { record: all[i] }));
  });

  test('does not keep others from their day of last use', async () => {
    const all = await queues(3);
    await reopenedAfter(() => damageRows(folder.path, [all[1]!.recipientId]));
    for (const queue of all) store.touch(queue, 2 * 86_400);
    clock.advance(5000);
    await expect.poll(async () => (await store.find('recipient', [all[2]!.recipientId]))[0]).toMatchObject({ usedDay: 2 * 86_400 });
  });
});

describe('a damaged page', () => {
  test('is DAMAGED for the queues on it; others are served in the same turn, reading and writing', async () => {
    const all = (await queues(300)).sort((a, b) => Buffer.compare(a.recipientId, b.recipientId));
    const lost = all[150]!; // `check` looks at the first page
    await reopenedAfter(() => damagePage(folder.path, lost.recipientId));
    const found = await store.find('recipient', all.map(({ recipientId }) => recipientId));
    const whole = all.filter((queue, i) => !(found[i] instanceof StoreError) && found[i]?.revision === queue.revision);
    expect(found[150]).toMatchObject(DAMAGED);
    expect(whole.length).toBeGreaterThan(200);
    for (const item of found) if (item instanceof StoreError) expect(item).toMatchObject(DAMAGED);
    const last = whole.at(-1)!;
    const reads = await Promise.allSettled([store.size(lost), store.size(last), store.heads([lost.recipientId, last.recipientId], null)]);
    expect(reads).toMatchObject([{ reason: DAMAGED }, { value: 0 }, { value: [DAMAGED, { queue: last, head: null }] }]);
    const writes = await Promise.allSettled([
      store.append(last, anyMessage(), options()), store.append(lost, anyMessage(), options()), store.append(last, anyMessage(), options()),
    ]);
    expect(writes).toMatchObject([{ value: { status: 'stored' } }, { reason: DAMAGED }, { value: { status: 'stored' } }]);
    await store.check();
  });
});
