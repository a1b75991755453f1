/** Subscriptions of queues and notifiers (SMP §6.3, §5.4). */
import { describe, expect, test } from 'vitest';
import { anyMessage, anyNotification, appended, changed, created, createdWithNotifier, present, QUOTA } from '../builders.ts';
import { line } from '../event-log.ts';
import type { Bench } from '../queue-store.ts';

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
      expect(await bench.store.append(queue, anyMessage(), QUOTA, null)).toMatchObject({ deliverTo: 2 });
    });

    test('of many at once one is left, and all others hear ended', async () => {
      const queue = await created(bench.store);
      await Promise.all(Array.from({ length: 10 }, (_, i) => bench.store.subscribe([queue], i + 1, false)));
      const answer = await bench.store.append(queue, anyMessage(), QUOTA, null);
      const left = answer.status === 'stored' ? answer.deliverTo! : 0;
      const others = Array.from({ length: 10 }, (_, i) => i + 1).filter((connection) => connection !== left);
      expect(others).toHaveLength(9);
      await bench.events.expectEventsInAnyOrder(
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
      expect(await bench.store.append(now, anyMessage(), QUOTA, null)).toMatchObject({ deliverTo: null });
      expect(await bench.store.append(a, anyMessage(), QUOTA, null)).toMatchObject({ deliverTo: 1 });
    });

    test('a message is told to exactly one side when subscribing and appending meet', async () => {
      for (let i = 0; i < 20; i++) {
        const queue = await created(bench.store);
        const message = anyMessage();
        const steps = [
          () => bench.store.append(queue, message, QUOTA, null), () => bench.store.subscribe([queue], 3, true),
        ] as const;
        const [appended, claims] = i % 2 === 0
          ? await Promise.all([steps[0](), steps[1]()])
          : await Promise.all([steps[1](), steps[0]()]).then(([c, a]) => [a, c] as const);
        const told = [
          appended.status === 'stored' && appended.deliverTo === 3, claims[0]!.status === 'ok' && claims[0]!.head !== null,
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
      expect(await bench.store.append(a, anyMessage(), QUOTA, null)).toMatchObject({ deliverTo: null });
      expect(await bench.store.append(b, anyMessage(), QUOTA, null)).toMatchObject({ deliverTo: 2 });
      expect(await bench.store.append(c, anyMessage(), QUOTA, anyNotification())).toMatchObject({ notifyTo: null });
      await bench.store.subscribe([a], 2, false);
      await bench.store.delete(c, null);
      await bench.events.expectEvents(bench.store, []);
    });

    test('a connection released while its subscription is under way holds nothing', async () => {
      const queue = await created(bench.store);
      const steps = [
        bench.store.append(queue, anyMessage(), QUOTA, null), bench.store.subscribe([queue], 1, false), bench.store.release(1),
      ];
      await Promise.all(steps);
      await bench.store.subscribe([queue], 2, false);
      await bench.events.expectEvents(bench.store, []);
    });
  });

  describe('subscriptions of notifiers', () => {
    test('append names the subscriber; another connection ends the previous one', async () => {
      const queue = await createdWithNotifier(bench.store);
      expect(await bench.store.subscribeNotifiers([queue], 1, null)).toEqual([{ status: 'ok', queue }]);
      expect(await bench.store.subscribeNotifiers([queue], 1, null)).toEqual([{ status: 'ok', queue }]);
      const appended = await bench.store.append(queue, anyMessage(), QUOTA, anyNotification());
      expect(appended).toMatchObject({ notifyTo: 1, deliverTo: null });
      await bench.store.subscribeNotifiers([queue], 2, null);
      expect(await bench.store.append(queue, anyMessage(), QUOTA, anyNotification())).toMatchObject({ notifyTo: 2 });
      await bench.events.expectEvents(bench.store, [line('ended notifier', queue.notifier.notifierId, 1)]);
    });

    test('without a notification nobody is named', async () => {
      const queue = await createdWithNotifier(bench.store);
      await bench.store.subscribeNotifiers([queue], 1, null);
      expect(await bench.store.append(queue, anyMessage(), QUOTA, null)).toMatchObject({ notifyTo: null });
    });

    test('a queue without notifier is stale', async () => {
      const queue = await created(bench.store);
      expect(await bench.store.subscribeNotifiers([queue], 1, null)).toEqual([{ status: 'stale', queue }]);
    });

    test('notifications that wait are announced to a new subscriber', async () => {
      const queue = await createdWithNotifier(bench.store);
      await bench.store.append(queue, anyMessage(), QUOTA, anyNotification());
      await bench.store.subscribeNotifiers([queue], 6, null);
      await bench.events.expectWake(line('wakeNotifier', queue.notifier.notifierId, 6));
    });

    test('queue and notifier have different subscribers', async () => {
      const queue = await createdWithNotifier(bench.store);
      await bench.store.subscribe([queue], 1, false);
      await bench.store.subscribeNotifiers([queue], 2, null);
      const appended = await bench.store.append(queue, anyMessage(), QUOTA, anyNotification());
      expect(appended).toMatchObject({ deliverTo: 1, notifyTo: 2 });
      expect(await present(bench.store, queue)).toEqual(queue);
      await bench.events.expectEvents(bench.store, []);
    });
  });
}
