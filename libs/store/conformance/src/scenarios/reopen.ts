/** What a restart keeps: everything but subscriptions (SMP §8.6). */
import { describe, expect, test } from 'vitest';
import {
  anyId, anyKey, anyLink, anyMessage, anyNotification, anyNotifier, anyQueue, anyService, appended, changed, created, drained,
  options, present, QUOTA, taken,
} from '../builders.ts';
import { expectCounts } from '../event-log.ts';
import type { Bench } from '../bench.ts';

export function reopenScenarios(bench: Bench): void {
  describe('reopening', () => {
    test('keeps queues, messages, links, notifications, services and counts', async () => {
      const link = anyLink();
      const service = anyService('N');
      await bench.store.registerService(service, 100);
      let queue = await created(
        bench.store, { link, notifier: anyNotifier({ serviceId: service.serviceId }), serviceId: anyId() },
      );
      queue = changed(await bench.store.secure(queue, anyKey()));
      const messages = await appended(bench.store, queue, QUOTA - 1);
      const [last, refused, notification] = [anyMessage(), anyMessage(), anyNotification()];
      await bench.store.append(queue, last, options({ notification }));
      await bench.store.append(queue, refused, options());
      const counts = {
        queues: 1, securedQueues: 1, messages: QUOTA + 1, notifiers: 1, notifications: 1, recipientServices: 0,
        recipientServiceQueues: 1, notifierServices: 1, notifierServiceQueues: 1, proxyServices: 0,
      };
      await expectCounts(bench.store, counts);

      await bench.reopen();

      await expectCounts(bench.store, counts);
      expect(await present(bench.store, queue)).toEqual(queue);
      expect(await bench.store.find('sender', [queue.senderId])).toEqual([queue]);
      expect(await bench.store.linkData(queue)).toEqual(link.data);
      expect(await bench.store.append(queue, anyMessage(), options())).toEqual({ status: 'quota', expired: 0 });
      expect(await drained(bench.store, queue)).toEqual(
        [...messages, last, { kind: 'quota', msgId: refused.msgId, ts: refused.ts }],
      );
      expect(await bench.store.registerService(service, 100)).toEqual({ status: 'ok', service, created: false });
      expect(await bench.store.subscribeService(service.serviceId, 'N', 1)).toBe(1);
      expect(await taken(bench.store, queue, 1)).toEqual([notification]);
    });

    test('calls repeated after the restart are done once', async () => {
      const given = anyQueue();
      const before = changed(await bench.store.create(given, null));
      const [notifier, message, notification] = [anyNotifier(), anyMessage(), anyNotification()];
      const queue = changed(await bench.store.setNotifier(before, notifier, null));
      await bench.store.append(queue, message, options({ notification }));
      await bench.reopen();
      expect(await bench.store.create(given, null)).toEqual({ status: 'ok', queue });
      expect(await bench.store.setNotifier(before, notifier, null)).toEqual({ status: 'ok', queue });
      expect(await bench.store.append(queue, message, options({ notification }))).toMatchObject({ status: 'stored' });
      expect(await bench.store.size(queue)).toBe(1);
      await expectCounts(bench.store, { queues: 1, notifiers: 1, messages: 1, notifications: 1 });
    });

    test('forgets subscriptions', async () => {
      const serviceId = anyId();
      const queue = await created(bench.store, { notifier: anyNotifier() }, 1);
      const byService = await created(bench.store, { notifier: anyNotifier({ serviceId }) });
      await bench.store.subscribeNotifiers([queue], 1, null);
      await bench.store.subscribeService(serviceId, 'N', 1);
      await bench.reopen();
      for (const each of [queue, byService]) {
        const answer = await bench.store.append(each, anyMessage(), options({ notification: anyNotification() }));
        expect(answer).toEqual({ status: 'stored', deliverTo: null, notifyTo: null, expired: 0 });
        expect(await taken(bench.store, each, 1)).toEqual([]);
        await bench.store.delete(each, null);
      }
      await bench.events.expectEvents(bench.store, []);
    });
  });
}
