/** What a restart keeps: everything but subscriptions (SMP §8.6). */
import { describe, expect, test } from 'vitest';
import {
  anyId, anyKey, anyLink, anyMessage, anyNotification, anyNotifier, anyService, appended, changed, created, drained, present,
  QUOTA,
} from '../builders.ts';
import type { Bench } from '../queue-store.ts';

export function reopenScenarios(bench: Bench): void {
  describe('reopening', () => {
    test('keeps queues, messages, links, notifications, services and counts', async () => {
      const link = anyLink();
      const service = anyService('N');
      await bench.store.registerService(service);
      let queue = await created(
        bench.store, { link, notifier: anyNotifier({ serviceId: service.serviceId }), serviceId: anyId() },
      );
      queue = changed(await bench.store.secure(queue, anyKey()));
      const messages = await appended(bench.store, queue, QUOTA - 1);
      const [last, refused, notification] = [anyMessage(), anyMessage(), anyNotification()];
      await bench.store.append(queue, last, QUOTA, notification);
      await bench.store.append(queue, refused, QUOTA, null);
      const counts = await bench.store.counts();

      await bench.reopen();

      expect(await bench.store.counts()).toEqual(counts);
      expect(await present(bench.store, queue)).toEqual(queue);
      expect(await bench.store.find('sender', [queue.senderId])).toEqual([queue]);
      expect(await bench.store.linkData(queue)).toEqual(link.data);
      expect(await bench.store.append(queue, anyMessage(), QUOTA, null)).toEqual({ status: 'quota' });
      expect(await drained(bench.store, queue)).toEqual(
        [...messages, last, { kind: 'quota', msgId: refused.msgId, ts: refused.ts }],
      );
      expect(await bench.store.takeNotifications([queue.notifier!.notifierId], 9)).toEqual([[notification]]);
      expect(await bench.store.registerService(service)).toEqual({ status: 'ok', service, created: false });
      expect(await bench.store.subscribeService(service.serviceId, 'N', 1)).toBe(1);
    });

    test('a message appended again after the restart is stored once', async () => {
      const queue = await created(bench.store);
      const message = anyMessage();
      await bench.store.append(queue, message, QUOTA, null);
      await bench.reopen();
      await bench.store.append(queue, message, QUOTA, null);
      expect(await bench.store.size(queue)).toBe(1);
    });

    test('forgets subscriptions', async () => {
      const queue = await created(bench.store, { notifier: anyNotifier() });
      await bench.store.subscribe([queue], 1, false);
      await bench.store.subscribeNotifiers([queue], 1, null);
      await bench.reopen();
      const answer = await bench.store.append(queue, anyMessage(), QUOTA, anyNotification());
      expect(answer).toEqual({ status: 'stored', deliverTo: null, notifyTo: null });
      await bench.store.delete(queue, null);
      await bench.events.expectEvents(bench.store, []);
    });
  });
}
