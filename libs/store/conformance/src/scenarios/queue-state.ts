/** Changes of a queue's record, the revision check, and the day of last use (SMP §5.1, §5.2, §8.5). */
import { describe, expect, test } from 'vitest';
import type { BlockingInfo, QueueRecord, QueueStore } from '@polyplex/store-contract';
import {
  anyId, anyKey, anyLink, anyMessage, anyNotifier, appended, bytes, changed, created, DAY, drained, options, present,
} from '../builders.ts';
import { eventually, expectCounts, line } from '../event-log.ts';
import type { Bench } from '../bench.ts';

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
  setNotifier: (store, queue) => store.setNotifier(queue, anyNotifier(), null),
  deleteNotifier: (store, queue) => store.deleteNotifier(queue, null),
  append: (store, queue) => store.append(queue, anyMessage(), options()),
  acknowledge: (store, queue) => store.acknowledge(queue, anyId(), null),
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

    test('every change of the record raises the revision', async () => {
      let queue = await created(bench.store);
      const changes: readonly ((now: QueueRecord) => Promise<{ readonly status: string }>)[] = [
        (now) => bench.store.secure(now, anyKey()),
        (now) => bench.store.setRecipientKeys(now, [anyKey()]),
        (now) => bench.store.block(now, SPAM),
        (now) => bench.store.block(now, { ...SPAM, reason: 'content' }),
        (now) => bench.store.unblock(now),
        (now) => bench.store.setLink(now, anyId(), anyLink().data),
        (now) => bench.store.deleteLink(now),
        (now) => bench.store.setNotifier(now, anyNotifier(), null),
        async (now) => (await bench.store.subscribeNotifiers([now], 1, anyId()))[0] as { status: string },
        (now) => bench.store.deleteNotifier(now, null),
        (now) => bench.store.suspend(now),
      ];
      for (const change of changes) {
        const next = changed(await change(queue));
        expect(next.revision).toBeGreaterThan(queue.revision);
        expect(await present(bench.store, queue)).toEqual(next);
        queue = next;
      }
    });

    test('suspend is for good, and no change the second time; blocking does not apply to a suspended queue', async () => {
      const queue = changed(await bench.store.suspend(await created(bench.store)));
      expect(queue.status).toEqual({ state: 'off' });
      expect(await bench.store.suspend(queue)).toEqual({ status: 'ok', queue });
      expect(await bench.store.block(queue, SPAM)).toEqual({ status: 'refused' });
      expect(await bench.store.unblock(queue)).toEqual({ status: 'refused' });
      expect(await present(bench.store, queue)).toEqual(queue);
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
      expect(await bench.store.unblock(queue)).toEqual({ status: 'ok', queue });
      await bench.events.expectEvents(bench.store, [
        line('blocked', queue.recipientId, 'spam', 5), line('blocked', queue.recipientId, 'content', 5),
      ]);
    });

    test('messages come and go whatever the status', async () => {
      for (const status of [{ state: 'off' }, { state: 'blocked', info: SPAM }] as const) {
        const queue = await created(bench.store, { status });
        const sent = await appended(bench.store, queue, 2);
        expect(await bench.store.subscribe([queue], 1, true)).toMatchObject([{ status: 'ok', head: sent[0] }]);
        expect(await drained(bench.store, queue)).toEqual(sent);
      }
    });

    test('a blocked queue can be suspended', async () => {
      const queue = changed(await bench.store.block(await created(bench.store), SPAM));
      expect(changed(await bench.store.suspend(queue)).status).toEqual({ state: 'off' });
    });

    test('touch records the day without a new revision, and never an earlier one', async () => {
      const [queue, other] = [await created(bench.store), await created(bench.store)];
      const [later, last] = [DAY + 86_400, DAY + 2 * 86_400];
      bench.store.touch(queue, later);
      bench.store.touch(queue, last);
      bench.store.touch(queue, later);
      bench.store.touch({ recipientId: bytes(24), revision: 1 }, DAY);
      const record = (of: QueueRecord, usedDay: number): QueueRecord => ({ ...of, usedDay });
      bench.store.touch({ ...record(other, last), revision: 99 }, later);
      await eventually(async () => expect(await present(bench.store, queue)).toEqual({ ...queue, usedDay: last }));
      await eventually(async () => expect(await present(bench.store, other)).toEqual({ ...other, usedDay: later }));
      bench.store.touch(record(queue, last), DAY);
      bench.store.touch(record(other, later), last);
      await eventually(async () => expect(await present(bench.store, other)).toEqual({ ...other, usedDay: last }));
      expect(await present(bench.store, queue)).toEqual({ ...queue, usedDay: last });
    });

    test('counts follow', async () => {
      let queue = await created(bench.store);
      await created(bench.store, { senderKey: anyKey() });
      await expectCounts(bench.store, { queues: 2, securedQueues: 1 });
      queue = changed(await bench.store.secure(queue, anyKey()));
      queue = changed(await bench.store.setNotifier(queue, anyNotifier(), null));
      await expectCounts(bench.store, { queues: 2, securedQueues: 2, notifiers: 1 });
      await bench.store.delete(queue, null);
      await expectCounts(bench.store, { queues: 1, securedQueues: 1, notifiers: 0 });
    });
  });
}
