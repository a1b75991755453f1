/** Arguments are not kept, and results own their memory. */
import { toBase64Url } from '@polyplex/base';
import { describe, expect, test } from 'vitest';
import type { QueueRecord, QueueStore } from '@polyplex/store-contract';
import {
  anyId, anyKey, anyLink, anyMessage, anyNotification, anyNotifier, anyQueue, anyService, changed, created,
  createdWithNotifier, DAY, head, notifierRef, options, present, taken, whole,
} from '../builders.ts';
import { careless } from '../careless.ts';
import { eventually, line } from '../event-log.ts';
import type { Bench } from '../bench.ts';

type Change = (store: QueueStore, queue: QueueRecord) => Promise<unknown>;

export function argumentScenarios(bench: Bench): void {
  /** The queue after a change by a careless caller: at once, and again behind a step that is under way. */
  async function changedCarelessly(change: Change, check: (queue: QueueRecord) => unknown): Promise<void> {
    for (const busy of [false, true]) {
      const queue = await created(bench.store);
      const step = busy ? bench.store.append(queue, anyMessage(), options()) : null;
      await change(careless(bench.store), queue);
      await step;
      await check((await present(bench.store, queue))!);
    }
  }

  describe('a caller that reuses its arguments and results', () => {
    test('creates', async () => {
      const given = anyQueue({
        senderKey: anyKey(), notifier: anyNotifier({ serviceId: anyId() }), serviceId: anyId(), link: anyLink(),
      });
      const queue = changed(await careless(bench.store).create(given, 1));
      const { link, ...record } = given;
      expect(await present(bench.store, given)).toEqual({ ...record, linkId: link!.linkId, revision: queue.revision });
      expect(await bench.store.linkData(queue)).toEqual(link!.data);
      expect(await bench.store.append(queue, anyMessage(), options())).toMatchObject({ deliverTo: 1 });
    });

    test('secures', async () => {
      const key = anyKey();
      await changedCarelessly((store, queue) => store.secure(queue, key), (queue) => expect(queue.senderKey).toEqual(key));
    });

    test('sets recipient keys', async () => {
      const keys = [anyKey(), anyKey('ed448')];
      await changedCarelessly(
        (store, queue) => store.setRecipientKeys(queue, keys), (queue) => expect(queue.recipientKeys).toEqual(keys),
      );
    });

    test('suspends, blocks and unblocks', async () => {
      await changedCarelessly((store, queue) => store.suspend(queue), ({ status }) => expect(status.state).toBe('off'));
      await changedCarelessly(async (store, queue) => {
        const info = { reason: 'spam', notice: { ttl: 5 } } as const;
        const now = changed(await store.block(queue, info));
        expect(now.status).toEqual({ state: 'blocked', info });
        return store.unblock(now);
      }, ({ status }) => expect(status.state).toBe('active'));
    });

    test('sets and deletes links', async () => {
      for (const busy of [false, true]) {
        const { linkId, data } = anyLink();
        const queue = await created(bench.store);
        if (busy) void bench.store.append(queue, anyMessage(), options());
        const now = changed(await careless(bench.store).setLink(queue, linkId, data));
        expect(await careless(bench.store).linkData(queue)).toEqual(data);
        expect(await bench.store.linkData(queue)).toEqual(data);
        expect(await bench.store.find('link', [linkId])).toEqual([now]);
        expect(changed(await careless(bench.store).deleteLink(now)).linkId).toBeNull();
      }
    });

    test('sets and deletes notifiers', async () => {
      for (const busy of [false, true]) {
        const notifier = anyNotifier({ serviceId: anyId() });
        const queue = await created(bench.store);
        if (busy) void bench.store.append(queue, anyMessage(), options());
        const now = changed(await careless(bench.store).setNotifier(queue, notifier, null));
        expect(now.notifier).toEqual(notifier);
        expect(await bench.store.find('notifier', [notifier.notifierId])).toEqual([now]);
        expect(changed(await careless(bench.store).deleteNotifier(now, null)).notifier).toBeNull();
      }
    });

    test('sends and receives', async () => {
      const queue = await createdWithNotifier(bench.store);
      const store = careless(bench.store);
      const sent = [anyMessage(), anyMessage()];
      const notifications = [anyNotification(), anyNotification()];
      await Promise.all(sent.map((message, i) => store.append(queue, message, options({ notification: notifications[i]! }))));
      expect(await store.heads([queue.recipientId], null)).toEqual([{ queue, head: sent[0] }]);
      expect(await store.subscribe([queue], 1, true)).toMatchObject([{ head: sent[0] }]);
      expect(await head(bench.store, queue)).toEqual(sent[0]);
      await store.subscribeNotifiers([queue], 1, null);
      expect(await store.takeNotifications([notifierRef(queue)], 1, 1)).toEqual([notifications.slice(0, 1)]);
      expect(await taken(bench.store, queue, 1)).toEqual(notifications.slice(1));
      const [acknowledged, size] = await Promise.all([store.acknowledge(queue, sent[0]!.msgId, 1), store.size(queue)]);
      expect([acknowledged, size]).toMatchObject([{ next: sent[1] }, 1]);
      const appending = bench.store.append(queue, anyMessage(), options());
      expect(await store.heads([queue.recipientId], 1)).toEqual([{ queue, head: sent[1] }]);
      await appending;
      expect(await store.delete(queue, 1)).toEqual({ status: 'ok', messages: 2 });
    });

    test('subscribes', async () => {
      const serviceId = anyId();
      const store = careless(bench.store);
      const queues = [await createdWithNotifier(bench.store), await createdWithNotifier(bench.store)];
      const appending = bench.store.append(queues[0]!, anyMessage(), options());
      const claims = whole(await store.subscribe(queues, 1, false));
      expect(claims.map(({ status }) => status)).toEqual(['ok', 'ok']);
      await appending;
      const nows = whole(await store.subscribeNotifiers(queues, 2, serviceId)).map(changed);
      expect(await bench.store.find('recipient', queues.map(({ recipientId }) => recipientId))).toEqual(nows);
      expect(await store.subscribeService(serviceId, 'N', 3)).toBe(2);
      for (const now of nows) {
        expect(await bench.store.append(now, anyMessage(), options({ notification: anyNotification() }))).toMatchObject({ notifyTo: 3 });
      }
      const [moving, move] = [bench.store.append(nows[0]!, anyMessage(), options()), store.subscribe(nows, 4, false)];
      await Promise.all([moving, move]);
      for (const now of nows) expect(await bench.store.delete(now, 4)).toMatchObject({ status: 'ok' });
      const ended = nows.map(({ recipientId }) => line('ended recipient', recipientId, 1));
      await eventually(() => expect(bench.events.lines).toEqual(expect.arrayContaining(ended)));
    });

    test('subscribes for a service that has notifications waiting', async () => {
      const serviceId = anyId();
      const queues = [await createdWithNotifier(bench.store), await createdWithNotifier(bench.store)];
      const waiting = await createdWithNotifier(bench.store, { serviceId });
      await bench.store.append(waiting, anyMessage(), options({ notification: anyNotification() }));
      const [a, b] = whole(await bench.store.subscribeNotifiers(queues, 1, serviceId)).map(changed);
      a!.notifier!.serviceId!.fill(0);
      expect(b!.notifier!.serviceId).toEqual(serviceId);
      const { notifierId } = waiting.notifier;
      await bench.events.expectWake(line('wakeNotifier', notifierId, toBase64Url(waiting.recipientId), 1));
    });

    test('finds, registers and touches', async () => {
      const store = careless(bench.store);
      const queue = await created(bench.store);
      expect(await store.find('sender', [queue.senderId])).toEqual([queue]);
      expect(await store.find('sender', [queue.senderId])).toEqual([queue]);
      const service = anyService('N');
      for (const isNew of [true, false]) {
        expect(await store.registerService(service, 100)).toEqual({ status: 'ok', service, created: isNew });
      }
      store.touch(queue, DAY + 86_400);
      await eventually(async () => expect((await present(bench.store, queue))?.usedDay).toBe(DAY + 86_400));
    });
  });
}
