/** Subscriptions of queues and notifiers (SMP §6.3, §5.4). */
import { describe, expect, test } from 'vitest';
import type { QueueRecord } from '@polyplex/store-contract';
import { anyId, anyMessage, anyNotification, appended, changed, created, createdWithNotifier, options, present, whole } from '../builders.ts';
import { line } from '../event-log.ts';
import type { Bench } from '../bench.ts';

export function subscriptionScenarios(bench: Bench): void {
  describe('subscriptions of queues', () => {
    test('tell whether messages wait, and the first on demand', async () => {
      const [empty, waiting] = [await created(bench.store), await created(bench.store)];
      const [head] = await appended(bench.store, waiting, 2);
      expect(await bench.store.subscribe([waiting, empty], 1, true)).toEqual([
        { status: 'ok', queue: waiting, pending: true, head },
        { status: 'ok', queue: empty, pending: false, head: null },
      ]);
      expect(await bench.store.subscribe([empty, waiting], 1, false)).toEqual([
        { status: 'ok', queue: empty, pending: false, head: null },
        { status: 'ok', queue: waiting, pending: true, head: null },
      ]);
    });

    test('the previous subscriber hears ended; the same one again hears nothing', async () => {
      const queue = await created(bench.store);
      await bench.store.subscribe([queue], 1, false);
      await bench.store.subscribe([queue], 1, false);
      await bench.events.expectEvents(bench.store, []);
      await bench.store.subscribe([queue], 2, false);
      await bench.events.expectEvents(bench.store, [line('ended recipient', queue.recipientId, 1)]);
      expect(await bench.store.append(queue, anyMessage(), options())).toMatchObject({ deliverTo: 2 });
    });

    test('of many at once one is left, and all others hear ended', async () => {
      const queue = await created(bench.store);
      await Promise.all(Array.from({ length: 10 }, (_, i) => bench.store.subscribe([queue], i + 1, false)));
      const answer = await bench.store.append(queue, anyMessage(), options());
      const left = answer.status === 'stored' ? answer.deliverTo! : 0;
      const others = Array.from({ length: 10 }, (_, i) => i + 1).filter((connection) => connection !== left);
      expect(others).toHaveLength(9);
      await bench.events.expectEvents(
        bench.store, others.map((connection) => line('ended recipient', queue.recipientId, connection)),
      );
    });

    test('one stale queue of a call does not hinder the others', async () => {
      const [a, b, c] = [await created(bench.store), await created(bench.store), await created(bench.store)];
      const now = changed(await bench.store.suspend(b));
      await bench.store.delete(c, null);
      expect(await bench.store.subscribe([c, b, a], 1, false)).toMatchObject([
        { status: 'stale', queue: null }, { status: 'stale', queue: now }, { status: 'ok' },
      ]);
      expect(await bench.store.append(now, anyMessage(), options())).toMatchObject({ deliverTo: null });
      expect(await bench.store.append(a, anyMessage(), options())).toMatchObject({ deliverTo: 1 });
    });

    test('a message is told to exactly one side when subscribing and appending meet', async () => {
      for (let i = 0; i < 20; i++) {
        const queue = await created(bench.store);
        const message = anyMessage();
        const steps = [
          () => bench.store.append(queue, message, options()), () => bench.store.subscribe([queue], 3, true),
        ] as const;
        const [appended, items] = i % 2 === 0
          ? await Promise.all([steps[0](), steps[1]()])
          : await Promise.all([steps[1](), steps[0]()]).then(([c, a]) => [a, c] as const);
        const [claim] = whole(items);
        const told = [
          appended.status === 'stored' && appended.deliverTo === 3, claim!.status === 'ok' && claim!.head !== null,
        ];
        expect(told).toEqual(i % 2 === 0 ? [false, true] : [true, false]);
      }
    });

    test('release ends what a connection holds, silently, and nothing else', async () => {
      const [a, b, c] = [await created(bench.store), await created(bench.store), await createdWithNotifier(bench.store)];
      await bench.store.subscribe([a, b], 1, false);
      await bench.store.subscribe([b], 2, false);
      await bench.store.subscribeNotifiers([c], 1, null);
      await bench.events.expectEvents(bench.store, [line('ended recipient', b.recipientId, 1)]);
      await bench.store.release(1);
      await bench.store.release(99);
      expect(await bench.store.append(a, anyMessage(), options())).toMatchObject({ deliverTo: null });
      expect(await bench.store.append(b, anyMessage(), options())).toMatchObject({ deliverTo: 2 });
      expect(await bench.store.append(c, anyMessage(), options({ notification: anyNotification() }))).toMatchObject({ notifyTo: null });
      await bench.store.subscribe([a], 2, false);
      await bench.store.delete(c, null);
      await bench.events.expectEvents(bench.store, []);
    });

    test('the same queue twice in one call is claimed once', async () => {
      const queue = await created(bench.store);
      const claim = { status: 'ok', queue, pending: false, head: null };
      expect(await bench.store.subscribe([queue, queue], 1, true)).toEqual([claim, claim]);
      await bench.store.subscribe([queue, queue], 2, true);
      await bench.events.expectEvents(bench.store, [line('ended recipient', queue.recipientId, 1)]);
    });

    test('release of a connection with many queues ends them all', async () => {
      const queues = await Promise.all(Array.from({ length: 50 }, () => createdWithNotifier(bench.store)));
      await bench.store.subscribe(queues, 1, false);
      await bench.store.subscribeNotifiers(queues.slice(0, 25), 1, null);
      await bench.store.subscribeNotifiers(queues.slice(25), 1, anyId());
      await bench.store.release(1);
      const answers = await Promise.all(queues.map(async (queue) =>
        bench.store.append((await present(bench.store, queue))!, anyMessage(), options({ notification: anyNotification() }))));
      expect(answers).toEqual(queues.map(() => ({ status: 'stored', deliverTo: null, notifyTo: null, expired: 0 })));
      await Promise.all(queues.map(async (queue) => bench.store.delete((await present(bench.store, queue))!, null)));
      await bench.events.expectEvents(bench.store, []);
    });

    test('a connection released while its subscription is under way holds nothing', async () => {
      const queue = await createdWithNotifier(bench.store);
      const serviceId = anyId();
      await Promise.all([
        bench.store.append(queue, anyMessage(), options()),
        bench.store.subscribe([queue], 1, false),
        bench.store.subscribeNotifiers([queue], 1, null),
        bench.store.subscribeService(serviceId, 'N', 1),
        bench.store.release(1),
      ]);
      const appended = await bench.store.append(queue, anyMessage(), options({ notification: anyNotification() }));
      expect(appended).toMatchObject({ deliverTo: null, notifyTo: null });
      await bench.store.subscribe([queue], 2, false);
      await bench.store.subscribeNotifiers([queue], 2, null);
      await bench.store.subscribeService(serviceId, 'N', 2);
      await bench.events.expectEvents(bench.store, []);
    });
  });

  describe('subscriptions of notifiers', () => {
    test('append names the subscriber; another connection ends the previous one', async () => {
      const queue = await createdWithNotifier(bench.store);
      expect(await bench.store.subscribeNotifiers([queue], 1, null)).toEqual([{ status: 'ok', queue }]);
      expect(await bench.store.subscribeNotifiers([queue], 1, null)).toEqual([{ status: 'ok', queue }]);
      const appended = await bench.store.append(queue, anyMessage(), options({ notification: anyNotification() }));
      expect(appended).toMatchObject({ notifyTo: 1, deliverTo: null });
      await bench.store.subscribeNotifiers([queue], 2, null);
      expect(await bench.store.append(queue, anyMessage(), options({ notification: anyNotification() }))).toMatchObject({ notifyTo: 2 });
      await bench.events.expectEvents(bench.store, [line('ended notifier', queue.notifier.notifierId, 1)]);
    });

    test('without a notification nobody is named', async () => {
      const queue = await createdWithNotifier(bench.store);
      await bench.store.subscribeNotifiers([queue], 1, null);
      expect(await bench.store.append(queue, anyMessage(), options())).toMatchObject({ notifyTo: null });
    });

    test('a queue without notifier is stale, and hinders none of the others, directly or by a service', async () => {
      for (const serviceId of [null, anyId()]) {
        const without = await created(bench.store);
        const [a, b] = [await createdWithNotifier(bench.store), await createdWithNotifier(bench.store)];
        const old = { ...a, revision: a.revision + 5 };
        const claims = whole(await bench.store.subscribeNotifiers([old, without, b], 1, serviceId));
        expect(claims.slice(0, 2)).toEqual([{ status: 'stale', queue: a }, { status: 'stale', queue: without }]);
        const now = changed(claims[2]);
        const append = (queue: QueueRecord) =>
          bench.store.append(queue, anyMessage(), options({ notification: anyNotification() }));
        expect([await append(a), await append(now)]).toMatchObject([{ notifyTo: null }, { notifyTo: 1 }]);
      }
    });

    test('queue and notifier have different subscribers', async () => {
      const queue = await createdWithNotifier(bench.store);
      await bench.store.subscribe([queue], 1, false);
      await bench.store.subscribeNotifiers([queue], 2, null);
      const appended = await bench.store.append(queue, anyMessage(), options({ notification: anyNotification() }));
      expect(appended).toMatchObject({ deliverTo: 1, notifyTo: 2 });
      expect(await present(bench.store, queue)).toEqual(queue);
      await bench.events.expectEvents(bench.store, []);
    });
  });
}
