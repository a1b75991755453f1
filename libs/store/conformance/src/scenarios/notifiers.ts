/** Notifier credentials and pending notifications (SMP §5.2 NKEY, NDEL; §6.7). */
import { describe, expect, test } from 'vitest';
import { anyMessage, anyNotification, anyNotifier, changed, created, createdWithNotifier, QUOTA } from '../builders.ts';
import { line } from '../event-log.ts';
import type { Bench } from '../queue-store.ts';

export function notifierScenarios(bench: Bench): void {
  describe('notifiers', () => {
    test('new credentials replace the old ones, whose notifications go and whose subscriber hears it', async () => {
      const queue = await createdWithNotifier(bench.store);
      const old = queue.notifier.notifierId;
      await bench.store.subscribeNotifiers([queue], 3, null);
      await bench.store.append(queue, anyMessage(), QUOTA, anyNotification());
      const notifier = anyNotifier();
      const now = changed(await bench.store.setNotifier(queue, notifier));
      expect(now.notifier).toEqual(notifier);
      expect(await bench.store.find('notifier', [old, notifier.notifierId])).toEqual([null, now]);
      expect(await bench.store.takeNotifications([old, notifier.notifierId], 9)).toEqual([[], []]);
      expect(await bench.store.counts()).toMatchObject({ notifiers: 1, notifications: 0 });
      await bench.events.expectEvents(bench.store, [line('deleted notifier', old, 3)]);
    });

    test('a taken id is a collision and changes nothing', async () => {
      const other = await createdWithNotifier(bench.store);
      const queue = await createdWithNotifier(bench.store);
      const taken = anyNotifier({ notifierId: other.notifier.notifierId });
      expect(await bench.store.setNotifier(queue, taken)).toEqual({ status: 'collision' });
      expect(await bench.store.find('notifier', [other.notifier.notifierId, queue.notifier.notifierId])).toEqual([other, queue]);
    });

    test('deletion tells the subscriber; deleting again is fine', async () => {
      const queue = await createdWithNotifier(bench.store);
      await bench.store.subscribeNotifiers([queue], 3, null);
      const now = changed(await bench.store.deleteNotifier(queue));
      expect(now.notifier).toBeNull();
      expect(changed(await bench.store.deleteNotifier(now)).notifier).toBeNull();
      expect(await bench.store.counts()).toMatchObject({ queues: 1, notifiers: 0 });
      await bench.events.expectEvents(bench.store, [line('deleted notifier', queue.notifier.notifierId, 3)]);
    });

    test('notifications are taken once, oldest first, up to the limit, each notifier for itself', async () => {
      const [a, b] = [await createdWithNotifier(bench.store), await createdWithNotifier(bench.store)];
      const given = Array.from({ length: 5 }, () => anyNotification());
      for (const notification of given) await bench.store.append(a, anyMessage(), 10, notification);
      const other = anyNotification();
      await bench.store.append(b, anyMessage(), 10, other);
      const ids = [b.notifier.notifierId, a.notifier.notifierId];
      expect(await bench.store.counts()).toMatchObject({ notifications: 6 });
      expect(await bench.store.takeNotifications(ids, 3)).toEqual([[other], given.slice(0, 3)]);
      expect(await bench.store.takeNotifications(ids, 3)).toEqual([[], given.slice(3)]);
      expect(await bench.store.takeNotifications(ids, 3)).toEqual([[], []]);
      expect(await bench.store.counts()).toMatchObject({ notifications: 0, messages: 6 });
    });

    test('two takers at once never get the same notification', async () => {
      const queue = await createdWithNotifier(bench.store);
      const given = Array.from({ length: 6 }, () => anyNotification());
      for (const notification of given) await bench.store.append(queue, anyMessage(), 10, notification);
      const takes = await Promise.all(
        Array.from({ length: 4 }, () => bench.store.takeNotifications([queue.notifier.notifierId], 2)),
      );
      const all = takes.flatMap(([taken]) => taken!).sort((x, y) => x.ts - y.ts);
      expect(all).toEqual(given);
    });

    test('nothing is kept for a queue without notifier, or for a message that is not stored', async () => {
      const without = await created(bench.store);
      await bench.store.append(without, anyMessage(), QUOTA, anyNotification());
      const queue = await createdWithNotifier(bench.store);
      await bench.store.append(queue, anyMessage(), 1, null);
      expect(await bench.store.append(queue, anyMessage(), 1, anyNotification())).toEqual({ status: 'quota' });
      expect(await bench.store.takeNotifications([queue.notifier.notifierId], 9)).toEqual([[]]);
      expect(await bench.store.counts()).toMatchObject({ notifications: 0 });
    });

    test('notifications outlive the acknowledgement of their message', async () => {
      const queue = await createdWithNotifier(bench.store);
      const [message, notification] = [anyMessage(), anyNotification()];
      await bench.store.append(queue, message, QUOTA, notification);
      await bench.store.acknowledge(queue, message.msgId);
      expect(await bench.store.takeNotifications([queue.notifier.notifierId], 9)).toEqual([[notification]]);
    });
  });
}
