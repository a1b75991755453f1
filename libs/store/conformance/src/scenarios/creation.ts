/** Creation, lookup and deletion of queues (SMP §5.1, §5.2 NEW, DEL). */
import { describe, expect, test } from 'vitest';
import type { NewQueue } from '@polyplex/store-contract';
import {
  anyId, anyKey, anyLink, anyMessage, anyNotification, anyNotifier, anyQueue, appended, bytes, changed, created,
  createdWithNotifier, DAY, drained, head, notifierRef, options, present, taken, type WithNotifier,
} from '../builders.ts';
import { expectCounts, line } from '../event-log.ts';
import type { Bench } from '../bench.ts';

/** What clients may ask for. */
const HOSTILE_IDS = [0, 1, 23, 25, 255, 256, 300, 2000].map((length) => new Uint8Array(length).fill(length % 7 === 0 ? 0 : 255));

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
      const ids = [b.recipientId, ...HOSTILE_IDS, a.recipientId, b.recipientId, a.recipientId.subarray(0, 23)];
      const nothing = HOSTILE_IDS.map(() => null);
      expect(await bench.store.find('recipient', ids)).toEqual([b, ...nothing, a, b, null]);
      for (const party of ['sender', 'notifier', 'link'] as const) {
        expect(await bench.store.find(party, HOSTILE_IDS)).toEqual(nothing);
      }
      expect(await bench.store.heads(HOSTILE_IDS, null)).toEqual(nothing);
      expect(await bench.store.heads(HOSTILE_IDS, 1)).toEqual(nothing);
      const refs = HOSTILE_IDS.map((id) => ({ recipientId: id, notifierId: id, revision: 1 }));
      expect(await bench.store.takeNotifications(refs, 1, 1)).toEqual(HOSTILE_IDS.map(() => []));
      const stale = HOSTILE_IDS.map(() => ({ status: 'stale', queue: null }));
      expect(await bench.store.subscribe(refs, 1, true)).toEqual(stale);
      expect(await bench.store.subscribeNotifiers(refs, 1, null)).toEqual(stale);
      for (const ref of refs) {
        expect(await bench.store.size(ref)).toBe(0);
        expect(await bench.store.linkData(ref)).toBeNull();
        bench.store.touch(ref, DAY);
      }
      expect(await bench.store.find('sender', [])).toEqual([]);
    });

    const idNames = ['recipientId', 'senderId', 'notifierId', 'linkId'] as const;
    test.each(idNames)('a taken %s is a collision, stores nothing and subscribes nobody', async (which) => {
      const link = anyLink();
      const queue = await created(bench.store, { notifier: anyNotifier(), link }, 2);
      const other = anyQueue({ notifier: anyNotifier(), link: anyLink() });
      const { recipientId, senderId, notifier } = queue;
      const takenId = { recipientId, senderId, notifierId: notifier!.notifierId, linkId: link.linkId }[which];
      const colliding = withId(other, which, takenId);
      expect(await bench.store.create(colliding, 1)).toEqual({ status: 'collision' });
      expect(await present(bench.store, queue)).toEqual(queue);
      await expectCounts(bench.store, { queues: 1, notifiers: 1 });
      for (const name of idNames.filter((each) => each !== which)) {
        expect(await bench.store.find(PARTY_OF[name], [idOf(other, name)])).toEqual([null]);
      }
      await bench.events.expectEvents(bench.store, []);
    });

    test.each(idNames)('a %s may have 1 to 255 bytes; one of another length counts as taken', async (which) => {
      for (const length of [1, 255, 0, 256, 1000]) {
        const given = anyQueue({ notifier: anyNotifier(), link: anyLink() });
        const queue = withId(given, which, bytes(length));
        const answer = await bench.store.create(queue, 1);
        expect([length, answer.status]).toEqual([length, length === 0 || length > 255 ? 'collision' : 'ok']);
        if (answer.status !== 'ok') continue;
        expect(await present(bench.store, queue)).toEqual(answer.queue);
        expect(await bench.store.find('sender', [queue.senderId])).toEqual([answer.queue]);
        expect(await bench.store.find('notifier', [queue.notifier!.notifierId])).toEqual([answer.queue]);
        expect(await bench.store.find('link', [queue.link!.linkId])).toEqual([answer.queue]);
        await bench.store.subscribeNotifiers([answer.queue], 1, null);
        const [message, notification] = [anyMessage(), anyNotification()];
        await bench.store.append(answer.queue, message, options({ notification }));
        expect(await head(bench.store, queue)).toEqual(message);
        expect(await taken(bench.store, answer.queue, 1)).toEqual([notification]);
        expect(await bench.store.delete(answer.queue, null)).toEqual({ status: 'ok', messages: 1 });
      }
      await expectCounts(bench.store, { queues: 0, notifiers: 0, messages: 0 });
    });

    test('of many at once with one id, one is created', async () => {
      const senderId = anyId();
      const answers = await Promise.all(Array.from({ length: 20 }, () => bench.store.create(anyQueue({ senderId }), null)));
      expect(answers.filter(({ status }) => status === 'ok')).toHaveLength(1);
      await expectCounts(bench.store, { queues: 1 });
    });

    test('the same creation again is answered as the first time, and done once', async () => {
      const given = anyQueue({ notifier: anyNotifier({ serviceId: anyId() }), link: anyLink(), serviceId: anyId() });
      const [first, second] = await Promise.all([bench.store.create(given, 1), bench.store.create(given, 1)]);
      expect(second).toEqual(first);
      expect(await bench.store.create(given, 1)).toEqual(first);
      expect(await present(bench.store, given)).toEqual(changed(first));
      await expectCounts(bench.store, 
        { queues: 1, notifiers: 1, recipientServiceQueues: 1, notifierServiceQueues: 1 },
      );
      await bench.events.expectEvents(bench.store, []);
    });

    test('the same creation again, by a new connection, takes the subscription over and tells what waits', async () => {
      const given = anyQueue();
      const queue = changed(await bench.store.create(given, 1));
      await appended(bench.store, queue, 1);
      expect(await bench.store.create(given, 2)).toEqual({ status: 'ok', queue });
      await bench.events.expectWake(line('wake', queue.recipientId, 2));
      await bench.events.expectEvents(bench.store, [line('ended recipient', queue.recipientId, 1)]);
      expect(await drained(bench.store, queue)).toHaveLength(1);
    });

    test('another creation with the ids of a queue is a collision', async () => {
      const given = anyQueue();
      await created(bench.store, given);
      for (const parts of [{ dhSecret: bytes(32) }, { senderId: anyId() }, { recipientKeys: [anyKey()] }]) {
        expect(await bench.store.create({ ...given, ...parts }, 2)).toEqual({ status: 'collision' });
      }
    });

    test('the creating connection is subscribed in the same step', async () => {
      const given = anyQueue();
      const creating = bench.store.create(given, 6);
      const appending = bench.store.append({ recipientId: given.recipientId, revision: 1 }, anyMessage(), options());
      const queue = changed(await creating);
      const appended = await appending;
      // Whoever guessed the revision is told the subscriber; else the queue is as new.
      if (appended.status === 'stored') expect(appended.deliverTo).toBe(6);
      else expect(await bench.store.append(queue, anyMessage(), options())).toMatchObject({ deliverTo: 6 });
      await bench.store.subscribe([queue], 7, false);
      await bench.events.expectEvents(bench.store, [line('ended recipient', queue.recipientId, 6)]);
    });

    test('without a subscriber nobody is subscribed', async () => {
      const queue = await created(bench.store);
      expect(await bench.store.append(queue, anyMessage(), options())).toMatchObject({ deliverTo: null });
    });
  });

  describe('deletion', () => {
    test('takes everything along', async () => {
      const given = anyQueue({ senderKey: anyKey(), notifier: anyNotifier(), link: anyLink() });
      const queue = await created(bench.store, given);
      await bench.store.subscribeNotifiers([queue], 1, null);
      await appended(bench.store, queue, 2);
      await bench.store.append(queue, anyMessage(), options({ notification: anyNotification() }));
      expect(await bench.store.delete(queue, null)).toEqual({ status: 'ok', messages: 3 });
      const counts = { queues: 0, securedQueues: 0, messages: 0, notifiers: 0, notifications: 0 };
      await expectCounts(bench.store, counts);
      expect(await bench.store.heads([queue.recipientId], null)).toEqual([null]);
      expect(await bench.store.size(queue)).toBe(0);
      expect(await bench.store.linkData(queue)).toBeNull();
      expect(await bench.store.find('recipient', [queue.recipientId])).toEqual([null]);
      expect(await bench.store.find('sender', [queue.senderId])).toEqual([null]);
      expect(await bench.store.find('notifier', [given.notifier!.notifierId])).toEqual([null]);
      expect(await bench.store.find('link', [given.link!.linkId])).toEqual([null]);
      expect(await taken(bench.store, queue, 1)).toEqual([]);
    });

    test('leaves nothing to a queue that gets the same ids', async () => {
      const given = anyQueue({ notifier: anyNotifier(), link: anyLink() });
      const queue = await created(bench.store, given, 1);
      await bench.store.subscribeNotifiers([queue], 2, null);
      await bench.store.append(queue, anyMessage(), options({ notification: anyNotification() }));
      await bench.store.delete(queue, 1);
      const answer = await bench.store.create({ ...given, dhSecret: bytes(32) }, null);
      await bench.events.expectEvents(bench.store, [line('deleted notifier', notifierRef(queue).notifierId, 2)]);
      if (answer.status === 'collision') return; // the ids may count as taken for a while
      const again = answer.queue;
      expect(await bench.store.size(again)).toBe(0);
      await expectCounts(bench.store, { notifications: 0 });
      const appended = await bench.store.append(again, anyMessage(), options({ notification: anyNotification() }));
      expect(appended).toEqual({ status: 'stored', deliverTo: null, notifyTo: null, expired: 0 });
      expect(await taken(bench.store, again, 2)).toEqual([]);
      await bench.store.release(1);
      await bench.store.release(2);
      await bench.store.delete(again, null);
      await bench.events.expectEvents(bench.store, []);
    });

    test('subscribers of queue and notifier hear it, except the one who deletes', async () => {
      const queues = await Promise.all([1, 2, 3].map(() => createdWithNotifier(bench.store)));
      const [a, b, c] = queues as [WithNotifier, WithNotifier, WithNotifier];
      await bench.store.subscribe(queues, 1, false);
      await bench.store.subscribeNotifiers(queues, 2, null);
      await bench.store.delete(a, 1);
      await bench.store.delete(b, 2);
      await bench.store.delete(c, 3);
      await bench.events.expectEvents(bench.store, [
        line('deleted notifier', a.notifier.notifierId, 2),
        line('deleted recipient', b.recipientId, 1),
        line('deleted recipient', c.recipientId, 1),
        line('deleted notifier', c.notifier.notifierId, 2),
      ]);
    });

    test('the second time the queue is gone', async () => {
      const queue = await created(bench.store);
      await bench.store.delete(queue, null);
      expect(await bench.store.delete(queue, null)).toEqual({ status: 'stale', queue: null });
      expect(await bench.store.append(queue, anyMessage(), options())).toEqual({ status: 'stale', queue: null });
    });
  });
}

const PARTY_OF = { recipientId: 'recipient', senderId: 'sender', notifierId: 'notifier', linkId: 'link' } as const;
type IdName = keyof typeof PARTY_OF;

function idOf(queue: NewQueue, which: IdName): Uint8Array {
  if (which === 'notifierId') return queue.notifier!.notifierId;
  return which === 'linkId' ? queue.link!.linkId : queue[which];
}

function withId(queue: NewQueue, which: IdName, id: Uint8Array): NewQueue {
  if (which === 'notifierId') return { ...queue, notifier: { ...queue.notifier!, notifierId: id } };
  if (which === 'linkId') return { ...queue, link: { ...queue.link!, linkId: id } };
  return { ...queue, [which]: id };
}
