/** Services: registration, associated notifiers, sessions (SMP §3.5, §6.8). */
import { describe, expect, test } from 'vitest';
import type { QueueRecord, QueueStore } from '@polyplex/store-contract';
import {
  anyId, anyMessage, anyNotification, anyNotifier, anyService, bytes, changed, createdWithNotifier, options, present, taken,
} from '../builders.ts';
import { expectCounts, line } from '../event-log.ts';
import type { Bench } from '../bench.ts';

export const notifierId = (queue: QueueRecord): Uint8Array => queue.notifier!.notifierId;

/** Subscribes one notifier in a session of the service; answers the queue as it is then. */
export async function associated(store: QueueStore, queue: QueueRecord, by: number, serviceId: Uint8Array | null): Promise<QueueRecord> {
  const [answer] = await store.subscribeNotifiers([queue], by, serviceId);
  return changed(answer);
}

export async function notifyTo(store: QueueStore, queue: QueueRecord): Promise<number | null> {
  const answer = await store.append(queue, anyMessage(), options({ quota: 1000, notification: anyNotification() }));
  expect(answer.status).toBe('stored');
  return answer.status === 'stored' ? answer.notifyTo : null;
}

export function serviceScenarios(bench: Bench): void {
  describe('registration of services', () => {
    test('is by fingerprint, once; later connections get the first record', async () => {
      const service = anyService('N');
      expect(await bench.store.registerService(service, 100)).toEqual({ status: 'ok', service, created: true });
      const again = { ...anyService('N'), fingerprint: service.fingerprint };
      expect(await bench.store.registerService(again, 100)).toEqual({ status: 'ok', service, created: false });
      expect(await bench.store.registerService({ ...again, role: 'M' }, 100)).toEqual({ status: 'conflict' });
      await bench.store.registerService(anyService('M'), 100);
      await bench.store.registerService(anyService('P'), 100);
      await expectCounts(bench.store, { notifierServices: 1, recipientServices: 1, proxyServices: 1 });
    });

    test('new ones are bounded over all roles, known ones are not', async () => {
      const known = (['N', 'M', 'P'] as const).map((role) => anyService(role));
      for (const service of known) expect(await bench.store.registerService(service, 3)).toMatchObject({ created: true });
      for (const role of ['N', 'M', 'P'] as const) expect(await bench.store.registerService(anyService(role), 3)).toEqual({ status: 'full' });
      for (const limit of [3, 0]) {
        for (const service of known) expect(await bench.store.registerService(service, limit)).toEqual({ status: 'ok', service, created: false });
      }
      expect(await bench.store.registerService(anyService('P'), 4)).toMatchObject({ created: true });
    });

    test('of many at once, one is created', async () => {
      const fingerprint = bytes(32);
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => bench.store.registerService({ ...anyService('N'), fingerprint }, 100)),
      );
      expect(answers.filter((answer) => answer.status === 'ok' && answer.created)).toHaveLength(1);
      expect(new Set(answers.map((answer) => answer.status === 'ok' && line('', answer.service.serviceId))).size).toBe(1);
    });
  });

  describe('associated notifiers', () => {
    test('belong to the service from then on, and count', async () => {
      const serviceId = anyId();
      const queue = await associated(bench.store, await createdWithNotifier(bench.store), 1, serviceId);
      expect(queue.notifier!.serviceId).toEqual(serviceId);
      expect(await present(bench.store, queue)).toEqual(queue);
      expect(await associated(bench.store, queue, 1, serviceId)).toEqual(queue);
      await expectCounts(bench.store, { notifierServiceQueues: 1 });
      expect(await notifyTo(bench.store, queue)).toBe(1);
    });

    test('a direct subscriber of the notifier hears ended', async () => {
      const before = await createdWithNotifier(bench.store);
      await bench.store.subscribeNotifiers([before], 1, null);
      await associated(bench.store, before, 2, anyId());
      await bench.events.expectEvents(bench.store, [line('ended notifier', notifierId(before), 1)]);
    });

    test('subscribing without the service removes the association; its session hears ended', async () => {
      const serviceId = anyId();
      const queue = await associated(bench.store, await createdWithNotifier(bench.store), 1, serviceId);
      const now = await associated(bench.store, queue, 2, null);
      expect(now.notifier!.serviceId).toBeNull();
      expect(await notifyTo(bench.store, now)).toBe(2);
      await expectCounts(bench.store, { notifierServiceQueues: 0 });
      expect(await bench.store.subscribeService(serviceId, 'N', 3)).toBe(0);
      await bench.events.expectEvents(
        bench.store, [line('ended notifier', notifierId(queue), 1), line('serviceEnded', serviceId, 0, 1)],
      );
    });

    test('another service takes a notifier over; the first one hears ended', async () => {
      const services = [anyId(), anyId()] as const;
      const queue = await associated(bench.store, await createdWithNotifier(bench.store), 1, services[0]);
      const now = await associated(bench.store, queue, 2, services[1]);
      expect(await notifyTo(bench.store, now)).toBe(2);
      expect(await bench.store.subscribeService(services[0], 'N', 1)).toBe(0);
      expect(await bench.store.subscribeService(services[1], 'N', 2)).toBe(1);
      await bench.events.expectEvents(bench.store, [line('ended notifier', notifierId(queue), 1)]);
    });

    test('deletion of queue or notifier tells the session and lowers the counts', async () => {
      const serviceId = anyId();
      const [a, b, c] = [
        await associated(bench.store, await createdWithNotifier(bench.store), 1, serviceId),
        await associated(bench.store, await createdWithNotifier(bench.store), 1, serviceId),
        await associated(bench.store, await createdWithNotifier(bench.store), 1, serviceId),
      ];
      await bench.store.delete(a, null);
      await bench.store.deleteNotifier(b, null);
      await expectCounts(bench.store, { notifierServiceQueues: 1, notifiers: 1 });
      expect(await bench.store.subscribeService(serviceId, 'N', 2)).toBe(1);
      expect(await notifyTo(bench.store, c)).toBe(2);
      await bench.events.expectEvents(bench.store, [
        line('deleted notifier', notifierId(a), 1),
        line('deleted notifier', notifierId(b), 1),
        line('serviceEnded', serviceId, 1, 1),
      ]);
    });

    test('new credentials of an associated queue are not associated', async () => {
      const serviceId = anyId();
      const queue = await associated(bench.store, await createdWithNotifier(bench.store), 1, serviceId);
      const now = changed(await bench.store.setNotifier(queue, anyNotifier(), null));
      await expectCounts(bench.store, { notifierServiceQueues: 0 });
      expect(await notifyTo(bench.store, now)).toBeNull();
      await bench.events.expectEvents(bench.store, [line('deleted notifier', notifierId(queue), 1)]);
    });

    test('the same notifier twice in one call counts once', async () => {
      const serviceId = anyId();
      const queue = await createdWithNotifier(bench.store);
      const [first, second] = await bench.store.subscribeNotifiers([queue, queue], 1, serviceId);
      const now = changed(first);
      expect(second).toEqual({ status: 'stale', queue: now }); // the first one changed the record
      await expectCounts(bench.store, { notifierServiceQueues: 1 });
      expect(await bench.store.subscribeNotifiers([now, now], 1, serviceId)).toEqual([1, 2].map(() => ({ status: 'ok', queue: now })));
      expect(await bench.store.subscribeService(serviceId, 'N', 2)).toBe(1);
      await bench.events.expectEvents(bench.store, [line('serviceEnded', serviceId, 1, 1)]);
    });

    test('one connection can hold some directly and others by its service', async () => {
      const serviceId = anyId();
      const [direct, other] = [await createdWithNotifier(bench.store), await createdWithNotifier(bench.store)];
      await associated(bench.store, direct, 1, null);
      const byService = await associated(bench.store, other, 1, serviceId);
      expect([await notifyTo(bench.store, direct), await notifyTo(bench.store, byService)]).toEqual([1, 1]);
      expect(await taken(bench.store, direct, 1)).toHaveLength(1);
      expect(await taken(bench.store, byService, 1)).toHaveLength(1);
      const moved = await associated(bench.store, direct, 1, serviceId);
      await expectCounts(bench.store, { notifierServiceQueues: 2 });
      await associated(bench.store, byService, 1, null);
      await associated(bench.store, moved, 1, null);
      await bench.store.subscribeService(serviceId, 'N', 1);
      await bench.events.expectEvents(bench.store, []);
    });
  });
}
