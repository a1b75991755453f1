/** Creation, lookup and deletion of queues (SMP §5.1, §5.2 NEW, DEL). */
import { describe, expect, test } from 'vitest';
import {
  anyId, anyKey, anyLink, anyMessage, anyNotification, anyNotifier, anyQueue, appended, bytes, created,
  createdWithNotifier, present,
} from '../builders.ts';
import { line } from '../event-log.ts';
import type { Bench } from '../queue-store.ts';

export function creationScenarios(bench: Bench): void {
  describe('creation and lookup', () => {
    test('a queue is found by each of its ids, in its own index only', async () => {
      const link = anyLink();
      const queue = await created(bench.store, { notifier: anyNotifier(), link });
      const ids = {
        recipient: queue.recipientId, sender: queue.senderId, notifier: queue.notifier!.notifierId, link: link.linkId,
      } as const;
      for (const party of ['recipient', 'sender', 'notifier', 'link'] as const) {
        const found = await bench.store.find(party, Object.values(ids));
        expect(found).toEqual(Object.keys(ids).map((name) => (name === party ? queue : null)));
      }
    });

    test('everything given is kept', async () => {
      const given = anyQueue({
        recipientKeys: [anyKey('ed25519'), anyKey('ed448'), anyKey('x25519')],
        senderKey: anyKey('ed448'),
        mode: 'C',
        notifier: anyNotifier({ serviceId: anyId() }),
        status: { state: 'blocked', info: { reason: 'content', notice: { ttl: 3600 } } },
        serviceId: anyId(),
        link: anyLink(),
      });
      const { link, ...record } = given;
      const queue = await created(bench.store, given);
      expect(queue).toMatchObject({ ...record, linkId: link!.linkId });
      expect(await present(bench.store, queue)).toEqual(queue);
      expect(await bench.store.linkData(queue)).toEqual(link!.data);
    });

    test.each([
      { state: 'active' } as const,
      { state: 'off' } as const,
      { state: 'blocked', info: { reason: 'spam', notice: null } } as const,
      { state: 'blocked', info: { reason: 'content', notice: { ttl: null } } } as const,
    ])('status %j is kept', async (status) => {
      const queue = await created(bench.store, { status, mode: null });
      expect(await present(bench.store, queue)).toMatchObject({ status, mode: null });
    });

    test('answers come in the order of the ids, with null for unknown ones of any length', async () => {
      const [a, b] = [await created(bench.store), await created(bench.store)];
      const hostile = [new Uint8Array(0), bytes(1), bytes(23), bytes(25), new Uint8Array(24), new Uint8Array(255).fill(255)];
      const ids = [b.recipientId, ...hostile, a.recipientId, b.recipientId, a.recipientId.subarray(0, 23)];
      const nothing = hostile.map(() => null);
      expect(await bench.store.find('recipient', ids)).toEqual([b, ...nothing, a, b, null]);
      for (const party of ['sender', 'notifier', 'link'] as const) {
        expect(await bench.store.find(party, hostile)).toEqual(nothing);
      }
      expect(await bench.store.heads(hostile)).toEqual(nothing);
      expect(await bench.store.takeNotifications(hostile, 1)).toEqual(hostile.map(() => []));
      expect(await bench.store.find('sender', [])).toEqual([]);
    });

    test('arguments are not kept', async () => {
      const given = anyQueue();
      const recipientId = Uint8Array.from(given.recipientId);
      const creating = bench.store.create(given);
      given.recipientId.fill(0);
      given.dhSecret.fill(0);
      await creating;
      expect((await bench.store.find('recipient', [recipientId]))[0]).toMatchObject({ recipientId });
      expect((await bench.store.find('recipient', [recipientId]))[0]!.dhSecret).not.toEqual(given.dhSecret);
    });

    const idNames = ['recipientId', 'senderId', 'notifierId', 'linkId'] as const;
    test.each(idNames)('a taken %s is a collision and stores nothing', async (which) => {
      const link = anyLink();
      const queue = await created(bench.store, { notifier: anyNotifier(), link });
      const other = anyQueue({ notifier: anyNotifier(), link: anyLink() });
      const colliding = {
        recipientId: { ...other, recipientId: queue.recipientId },
        senderId: { ...other, senderId: queue.senderId },
        notifierId: { ...other, notifier: anyNotifier({ notifierId: queue.notifier!.notifierId }) },
        linkId: { ...other, link: { ...other.link!, linkId: link.linkId } },
      }[which];
      expect(await bench.store.create(colliding)).toEqual({ status: 'collision' });
      expect(await present(bench.store, queue)).toEqual(queue);
      expect(await bench.store.counts()).toMatchObject({ queues: 1, notifiers: 1 });
      expect((await bench.store.create(other)).status).toBe('ok');
    });

    test('of many at once with one id, one is created', async () => {
      const senderId = anyId();
      const answers = await Promise.all(Array.from({ length: 20 }, () => bench.store.create(anyQueue({ senderId }))));
      expect(answers.filter(({ status }) => status === 'ok')).toHaveLength(1);
      expect((await bench.store.counts()).queues).toBe(1);
    });
  });

  describe('deletion', () => {
    test('takes everything along and frees all ids', async () => {
      const given = anyQueue({ senderKey: anyKey(), notifier: anyNotifier(), link: anyLink() });
      const queue = await created(bench.store, given);
      await appended(bench.store, queue, 2);
      await bench.store.append(queue, anyMessage(), 4, anyNotification());
      expect(await bench.store.delete(queue, null)).toEqual({ status: 'ok', messages: 3 });
      const counts = { queues: 0, securedQueues: 0, messages: 0, notifiers: 0, notifications: 0 };
      expect(await bench.store.counts()).toMatchObject(counts);
      expect(await bench.store.heads([queue.recipientId])).toEqual([null]);
      expect(await bench.store.size(queue)).toBe(0);
      expect(await bench.store.linkData(queue)).toBeNull();
      expect(await bench.store.find('sender', [queue.senderId])).toEqual([null]);
      expect(await bench.store.find('link', [given.link!.linkId])).toEqual([null]);
      const again = await created(bench.store, given);
      expect(await bench.store.size(again)).toBe(0);
      expect(await bench.store.takeNotifications([given.notifier!.notifierId], 9)).toEqual([[]]);
    });

    test('subscribers of queue and notifier hear it, except the one who deletes', async () => {
      const [a, b] = [await createdWithNotifier(bench.store), await createdWithNotifier(bench.store)];
      await bench.store.subscribe([a, b], 1, false);
      await bench.store.subscribeNotifiers([a, b], 2, null);
      await bench.store.delete(a, 1);
      await bench.store.delete(b, 3);
      await bench.events.expectEvents(bench.store, [
        line('deleted notifier', a.notifier.notifierId, 2),
        line('deleted recipient', b.recipientId, 1),
        line('deleted notifier', b.notifier.notifierId, 2),
      ]);
    });

    test('the second time the queue is gone', async () => {
      const queue = await created(bench.store);
      await bench.store.delete(queue, null);
      expect(await bench.store.delete(queue, null)).toEqual({ status: 'stale', queue: null });
      expect(await bench.store.append(queue, anyMessage(), 4, null)).toEqual({ status: 'stale', queue: null });
    });
  });
}
