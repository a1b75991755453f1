/** What the engine bounds: notifications that nobody takes, and the turns of a large sweep. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Notification, QueueRecord, QueueStore } from '@polyplex/store-contract';
import { openEmbeddedStore } from '../src/index.ts';
import { temporaryFolder } from './temporary-folder.ts';

const KEPT = 128;
const bytes = (length: number): Uint8Array => globalThis.crypto.getRandomValues(new Uint8Array(length));

let folder: ReturnType<typeof temporaryFolder>;
let store: QueueStore;
beforeEach(async () => {
  folder = temporaryFolder();
  store = await openEmbeddedStore({ path: folder.path });
});
afterEach(async () => {
  await store.close();
  folder.remove();
});

async function queueWithNotifier(): Promise<QueueRecord> {
  const made = await store.create({
    recipientId: bytes(24), recipientKeys: [{ kind: 'ed25519', raw: bytes(32) }], dhSecret: bytes(32), senderId: bytes(24),
    senderKey: null, mode: 'M', status: { state: 'active' }, serviceId: null, usedDay: 86_400, link: null,
    notifier: { notifierId: bytes(24), notifierKey: { kind: 'x25519', raw: bytes(32) }, dhSecret: bytes(32), serviceId: null },
  });
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
    await Promise.all([store.append(queue, message, 4, given[i]!), store.acknowledge(queue, msgId)]);
  }
  expect((await store.counts()).notifications).toBe(KEPT);
  expect(await store.takeNotifications([queue.notifier!.notifierId], 1000)).toEqual([given.slice(-KEPT)]);
  expect((await store.counts()).notifications).toBe(0);
});

test('oversized arguments are refused with a StoreError and leave nothing', async () => {
  const queue = await queueWithNotifier();
  const refused = { name: 'StoreError', code: 'FAILED' };
  const message = { kind: 'message', msgId: bytes(256), ts: 1, notify: false, body: bytes(1) } as const;
  await expect(store.append(queue, message, 4, null)).rejects.toMatchObject(refused);
  await expect(store.append(queue, { ...message, msgId: bytes(24), ts: -1 }, 4, null)).rejects.toMatchObject(refused);
  await expect(store.setLink(queue, bytes(256), { fixedData: bytes(1), userData: bytes(1) })).rejects.toMatchObject(refused);
  await expect(
    store.setLink(queue, bytes(24), { fixedData: new Uint8Array(70_000), userData: bytes(1) }),
  ).rejects.toMatchObject(refused);
  await expect(store.setNotifier(queue, { ...queue.notifier!, notifierId: bytes(0) })).rejects.toMatchObject(refused);
  expect(await store.find('recipient', [queue.recipientId])).toEqual([queue]);
  expect(await store.counts()).toMatchObject({ messages: 0, notifiers: 1 });
});
