/** Messages: order, repetition, quota, acknowledgement, delivery (SMP §6.2, §6.4). */
import { describe, expect, test } from 'vitest';
import {
  anyId, anyMessage, anyNotification, appended, bytes, changed, created, createdWithNotifier, drained, head, options, present, QUOTA,
} from '../builders.ts';
import { expectCounts, line } from '../event-log.ts';
import type { Bench } from '../bench.ts';

const STORED = { status: 'stored', deliverTo: null, notifyTo: null, expired: 0 };
const FULL = { status: 'quota', expired: 0 };

export function messageScenarios(bench: Bench): void {
  describe('messages', () => {
    test('come out as they went in, in order', async () => {
      const queue = await created(bench.store);
      const sent = [
        anyMessage({ body: bytes(16_088), notify: true }), anyMessage({ body: bytes(0) }), anyMessage({ body: bytes(1) }),
      ];
      for (const message of sent) expect(await bench.store.append(queue, message, options())).toEqual(STORED);
      expect(await bench.store.size(queue)).toBe(3);
      expect(await drained(bench.store, queue)).toEqual(sent);
      expect(await bench.store.size(queue)).toBe(0);
    });

    test('each queue has its own', async () => {
      const queues = [await created(bench.store), await created(bench.store)] as const;
      const sent = [await appended(bench.store, queues[0], 2), await appended(bench.store, queues[1], 1)];
      const ids = [queues[1].recipientId, anyId(), queues[0].recipientId];
      expect(await bench.store.heads(ids, null)).toEqual(
        [{ queue: queues[1], head: sent[1]![0] }, null, { queue: queues[0], head: sent[0]![0] }],
      );
      expect(await drained(bench.store, queues[0])).toEqual(sent[0]);
      expect(await drained(bench.store, queues[1])).toEqual(sent[1]);
    });

    test('are counted by any revision', async () => {
      const queue = await created(bench.store);
      await appended(bench.store, queue, 2);
      await bench.store.suspend(queue);
      for (const revision of [queue.revision, 0, queue.revision + 9]) {
        expect(await bench.store.size({ recipientId: queue.recipientId, revision })).toBe(2);
      }
    });
  });

  describe('the same message again', () => {
    test('is stored once, and answered as the first time', async () => {
      const queue = await createdWithNotifier(bench.store);
      await bench.store.subscribe([queue], 4, false);
      await bench.store.subscribeNotifiers([queue], 5, null);
      const message = anyMessage();
      const given = options({ notification: anyNotification() });
      const first = await bench.store.append(queue, message, given);
      expect(first).toEqual({ ...STORED, deliverTo: 4, notifyTo: 5 });
      expect(await bench.store.append(queue, message, given)).toEqual(first);
      expect(await Promise.all([1, 2].map(() => bench.store.append(queue, message, given)))).toEqual([first, first]);
      expect(await bench.store.size(queue)).toBe(1);
      await expectCounts(bench.store, { messages: 1, notifications: 1 });
    });

    test('names whoever is subscribed by then', async () => {
      const queue = await createdWithNotifier(bench.store);
      const message = anyMessage();
      const given = options({ notification: anyNotification() });
      expect(await bench.store.append(queue, message, given)).toEqual(STORED);
      await bench.store.subscribe([queue], 4, false);
      await bench.store.subscribeNotifiers([queue], 5, null);
      expect(await bench.store.append(queue, message, given)).toEqual({ ...STORED, deliverTo: 4, notifyTo: 5 });
    });

    test('is not stored again after it was acknowledged', async () => {
      const queue = await created(bench.store);
      const [message] = await appended(bench.store, queue, 1);
      await bench.store.acknowledge(queue, message!.msgId, null);
      expect(await bench.store.append(queue, message!, options())).toMatchObject({ status: 'stored' });
      expect(await bench.store.size(queue)).toBe(0);
    });

    test('is stored once in a queue that it filled', async () => {
      const queue = await created(bench.store);
      const message = anyMessage();
      for (let i = 0; i < 2; i++) expect(await bench.store.append(queue, message, options({ quota: 1 }))).toEqual(STORED);
      expect(await bench.store.size(queue)).toBe(1);
    });

    test('that became a marker is one marker', async () => {
      const queue = await created(bench.store);
      await appended(bench.store, queue, 1);
      const message = anyMessage();
      for (let i = 0; i < 2; i++) expect(await bench.store.append(queue, message, options({ quota: 1 }))).toEqual(FULL);
      expect(await bench.store.size(queue)).toBe(2);
    });

    test('that was refused is answered `stored` only if it is, after the marker is gone', async () => {
      const queue = await created(bench.store);
      await appended(bench.store, queue, 1);
      const message = anyMessage();
      expect(await bench.store.append(queue, message, options({ quota: 1 }))).toEqual(FULL);
      await drained(bench.store, queue);
      const { status } = await bench.store.append(queue, message, options({ quota: 1 }));
      expect(await head(bench.store, queue)).toEqual(status === 'stored' ? message : null);
    });
  });

  describe('quota', () => {
    test('a full queue takes one marker with the id and time of the refused message, and nothing after it', async () => {
      const queue = await created(bench.store);
      const sent = await appended(bench.store, queue, QUOTA);
      const refused = anyMessage();
      expect(await bench.store.append(queue, refused, options())).toEqual(FULL);
      expect(await bench.store.append(queue, anyMessage(), options())).toEqual(FULL);
      expect(await bench.store.size(queue)).toBe(QUOTA + 1);
      await expectCounts(bench.store, { messages: QUOTA + 1 });
      expect(await drained(bench.store, queue)).toEqual([...sent, { kind: 'quota', msgId: refused.msgId, ts: refused.ts }]);
    });

    test('sending works again only when everything is acknowledged, the marker too', async () => {
      const queue = await created(bench.store);
      const sent = await appended(bench.store, queue, QUOTA);
      const refused = anyMessage();
      await bench.store.append(queue, refused, options());
      for (const { msgId } of sent) {
        await bench.store.acknowledge(queue, msgId, null);
        expect(await bench.store.append(queue, anyMessage(), options())).toEqual(FULL);
      }
      const last = await bench.store.acknowledge(queue, refused.msgId, null);
      expect(last).toEqual({ status: 'ok', removed: { kind: 'quota', notify: false }, next: null });
      await expectCounts(bench.store, { messages: 0 });
      const again = await appended(bench.store, queue, QUOTA);
      expect(await drained(bench.store, queue)).toEqual(again);
    });

    test('without a marker there is room as soon as one is acknowledged', async () => {
      const queue = await created(bench.store);
      const sent = await appended(bench.store, queue, QUOTA);
      await bench.store.acknowledge(queue, sent[0]!.msgId, null);
      const next = await appended(bench.store, queue, 1);
      expect(await drained(bench.store, queue)).toEqual([...sent.slice(1), ...next]);
    });

    test('of many at once, exactly the quota is stored, and one marker', async () => {
      const queue = await created(bench.store);
      const answers = await Promise.all(Array.from({ length: 20 }, () => bench.store.append(queue, anyMessage(), options())));
      expect(answers.filter(({ status }) => status === 'stored')).toHaveLength(QUOTA);
      expect(await bench.store.size(queue)).toBe(QUOTA + 1);
    });

    test('below the present number of messages refuses, and a higher one lets in again', async () => {
      const queue = await created(bench.store);
      const sent = await appended(bench.store, queue, 3);
      const message = anyMessage();
      expect(await bench.store.append(queue, message, options({ quota: 1 }))).toEqual(FULL);
      expect(await bench.store.append(queue, anyMessage(), options({ quota: 100 }))).toEqual(FULL); // the marker closes it
      expect(await drained(bench.store, queue)).toEqual([...sent, { kind: 'quota', msgId: message.msgId, ts: message.ts }]);
      await appended(bench.store, queue, 3, 100);
    });
  });

  describe('acknowledgement', () => {
    test('answers with the next message, and what was removed', async () => {
      const queue = await created(bench.store);
      const [a, b] = [anyMessage({ notify: true }), anyMessage()];
      await bench.store.append(queue, a, options());
      await bench.store.append(queue, b, options());
      const answers = [await bench.store.acknowledge(queue, a.msgId, null), await bench.store.acknowledge(queue, b.msgId, null)];
      expect(answers).toEqual([
        { status: 'ok', removed: { kind: 'message', notify: true }, next: b },
        { status: 'ok', removed: { kind: 'message', notify: false }, next: null },
      ]);
    });

    test('of another id removes nothing and answers with the head', async () => {
      const queue = await created(bench.store);
      const [a, b] = await appended(bench.store, queue, 2);
      for (const msgId of [anyId(), b!.msgId, new Uint8Array(0), bytes(300), a!.msgId.subarray(0, 23)]) {
        expect(await bench.store.acknowledge(queue, msgId, null)).toEqual({ status: 'ok', removed: null, next: a });
      }
      expect(await bench.store.size(queue)).toBe(2);
      await drained(bench.store, queue);
      expect(await bench.store.acknowledge(queue, a!.msgId, null)).toEqual({ status: 'ok', removed: null, next: null });
    });

    test('twice at once removes one message', async () => {
      const queue = await created(bench.store);
      const [a, b] = await appended(bench.store, queue, 2);
      const answers = await Promise.all([bench.store.acknowledge(queue, a!.msgId, null), bench.store.acknowledge(queue, a!.msgId, null)]);
      expect(answers.map((answer) => answer.status === 'ok' && answer.removed !== null)).toEqual([true, false]);
      expect(answers.map((answer) => answer.status === 'ok' && answer.next)).toEqual([b, b]);
    });
  });

  describe('what is read for a connection', () => {
    test('is read by the subscriber, and by nobody else; who acknowledges removes in any case', async () => {
      const queue = await created(bench.store, {}, 1);
      const [a, b, c] = await appended(bench.store, queue, 3);
      const ids = [queue.recipientId];
      expect(await bench.store.heads(ids, 1)).toEqual([{ queue, head: a }]);
      expect(await bench.store.heads(ids, 2)).toEqual([null]);
      const removed = { kind: 'message', notify: false };
      expect(await bench.store.acknowledge(queue, a!.msgId, 1)).toEqual({ status: 'ok', removed, next: b });
      await bench.store.subscribe([queue], 2, false);
      expect(await bench.store.heads(ids, 1)).toEqual([null]);
      expect(await bench.store.acknowledge(queue, anyId(), 1)).toEqual({ status: 'ok', removed: null, next: null });
      expect(await bench.store.acknowledge(queue, b!.msgId, 1)).toEqual({ status: 'ok', removed, next: null });
      expect(await bench.store.heads(ids, 2)).toEqual([{ queue, head: c }]);
      expect(await bench.store.acknowledge(queue, b!.msgId, 2)).toEqual({ status: 'ok', removed: null, next: c });
    });

    test('is nothing after its release, or where only the notifier is subscribed', async () => {
      const queue = await createdWithNotifier(bench.store);
      const [a, b] = await appended(bench.store, queue, 2);
      await bench.store.subscribe([queue], 1, false);
      await bench.store.subscribeNotifiers([queue], 2, null);
      await bench.store.release(1);
      for (const by of [1, 2]) {
        expect(await bench.store.heads([queue.recipientId], by)).toEqual([null]);
        expect(await bench.store.acknowledge(queue, anyId(), by)).toMatchObject({ next: null });
      }
      expect(await bench.store.acknowledge(queue, a!.msgId, null)).toMatchObject({ next: b });
    });

    test('shows an empty queue, the record as it is now, and each queue for itself', async () => {
      const [old, other] = [await created(bench.store, {}, 1), await created(bench.store, {}, 2)];
      const queue = changed(await bench.store.suspend(old));
      const ids = [other, old, queue].map(({ recipientId }) => recipientId);
      expect(await bench.store.heads([...ids, anyId()], 1)).toEqual([null, { queue, head: null }, { queue, head: null }, null]);
    });
  });

  describe('delivery', () => {
    test('append names the subscriber only when the queue was empty', async () => {
      const queue = await created(bench.store);
      await bench.store.subscribe([queue], 7, false);
      expect(await bench.store.append(queue, anyMessage(), options())).toEqual({ ...STORED, deliverTo: 7 });
      expect(await bench.store.append(queue, anyMessage(), options())).toEqual(STORED);
      await drained(bench.store, queue);
      expect(await bench.store.append(queue, anyMessage(), options())).toEqual({ ...STORED, deliverTo: 7 });
    });

    test('a marker in an empty queue wakes the subscriber', async () => {
      const queue = await created(bench.store);
      await bench.store.subscribe([queue], 7, false);
      expect(await bench.store.append(queue, anyMessage(), options({ quota: 0 }))).toEqual(FULL);
      await bench.events.expectWake(line('wake', queue.recipientId, 7));
    });

    test('messages do not change the record', async () => {
      const queue = await created(bench.store);
      const [message] = await appended(bench.store, queue, 1);
      await bench.store.acknowledge(queue, message!.msgId, null);
      expect(await present(bench.store, queue)).toEqual(queue);
    });
  });
}
