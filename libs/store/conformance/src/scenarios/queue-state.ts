/** Changes of a queue's record, the revision check, and the day of last use (SMP §5.1, §5.2, §8.5). */
import { describe, expect, test } from 'vitest';
import type { BlockingInfo, QueueRecord, QueueStore } from '@polyplex/store-contract';
import { anyId, anyKey, anyLink, anyMessage, anyNotifier, bytes, changed, created, DAY, present } from '../builders.ts';
import { eventually, line } from '../event-log.ts';
import type { Bench } from '../queue-store.ts';

const SPAM: BlockingInfo = { reason: 'spam', notice: null };

/** Every step that takes a queue's revision. */
const STEPS: Readonly<Record<string, (store: QueueStore, queue: QueueRecord) => Promise<unknown>>> = {
  secure: (store, queue) => store.secure(queue, anyKey()),
  setRecipientKeys: (store, queue) => store.setRecipientKeys(queue, [anyKey()]),
  suspend: (store, queue) => store.suspend(queue),
  block: (store, queue) => store.block(queue, SPAM),
  unblock: (store, queue) => store.unblock(queue),
  delete: (store, queue) => store.delete(queue, null),
  setLink: (store, queue) => store.setLink(queue, anyId(), anyLink().data),
  deleteLink: (store, queue) => store.deleteLink(queue),
  setNotifier: (store, queue) => store.setNotifier(queue, anyNotifier()),
  deleteNotifier: (store, queue) => store.deleteNotifier(queue),
  append: (store, queue) => store.append(queue, anyMessage(), 4, null),
  acknowledge: (store, queue) => store.acknowledge(queue, anyId()),
  subscribe: async (store, queue) => (await store.subscribe([queue], 1, true))[0],
  subscribeNotifiers: async (store, queue) => (await store.subscribeNotifiers([queue], 1, null))[0],
};

export function queueStateScenarios(bench: Bench): void {
  describe('revisions', () => {
    test.each(Object.keys(STEPS))('%s with an older revision changes nothing, answers with the present record', async (name) => {
      const old = await created(bench.store, { notifier: anyNotifier() });
      const now = changed(await bench.store.secure(old, anyKey()));
      expect(await STEPS[name]!(bench.store, old)).toEqual({ status: 'stale', queue: now });
      expect(await present(bench.store, old)).toEqual(now);
      expect(await bench.store.size(old)).toBe(0);
    });

    test.each(Object.keys(STEPS))('%s of a missing queue is stale with null', async (name) => {
      const queue = await created(bench.store);
      await bench.store.delete(queue, null);
      expect(await STEPS[name]!(bench.store, queue)).toEqual({ status: 'stale', queue: null });
    });

    test('of two changes by the same record, the second is stale', async () => {
      const queue = await created(bench.store);
      const [first, second] = await Promise.all([bench.store.secure(queue, anyKey()), bench.store.secure(queue, anyKey())]);
      const now = changed(first);
      expect(now.revision).toBeGreaterThan(queue.revision);
      expect(second).toEqual({ status: 'stale', queue: now });
    });

    test('messages do not change the record', async () => {
      const queue = await created(bench.store);
      const message = anyMessage();
      await bench.store.append(queue, message, 4, null);
      await bench.store.acknowledge(queue, message.msgId);
      expect(await present(bench.store, queue)).toEqual(queue);
    });
  });

  describe('changes of a queue', () => {
    test('secure sets the sender key once; the same key is fine again', async () => {
      const key = anyKey('x25519');
      const queue = changed(await bench.store.secure(await created(bench.store), key));
      expect(queue.senderKey).toEqual(key);
      expect(changed(await bench.store.secure(queue, key)).senderKey).toEqual(key);
      expect(await bench.store.secure(queue, anyKey('x25519'))).toEqual({ status: 'refused' });
      expect(await bench.store.secure(queue, { ...key, kind: 'ed25519' })).toEqual({ status: 'refused' });
      expect(await present(bench.store, queue)).toEqual(queue);
    });

    test('setRecipientKeys replaces all keys', async () => {
      const keys = [anyKey('ed448'), anyKey()];
      const queue = changed(await bench.store.setRecipientKeys(await created(bench.store), keys));
      expect(queue.recipientKeys).toEqual(keys);
      expect(await present(bench.store, queue)).toEqual(queue);
    });

    test('suspend is for good; blocking does not apply to a suspended queue', async () => {
      let queue = changed(await bench.store.suspend(await created(bench.store)));
      expect(queue.status).toEqual({ state: 'off' });
      queue = changed(await bench.store.suspend(queue));
      expect(await bench.store.block(queue, SPAM)).toEqual({ status: 'refused' });
      expect(await bench.store.unblock(queue)).toEqual({ status: 'refused' });
      expect(await present(bench.store, queue)).toMatchObject({ status: { state: 'off' } });
    });

    test('block tells the subscriber, each time with the new info; unblock goes back to active', async () => {
      let queue = await created(bench.store);
      await bench.store.subscribe([queue], 5, false);
      queue = changed(await bench.store.block(queue, SPAM));
      const info: BlockingInfo = { reason: 'content', notice: { ttl: 60 } };
      queue = changed(await bench.store.block(queue, info));
      expect(queue.status).toEqual({ state: 'blocked', info });
      queue = changed(await bench.store.unblock(queue));
      expect(queue.status).toEqual({ state: 'active' });
      expect(changed(await bench.store.unblock(queue)).status).toEqual({ state: 'active' });
      await bench.events.expectEvents(bench.store, [
        line('blocked', queue.recipientId, 'spam', 5), line('blocked', queue.recipientId, 'content', 5),
      ]);
    });

    test('a blocked queue can be suspended', async () => {
      const queue = changed(await bench.store.block(await created(bench.store), SPAM));
      expect(changed(await bench.store.suspend(queue)).status).toEqual({ state: 'off' });
    });

    test('touch records the day, without a new revision, and ignores missing queues', async () => {
      const queue = await created(bench.store);
      bench.store.touch(queue, DAY + 86_400);
      bench.store.touch({ recipientId: bytes(24), revision: 1 }, DAY);
      await eventually(async () => expect(await present(bench.store, queue)).toEqual({ ...queue, usedDay: DAY + 86_400 }));
    });

    test('counts follow', async () => {
      const counted = () => bench.store.counts();
      let queue = await created(bench.store);
      await created(bench.store, { senderKey: anyKey() });
      expect(await counted()).toMatchObject({ queues: 2, securedQueues: 1 });
      queue = changed(await bench.store.secure(queue, anyKey()));
      queue = changed(await bench.store.setNotifier(queue, anyNotifier()));
      expect(await counted()).toMatchObject({ queues: 2, securedQueues: 2, notifiers: 1 });
      await bench.store.delete(queue, null);
      expect(await counted()).toMatchObject({ queues: 1, securedQueues: 1, notifiers: 0 });
    });
  });
}
