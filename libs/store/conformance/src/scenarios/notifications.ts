/** Pending notifications (SMP §6.7): kept, announced, taken by whoever is subscribed to their notifier. */
import { toBase64Url } from '@polyplex/base';
import { describe, expect, test } from 'vitest';
import type { Notification, QueueRef, QueueStore } from '@polyplex/store-contract';
import {
  anyId, anyMessage, anyNotification, changed, created, createdWithNotifier, notifierRef, options, taken, whole,
} from '../builders.ts';
import { expectCounts, line } from '../event-log.ts';
import type { Bench } from '../bench.ts';

/** What an engine keeps at least. */
const KEPT = 128;

/** Appends a message with each of these, none kept waiting by the quota. */
async function notified(store: QueueStore, queue: QueueRef, notifications: readonly (Notification | null)[]): Promise<void> {
  await Promise.all(
    notifications.map((notification) => store.append(queue, anyMessage(), options({ quota: 10_000, notification }))),
  );
}

const many = (count: number): Notification[] => Array.from({ length: count }, () => anyNotification());

export function notificationScenarios(bench: Bench): void {
  describe('pending notifications', () => {
    test('are taken once, oldest first, up to the limit, each notifier for itself', async () => {
      const [a, b] = [await createdWithNotifier(bench.store), await createdWithNotifier(bench.store)];
      await bench.store.subscribeNotifiers([a, b], 1, null);
      const [given, other] = [many(5), anyNotification()];
      await notified(bench.store, a, given);
      await notified(bench.store, b, [other]);
      const refs = [notifierRef(b), notifierRef(a)];
      await expectCounts(bench.store, { notifications: 6 });
      expect(await bench.store.takeNotifications(refs, 1, 3)).toEqual([[other], given.slice(0, 3)]);
      expect(await bench.store.takeNotifications(refs, 1, 3)).toEqual([[], given.slice(3)]);
      expect(await bench.store.takeNotifications(refs, 1, 3)).toEqual([[], []]);
      await expectCounts(bench.store, { notifications: 0, messages: 6 });
    });

    test('are for the subscriber alone', async () => {
      const queue = await createdWithNotifier(bench.store);
      const given = many(2);
      await notified(bench.store, queue, given);
      expect(await taken(bench.store, queue, 1)).toEqual([]);
      await bench.store.subscribe([queue], 1, false); // the queue, not the notifier
      expect(await taken(bench.store, queue, 1)).toEqual([]);
      await bench.store.subscribeNotifiers([queue], 1, null);
      await bench.store.subscribeNotifiers([queue], 2, null);
      expect(await taken(bench.store, queue, 1)).toEqual([]);
      const other = await createdWithNotifier(bench.store);
      await bench.store.subscribeNotifiers([other], 1, null);
      const wrong = { recipientId: other.recipientId, notifierId: queue.notifier.notifierId };
      expect(await bench.store.takeNotifications([wrong], 1, 9)).toEqual([[]]);
      expect(await taken(bench.store, queue, 2)).toEqual(given);
    });

    test('are not for a connection that was released', async () => {
      const queue = await createdWithNotifier(bench.store);
      await bench.store.subscribeNotifiers([queue], 1, null);
      await notified(bench.store, queue, many(1));
      await bench.store.release(1);
      expect(await taken(bench.store, queue, 1)).toEqual([]);
      await expectCounts(bench.store, { notifications: 1 });
    });

    test('of a service are for its session', async () => {
      const serviceId = anyId();
      const queue = await createdWithNotifier(bench.store, { serviceId });
      const given = many(3);
      await notified(bench.store, queue, given);
      await bench.store.subscribeService(anyId(), 'N', 1);
      expect(await taken(bench.store, queue, 1)).toEqual([]);
      await bench.store.subscribeService(serviceId, 'N', 1);
      expect(whole(await bench.store.takeNotifications([notifierRef(queue)], 1, 1))).toEqual([given.slice(0, 1)]);
      await bench.store.subscribeService(serviceId, 'N', 2);
      expect(await taken(bench.store, queue, 1)).toEqual([]);
      expect(await taken(bench.store, queue, 2)).toEqual(given.slice(1));
    });

    test('are taken in the order of the calls, while the subscription moves', async () => {
      const queue = await createdWithNotifier(bench.store);
      await bench.store.subscribeNotifiers([queue], 1, null);
      const given = many(4);
      const appending = notified(bench.store, queue, given.slice(0, 2));
      const takes = [bench.store.takeNotifications([notifierRef(queue)], 1, 9)];
      const moving = bench.store.subscribeNotifiers([queue], 2, null);
      takes.push(bench.store.takeNotifications([notifierRef(queue)], 1, 9));
      const more = notified(bench.store, queue, given.slice(2));
      takes.push(bench.store.takeNotifications([notifierRef(queue)], 1, 9), bench.store.takeNotifications([notifierRef(queue)], 2, 9));
      await Promise.all([appending, moving, more]);
      expect(await Promise.all(takes)).toEqual([[given.slice(0, 2)], [[]], [[]], [given.slice(2)]]);
    });

    test('two takers at once never get the same', async () => {
      const queue = await createdWithNotifier(bench.store);
      await bench.store.subscribeNotifiers([queue], 1, null);
      const given = many(6);
      await notified(bench.store, queue, given);
      const takes = await Promise.all(
        Array.from({ length: 4 }, () => bench.store.takeNotifications([notifierRef(queue)], 1, 2)),
      );
      expect(takes.flatMap((take) => whole(take)[0]!)).toEqual(given);
    });

    test('the same notifier twice in one call is served twice', async () => {
      const queue = await createdWithNotifier(bench.store);
      await bench.store.subscribeNotifiers([queue], 1, null);
      const given = many(3);
      await notified(bench.store, queue, given);
      const ref = notifierRef(queue);
      expect(await bench.store.takeNotifications([ref, ref], 1, 2)).toEqual([given.slice(0, 2), given.slice(2)]);
    });

    test('none is kept for a queue without notifier, or for a message that is not stored', async () => {
      const without = await created(bench.store);
      await bench.store.append(without, anyMessage(), options({ notification: anyNotification() }));
      const queue = await createdWithNotifier(bench.store);
      await bench.store.subscribeNotifiers([queue], 1, null);
      await bench.store.append(queue, anyMessage(), options({ quota: 1 }));
      const refused = await bench.store.append(queue, anyMessage(), options({ quota: 1, notification: anyNotification() }));
      expect(refused).toEqual({ status: 'quota', expired: 0 });
      expect(await taken(bench.store, queue, 1)).toEqual([]);
      await expectCounts(bench.store, { notifications: 0 });
    });

    test('outlive the acknowledgement of their message', async () => {
      const queue = await createdWithNotifier(bench.store);
      await bench.store.subscribeNotifiers([queue], 1, null);
      const [message, notification] = [anyMessage(), anyNotification()];
      await bench.store.append(queue, message, options({ notification }));
      await bench.store.acknowledge(queue, message.msgId, null);
      expect(await taken(bench.store, queue, 1)).toEqual([notification]);
    });

    test(`at least ${KEPT} are kept, also where few messages carry one`, async () => {
      const queue = await createdWithNotifier(bench.store);
      await bench.store.subscribeNotifiers([queue], 1, null);
      const given = many(KEPT);
      await notified(bench.store, queue, [given[0]!, ...Array.from({ length: KEPT - 1 }, () => null), ...given.slice(1)]);
      expect(await taken(bench.store, queue, 1)).toEqual(given);
    });

    test('that wait are announced to a new subscriber, direct or by service', async () => {
      const [direct, byService] = [await createdWithNotifier(bench.store), await createdWithNotifier(bench.store)];
      for (const queue of [direct, byService]) await notified(bench.store, queue, many(1));
      changed((await bench.store.subscribeNotifiers([direct], 6, null))[0]);
      changed((await bench.store.subscribeNotifiers([byService], 7, anyId()))[0]);
      for (const [queue, by] of [[direct, 6], [byService, 7]] as const) await expectAnnounced(bench, [queue], by);
    });

    test('are announced for a whole block of subscriptions', async () => {
      const queues = await Promise.all(Array.from({ length: 135 }, () => createdWithNotifier(bench.store)));
      await Promise.all(queues.map((queue) => notified(bench.store, queue, many(1))));
      await bench.store.subscribeNotifiers(queues, 6, null);
      await expectAnnounced(bench, queues, 6);
    });

    test('of many notifiers are all announced to the session of their service', { timeout: 60_000 }, async () => {
      const serviceId = anyId();
      const queues = await Promise.all(Array.from({ length: 600 }, () => createdWithNotifier(bench.store, { serviceId })));
      await Promise.all(queues.map((queue) => notified(bench.store, queue, many(1))));
      await bench.store.subscribeService(serviceId, 'N', 6);
      await expectAnnounced(bench, queues, 6);
    });

    test('of other queues of the service are announced to a session that one subscription makes', async () => {
      const serviceId = anyId();
      const waiting = await createdWithNotifier(bench.store, { serviceId });
      await notified(bench.store, waiting, many(1));
      await bench.store.subscribeNotifiers([await createdWithNotifier(bench.store)], 6, serviceId);
      await expectAnnounced(bench, [waiting], 6);
      expect(await taken(bench.store, waiting, 6)).toHaveLength(1);
    });
  });
}

async function expectAnnounced(bench: Bench, queues: readonly Parameters<typeof notifierRef>[0][], by: number): Promise<void> {
  for (const queue of queues) {
    const { recipientId, notifierId } = notifierRef(queue);
    await bench.events.expectWake(line('wakeNotifier', notifierId, toBase64Url(recipientId), by));
  }
}
