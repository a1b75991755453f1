/** What the engine bounds: notifications that nobody takes, the work of one step, steps that wait, what a lookup tells. */
import { Reader } from '@polyplex/codec';
import { createFakeClock, type FakeClock } from '@polyplex/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Notification, Party, QueueRecord, QueueStore } from '@polyplex/store-contract';
import { openEmbeddedStore } from '../src/index.ts';
import { WriteQueue } from '../src/write-queue.ts';
import { bytes, newNotifier, newQueue } from './damage.ts';
import { temporaryFolder } from './temporary-folder.ts';

const KEPT = 128;
const options = (notification: Notification | null) => ({ quota: 4, notification, expireBefore: null });

let folder: ReturnType<typeof temporaryFolder>;
let clock: FakeClock;
let store: QueueStore;
beforeEach(async () => {
  folder = temporaryFolder();
  clock = createFakeClock();
  store = await openEmbeddedStore({ path: folder.path, clock });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await store.close();
  folder.remove();
});

async function queueWithNotifier(): Promise<QueueRecord> {
  const made = await store.create(newQueue({ notifier: newNotifier(null) }), null);
  if (made.status !== 'ok') throw new RangeError(made.status);
  return made.queue;
}

test('a notifier without a subscriber keeps its newest notifications, in order', async () => {
  const queue = await queueWithNotifier();
  const given = Array.from(
    { length: 2 * KEPT + 50 }, (_, i): Notification => ({ ts: 1000 + i, nonce: bytes(24), encMeta: bytes(144) }),
  );
  for (let i = 0; i < given.length; i++) {
    const msgId = bytes(24);
    const message = { kind: 'message', msgId, ts: 1, notify: true, body: bytes(10) } as const;
    await Promise.all([store.append(queue, message, options(given[i]!)), store.acknowledge(queue, msgId, null)]);
  }
  expect((await store.counts()).notifications).toBe(KEPT);
  await store.subscribeNotifiers([queue], 1, null);
  const ref = { recipientId: queue.recipientId, notifierId: queue.notifier!.notifierId };
  expect(await store.takeNotifications([ref], 1, 1000)).toEqual([given.slice(-KEPT)]);
  expect((await store.counts()).notifications).toBe(0);
});

test('oversized arguments are refused with a StoreError and leave nothing', async () => {
  const queue = await queueWithNotifier();
  const refused = { name: 'StoreError', code: 'FAILED' };
  const message = { kind: 'message', msgId: bytes(24), ts: 1, notify: false, body: bytes(1) } as const;
  for (const wrong of [{ msgId: bytes(256) }, { msgId: bytes(0) }, { ts: -1 }, { ts: 2 ** 60 }]) {
    await expect(store.append(queue, { ...message, ...wrong }, options(null))).rejects.toMatchObject(refused);
  }
  const data = { fixedData: new Uint8Array(70_000), userData: bytes(1) };
  await expect(store.setLink(queue, bytes(24), data)).rejects.toMatchObject(refused);
  expect(await store.find('recipient', [queue.recipientId])).toEqual([queue]);
  expect(await store.counts()).toMatchObject({ messages: 0, notifiers: 1 });
});

test('days of last use are written in small steps', async () => {
  const run = vi.spyOn(WriteQueue.prototype, 'run');
  const queue = await queueWithNotifier();
  run.mockClear();
  for (let i = 0; i < 2000; i++) store.touch({ recipientId: bytes(24), revision: 1 }, 2 * 86_400);
  store.touch(queue, 2 * 86_400);
  clock.advance(5000);
  await expect.poll(async () => (await store.find('recipient', [queue.recipientId]))[0]).toMatchObject({ usedDay: 2 * 86_400 });
  expect(run.mock.calls.length).toBeGreaterThan(5);
});

test('a connection is released although no further step is taken', async () => {
  const queue = await queueWithNotifier();
  const steps: Promise<unknown>[] = [
    store.append(queue, { kind: 'message', msgId: bytes(24), ts: 1, notify: false, body: bytes(1) }, options(null)),
    store.subscribe([queue], 1, false),
  ];
  for (let i = 0; i < 20_000; i++) steps.push(store.acknowledge(queue, bytes(0), null));
  const released = store.release(1);
  const answers = await Promise.allSettled(steps);
  expect(answers.at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'UNAVAILABLE' } });
  await released;
  const ended: number[] = [];
  store.listen({
    ended: (_, __, connection) => void ended.push(connection), deleted() {}, serviceEnded() {}, blocked() {}, wake() {}, wakeNotifier() {},
  });
  await store.subscribe([queue], 2, false);
  expect(ended).toEqual([]);
});

describe('a lookup that finds nothing reads as much as one that finds a queue', () => {
  /** Every read of a value, from the outermost call on. */
  async function reads(party: Party, id: Uint8Array): Promise<number> {
    const spies = (['byte', 'word16', 'take', 'rest', 'expectEnd'] as const).map((name) => vi.spyOn(Reader.prototype, name));
    await store.find(party, [id]);
    const count = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
    vi.restoreAllMocks();
    return count;
  }

  test.each(['recipient', 'sender'] as const)('by %s id', async (party) => {
    const made = await store.create(newQueue({ senderKey: { kind: 'ed25519', raw: bytes(32) } }), null);
    if (made.status !== 'ok') throw new RangeError(made.status);
    const found = await reads(party, party === 'recipient' ? made.queue.recipientId : made.queue.senderId);
    expect(found).toBeGreaterThan(10);
    expect(await reads(party, bytes(24))).toBe(found);
  });
});
