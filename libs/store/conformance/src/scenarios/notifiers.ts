/** Notifier credentials (SMP §5.2 NKEY, NDEL). */
import { describe, expect, test } from 'vitest';
import {
  anyId, anyKey, anyMessage, anyNotification, anyNotifier, bytes, changed, created, createdWithNotifier, notifierRef, options,
  present, taken,
} from '../builders.ts';
import { expectCounts, line } from '../event-log.ts';
import type { Bench } from '../bench.ts';

export function notifierScenarios(bench: Bench): void {
  describe('notifiers', () => {
    test('new credentials replace the old ones, whose notifications go and whose subscriber hears it', async () => {
      const queue = await createdWithNotifier(bench.store);
      const old = queue.notifier.notifierId;
      await bench.store.subscribeNotifiers([queue], 3, null);
      await bench.store.append(queue, anyMessage(), options({ notification: anyNotification() }));
      const notifier = anyNotifier();
      const now = changed(await bench.store.setNotifier(queue, notifier, null));
      expect(now.notifier).toEqual(notifier);
      expect(now.revision).toBeGreaterThan(queue.revision);
      expect(await bench.store.find('notifier', [old, notifier.notifierId])).toEqual([null, now]);
      await bench.store.subscribeNotifiers([now], 3, null);
      expect(await bench.store.takeNotifications([notifierRef(queue), notifierRef(now)], 3, 9)).toEqual([[], []]);
      await expectCounts(bench.store, { notifiers: 1, notifications: 0 });
      await bench.events.expectEvents(bench.store, [line('deleted notifier', old, 3)]);
    });

    test('a taken id, or one of no length that ids have, is a collision and changes nothing', async () => {
      const other = await createdWithNotifier(bench.store);
      const queue = await createdWithNotifier(bench.store);
      for (const notifierId of [other.notifier.notifierId, queue.notifier.notifierId, bytes(0), bytes(256)]) {
        expect(await bench.store.setNotifier(queue, anyNotifier({ notifierId }), null)).toEqual({ status: 'collision' });
      }
      expect(await bench.store.find('notifier', [other.notifier.notifierId, queue.notifier.notifierId])).toEqual([other, queue]);
      changed(await bench.store.setNotifier(queue, anyNotifier({ notifierId: bytes(1) }), null));
    });

    test('the very same again is fine, whatever the revision, and done once', async () => {
      const before = await createdWithNotifier(bench.store);
      const notifier = anyNotifier();
      const [first, second] = await Promise.all([1, 2].map(() => bench.store.setNotifier(before, notifier, null)));
      const queue = changed(first);
      expect(second).toEqual(first);
      await bench.store.subscribeNotifiers([queue], 3, null);
      const notification = anyNotification();
      await bench.store.append(queue, anyMessage(), options({ notification }));
      for (const revision of [before.revision, queue.revision, queue.revision + 7]) {
        expect(await bench.store.setNotifier({ ...queue, revision }, notifier, null)).toEqual({ status: 'ok', queue });
      }
      expect(await taken(bench.store, queue, 3)).toEqual([notification]);
      await bench.events.expectEvents(bench.store, []);
    });

    test('the same id with another key or secret is another notifier', async () => {
      const before = await created(bench.store);
      const notifier = anyNotifier();
      const queue = changed(await bench.store.setNotifier(before, notifier, null));
      for (const parts of [{ notifierKey: anyKey() }, { dhSecret: bytes(32) }, { notifierId: anyId() }]) {
        expect(await bench.store.setNotifier(before, { ...notifier, ...parts }, null)).toEqual({ status: 'stale', queue });
      }
      expect(await present(bench.store, queue)).toEqual(queue);
    });

    test('whoever replaces or deletes a notifier is not told, and holds nothing of it any more', async () => {
      const queue = await createdWithNotifier(bench.store);
      await bench.store.subscribeNotifiers([queue], 3, null);
      const replaced = changed(await bench.store.setNotifier(queue, anyNotifier(), 3));
      await bench.store.subscribeNotifiers([replaced], 3, null);
      const bare = changed(await bench.store.deleteNotifier(replaced, 3));
      const again = changed(await bench.store.setNotifier(bare, queue.notifier, null));
      expect(await bench.store.append(again, anyMessage(), options({ notification: anyNotification() }))).toMatchObject({ notifyTo: null });
      await bench.events.expectEvents(bench.store, []);
    });

    test('deletion tells the subscriber; deleting again is fine', async () => {
      const queue = await createdWithNotifier(bench.store);
      await bench.store.subscribeNotifiers([queue], 3, null);
      const now = changed(await bench.store.deleteNotifier(queue, null));
      expect(now.notifier).toBeNull();
      expect(now.revision).toBeGreaterThan(queue.revision);
      expect(await bench.store.deleteNotifier(now, null)).toEqual({ status: 'ok', queue: now });
      await expectCounts(bench.store, { queues: 1, notifiers: 0 });
      await bench.events.expectEvents(bench.store, [line('deleted notifier', queue.notifier.notifierId, 3)]);
    });
  });
}
