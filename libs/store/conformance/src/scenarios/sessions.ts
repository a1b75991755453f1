/** Sessions of services (SMP §6.8): what they get, how many queues count to them, and how they end. */
import { describe, expect, test } from 'vitest';
import { anyId, anyNotifier, changed, created, createdWithNotifier } from '../builders.ts';
import { expectCounts, line } from '../event-log.ts';
import type { Bench } from '../bench.ts';
import { associated, notifierId, notifyTo } from './services.ts';

export function sessionScenarios(bench: Bench): void {
  describe('sessions of services', () => {
    test('get the notifications of all associated queues', async () => {
      const serviceId = anyId();
      const queues = [
        await createdWithNotifier(bench.store, { serviceId }), await createdWithNotifier(bench.store, { serviceId }),
      ];
      expect(await bench.store.subscribeService(serviceId, 'N', 4)).toBe(2);
      expect(await bench.store.subscribeService(serviceId, 'N', 4)).toBe(2);
      for (const queue of queues) expect(await notifyTo(bench.store, queue)).toBe(4);
      await bench.events.expectEvents(bench.store, []);
    });

    test('a new session ends the previous one, with the number of its queues', async () => {
      const serviceId = anyId();
      const [a, b] = [await createdWithNotifier(bench.store), await createdWithNotifier(bench.store)];
      const first = await associated(bench.store, a, 1, serviceId);
      await associated(bench.store, first, 1, serviceId);
      await associated(bench.store, b, 1, serviceId);
      expect(await bench.store.subscribeService(serviceId, 'N', 2)).toBe(2);
      await associated(bench.store, await createdWithNotifier(bench.store), 2, serviceId);
      await associated(bench.store, first, 3, serviceId);
      expect(await notifyTo(bench.store, first)).toBe(3);
      await bench.events.expectEvents(
        bench.store, [line('serviceEnded', serviceId, 2, 1), line('serviceEnded', serviceId, 3, 2)],
      );
    });

    test('that asked for all counts what comes and goes', async () => {
      const serviceId = anyId();
      const queues = await Promise.all([1, 2, 3, 4].map(() => createdWithNotifier(bench.store, { serviceId })));
      expect(await bench.store.subscribeService(serviceId, 'N', 1)).toBe(4);
      await bench.store.delete(queues[0]!, 1);
      await bench.store.deleteNotifier(queues[1]!, null);
      await associated(bench.store, queues[2]!, 5, null);
      await createdWithNotifier(bench.store, { serviceId });
      changed(await bench.store.setNotifier(await created(bench.store), anyNotifier({ serviceId }), null));
      expect(await bench.store.subscribeService(serviceId, 'N', 2)).toBe(3);
      await bench.events.expectEvents(bench.store, [
        line('deleted notifier', notifierId(queues[1]!), 1),
        line('ended notifier', notifierId(queues[2]!), 1),
        line('serviceEnded', serviceId, 3, 1),
      ]);
    });

    test('that subscribed one by one counts those that are left', async () => {
      const serviceId = anyId();
      const queues = [];
      for (let i = 0; i < 3; i++) queues.push(await associated(bench.store, await createdWithNotifier(bench.store), 1, serviceId));
      await bench.store.delete(queues[0]!, 1);
      await createdWithNotifier(bench.store, { serviceId }); // associated, but not subscribed
      expect(await bench.store.subscribeService(serviceId, 'N', 2)).toBe(3);
      await bench.events.expectEvents(bench.store, [line('serviceEnded', serviceId, 2, 1)]);
    });

    test('hear nothing of what their own connection does', async () => {
      const [serviceId, other] = [anyId(), anyId()];
      const queues = [];
      for (let i = 0; i < 3; i++) queues.push(await associated(bench.store, await createdWithNotifier(bench.store), 1, serviceId));
      await bench.store.delete(queues[0]!, 1);
      await associated(bench.store, queues[1]!, 1, null);
      await associated(bench.store, queues[2]!, 1, other);
      await bench.events.expectEvents(bench.store, []);
      expect(await bench.store.subscribeService(serviceId, 'N', 2)).toBe(0);
      await bench.events.expectEvents(bench.store, [line('serviceEnded', serviceId, 0, 1)]);
    });

    test('are released with their connection', async () => {
      const serviceId = anyId();
      const queue = await associated(bench.store, await createdWithNotifier(bench.store), 1, serviceId);
      await bench.store.release(1);
      expect(await notifyTo(bench.store, queue)).toBeNull();
      expect(await bench.store.subscribeService(serviceId, 'N', 2)).toBe(1);
      expect(await notifyTo(bench.store, queue)).toBe(2);
      await bench.events.expectEvents(bench.store, []);
    });

    test('stale queues alone do not make a session', async () => {
      const serviceId = anyId();
      await bench.store.subscribeService(serviceId, 'N', 1);
      const queue = await createdWithNotifier(bench.store);
      await bench.store.suspend(queue);
      expect(await bench.store.subscribeNotifiers([queue], 2, serviceId)).toMatchObject([{ status: 'stale' }]);
      await bench.events.expectEvents(bench.store, []);
    });

    test('of a recipient service count the queues that it created', async () => {
      const serviceId = anyId();
      const queue = await created(bench.store, { serviceId });
      await created(bench.store, { serviceId });
      await expectCounts(bench.store, { recipientServiceQueues: 2, notifierServiceQueues: 0 });
      expect(await bench.store.subscribeService(serviceId, 'M', 1)).toBe(2);
      expect(await bench.store.subscribeService(serviceId, 'N', 1)).toBe(0);
      await bench.store.delete(queue, null);
      await expectCounts(bench.store, { recipientServiceQueues: 1 });
      expect(await bench.store.subscribeService(serviceId, 'M', 1)).toBe(1);
      expect(await bench.store.subscribeService(anyId(), 'P', 1)).toBe(0);
    });
  });
}
