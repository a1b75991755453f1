/** Readiness, room, and what a closed store answers. */
import { describe, expect, test } from 'vitest';
import type { QueueStore } from '@polyplex/store-contract';
import {
  anyKey, anyLink, anyMessage, anyNotifier, anyQueue, anyService, created, createdWithNotifier, DAY, notifierRef, options,
  type WithNotifier,
} from '../builders.ts';
import type { Bench } from '../bench.ts';
import { stepsOf } from '../steps-of.ts';

/** Every method that answers with a promise, but `room` and `close`. */
const CALLS: Readonly<Record<string, (store: QueueStore, queue: WithNotifier) => Promise<unknown>>> = {
  create: (store) => store.create(anyQueue(), 1),
  find: (store, queue) => store.find('recipient', [queue.recipientId]),
  secure: (store, queue) => store.secure(queue, anyKey()),
  setRecipientKeys: (store, queue) => store.setRecipientKeys(queue, [anyKey()]),
  suspend: (store, queue) => store.suspend(queue),
  block: (store, queue) => store.block(queue, { reason: 'spam', notice: null }),
  unblock: (store, queue) => store.unblock(queue),
  delete: (store, queue) => store.delete(queue, null),
  setLink: (store, queue) => store.setLink(queue, anyLink().linkId, anyLink().data),
  deleteLink: (store, queue) => store.deleteLink(queue),
  linkData: (store, queue) => store.linkData(queue),
  setNotifier: (store, queue) => store.setNotifier(queue, anyNotifier(), null),
  deleteNotifier: (store, queue) => store.deleteNotifier(queue, null),
  takeNotifications: (store, queue) => store.takeNotifications([notifierRef(queue)], 1, 1),
  append: (store, queue) => store.append(queue, anyMessage(), options()),
  acknowledge: (store, queue) => store.acknowledge(queue, anyMessage().msgId, null),
  heads: (store, queue) => store.heads([queue.recipientId], null),
  size: (store, queue) => store.size(queue),
  subscribe: (store, queue) => store.subscribe([queue], 1, true),
  subscribeNotifiers: (store, queue) => store.subscribeNotifiers([queue], 1, null),
  subscribeService: (store) => store.subscribeService(anyLink().linkId, 'N', 1),
  registerService: (store) => store.registerService(anyService('N'), 100),
  counts: (store) => store.counts(),
  expireMessages: (store) => store.expireMessages(DAY, null),
  expireNotifications: (store) => store.expireNotifications(DAY, null),
  readQueues: (store) => store.readQueues(null, 10),
  readServices: (store) => store.readServices(null, 10),
  writeQueue: (store, record) =>
    store.writeQueue({ record, link: null, messages: [], notifications: [], lastId: new Uint8Array(0) }),
  writeService: (store) => store.writeService(anyService('P')),
  check: (store) => store.check(),
};

export function upkeepScenarios(bench: Bench): void {
  describe('upkeep', () => {
    test('a healthy store passes its check and knows its room, or that it does not', async () => {
      await expect(bench.store.check()).resolves.toBeUndefined();
      expect((await bench.store.room()) ?? 1).toBeGreaterThan(0);
    });

    test('tells how long its steps take, of each of its parts', async () => {
      const before = stepsOf(bench.store);
      await created(bench.store);
      expect(stepsOf(bench.store)).toBeGreaterThan(before);
      const { shards, seconds } = bench.store.facts();
      for (const shard of shards) expect(shard).toMatchObject({ connected: true, seconds: seconds.get(shard.name) });
    });

    test('close lets what was called end', async () => {
      const queue = await created(bench.store);
      const answers = [1, 2, 3].map(() => bench.store.append(queue, anyMessage(), options()));
      await Promise.all([bench.store.close(), bench.store.close()]);
      expect(await Promise.all(answers)).toMatchObject([1, 2, 3].map(() => ({ status: 'stored' })));
    });

    test('a closed store refuses everything with UNAVAILABLE', async () => {
      const queue = await createdWithNotifier(bench.store);
      await bench.store.subscribe([queue], 1, false);
      await bench.store.close();
      await bench.store.close();
      for (const [name, call] of Object.entries(CALLS)) {
        await expect(call(bench.store, queue), name).rejects.toMatchObject({ name: 'StoreError', code: 'UNAVAILABLE' });
      }
      expect(() => bench.store.touch(queue, DAY + 86_400)).not.toThrow();
      await bench.store.release(1);
    });
  });
}
