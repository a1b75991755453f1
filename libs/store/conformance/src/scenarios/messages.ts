/** Messages: order, quota, acknowledgement (SMP §6.2, §6.4). */
import { describe, expect, test } from 'vitest';
import { anyId, anyMessage, appended, bytes, created, drained, QUOTA } from '../builders.ts';
import { line } from '../event-log.ts';
import type { Bench } from '../queue-store.ts';

const STORED = { status: 'stored', deliverTo: null, notifyTo: null };

export function messageScenarios(bench: Bench): void {
  describe('messages', () => {
    test('come out as they went in, in order', async () => {
      const queue = await created(bench.store);
      const sent = [
        anyMessage({ body: bytes(16_088), notify: true }), anyMessage({ body: bytes(0) }), anyMessage({ body: bytes(1) }),
      ];
      for (const message of sent) expect(await bench.store.append(queue, message, QUOTA, null)).toEqual(STORED);
      expect(await bench.store.size(queue)).toBe(3);
      expect(await drained(bench.store, queue)).toEqual(sent);
      expect(await bench.store.size(queue)).toBe(0);
    });

    test('keep the order in which they were called, without waiting for answers', async () => {
      const queue = await created(bench.store);
      const sent = Array.from({ length: 50 }, () => anyMessage());
      await Promise.all(sent.map((message) => bench.store.append(queue, message, 100, null)));
      expect(await drained(bench.store, queue)).toEqual(sent);
    });

    test('each queue has its own', async () => {
      const queues = [await created(bench.store), await created(bench.store)] as const;
      const sent = [await appended(bench.store, queues[0], 2), await appended(bench.store, queues[1], 1)];
      const ids = [queues[1].recipientId, anyId(), queues[0].recipientId];
      expect(await bench.store.heads(ids)).toEqual([sent[1]![0], null, sent[0]![0]]);
      expect(await drained(bench.store, queues[0])).toEqual(sent[0]);
      expect(await drained(bench.store, queues[1])).toEqual(sent[1]);
    });

    test('arguments are not kept', async () => {
      const queue = await created(bench.store);
      const message = anyMessage();
      const sent = { ...message, msgId: Uint8Array.from(message.msgId), body: Uint8Array.from(message.body) };
      const appending = bench.store.append(queue, message, QUOTA, null);
      message.body.fill(0);
      message.msgId.fill(0);
      await appending;
      expect(await bench.store.heads([queue.recipientId])).toEqual([sent]);
    });

    test('the same message again is stored once, also after its acknowledgement got lost', async () => {
      const queue = await created(bench.store);
      await bench.store.subscribe([queue], 4, false);
      const message = anyMessage();
      const first = await bench.store.append(queue, message, QUOTA, null);
      expect(first).toEqual({ ...STORED, deliverTo: 4 });
      expect(await bench.store.append(queue, message, QUOTA, null)).toMatchObject({ status: 'stored' });
      expect(await bench.store.size(queue)).toBe(1);
      expect(await bench.store.counts()).toMatchObject({ messages: 1 });
    });

    test('the same marker again is stored once', async () => {
      const queue = await created(bench.store);
      await appended(bench.store, queue, 1);
      const message = anyMessage();
      for (let i = 0; i < 2; i++) expect(await bench.store.append(queue, message, 1, null)).toEqual({ status: 'quota' });
      expect(await bench.store.size(queue)).toBe(2);
    });
  });

  describe('quota', () => {
    test('a full queue takes one marker with the id and time of the refused message, and nothing after it', async () => {
      const queue = await created(bench.store);
      const sent = await appended(bench.store, queue, QUOTA);
      const refused = anyMessage();
      expect(await bench.store.append(queue, refused, QUOTA, null)).toEqual({ status: 'quota' });
      expect(await bench.store.append(queue, anyMessage(), QUOTA, null)).toEqual({ status: 'quota' });
      expect(await bench.store.size(queue)).toBe(QUOTA + 1);
      expect(await bench.store.counts()).toMatchObject({ messages: QUOTA + 1 });
      expect(await drained(bench.store, queue)).toEqual([...sent, { kind: 'quota', msgId: refused.msgId, ts: refused.ts }]);
    });

    test('sending works again only when everything is acknowledged, the marker too', async () => {
      const queue = await created(bench.store);
      const sent = await appended(bench.store, queue, QUOTA);
      const refused = anyMessage();
      await bench.store.append(queue, refused, QUOTA, null);
      for (const { msgId } of sent) {
        await bench.store.acknowledge(queue, msgId);
        expect(await bench.store.append(queue, anyMessage(), QUOTA, null)).toEqual({ status: 'quota' });
      }
      const last = await bench.store.acknowledge(queue, refused.msgId);
      expect(last).toEqual({ status: 'ok', removed: { kind: 'quota', notify: false }, next: null });
      expect(await bench.store.counts()).toMatchObject({ messages: 0 });
      const again = await appended(bench.store, queue, QUOTA);
      expect(await drained(bench.store, queue)).toEqual(again);
    });

    test('without a marker there is room as soon as one is acknowledged', async () => {
      const queue = await created(bench.store);
      const sent = await appended(bench.store, queue, QUOTA);
      await bench.store.acknowledge(queue, sent[0]!.msgId);
      const next = await appended(bench.store, queue, 1);
      expect(await drained(bench.store, queue)).toEqual([...sent.slice(1), ...next]);
    });

    test('of many at once, exactly the quota is stored, and one marker', async () => {
      const queue = await created(bench.store);
      const answers = await Promise.all(Array.from({ length: 20 }, () => bench.store.append(queue, anyMessage(), QUOTA, null)));
      expect(answers.filter(({ status }) => status === 'stored')).toHaveLength(QUOTA);
      expect(await bench.store.size(queue)).toBe(QUOTA + 1);
    });
  });

  describe('acknowledgement', () => {
    test('answers with the next message, and what was removed', async () => {
      const queue = await created(bench.store);
      const [a, b] = [anyMessage({ notify: true }), anyMessage()];
      await bench.store.append(queue, a, QUOTA, null);
      await bench.store.append(queue, b, QUOTA, null);
      const answers = [await bench.store.acknowledge(queue, a.msgId), await bench.store.acknowledge(queue, b.msgId)];
      expect(answers).toEqual([
        { status: 'ok', removed: { kind: 'message', notify: true }, next: b },
        { status: 'ok', removed: { kind: 'message', notify: false }, next: null },
      ]);
    });

    test('of another id removes nothing and answers with the head', async () => {
      const queue = await created(bench.store);
      const [a, b] = await appended(bench.store, queue, 2);
      for (const msgId of [anyId(), b!.msgId, new Uint8Array(0), a!.msgId.subarray(0, 23)]) {
        expect(await bench.store.acknowledge(queue, msgId)).toEqual({ status: 'ok', removed: null, next: a });
      }
      expect(await bench.store.size(queue)).toBe(2);
      await drained(bench.store, queue);
      expect(await bench.store.acknowledge(queue, a!.msgId)).toEqual({ status: 'ok', removed: null, next: null });
    });

    test('twice at once removes one message', async () => {
      const queue = await created(bench.store);
      const [a, b] = await appended(bench.store, queue, 2);
      const answers = await Promise.all([bench.store.acknowledge(queue, a!.msgId), bench.store.acknowledge(queue, a!.msgId)]);
      expect(answers.map((answer) => answer.status === 'ok' && answer.removed !== null)).toEqual([true, false]);
      expect(answers.map((answer) => answer.status === 'ok' && answer.next)).toEqual([b, b]);
    });
  });

  describe('delivery', () => {
    test('append names the subscriber only when the queue was empty', async () => {
      const queue = await created(bench.store);
      await bench.store.subscribe([queue], 7, false);
      const first = anyMessage();
      expect(await bench.store.append(queue, first, QUOTA, null)).toEqual({ ...STORED, deliverTo: 7 });
      expect(await bench.store.append(queue, anyMessage(), QUOTA, null)).toEqual(STORED);
      await drained(bench.store, queue);
      expect(await bench.store.append(queue, anyMessage(), QUOTA, null)).toEqual({ ...STORED, deliverTo: 7 });
    });

    test('a marker in an empty queue wakes the subscriber', async () => {
      const queue = await created(bench.store);
      await bench.store.subscribe([queue], 7, false);
      expect(await bench.store.append(queue, anyMessage(), 0, null)).toEqual({ status: 'quota' });
      await bench.events.expectWake(line('wake', queue.recipientId, 7));
    });
  });
}
