/** Expiry and upkeep (SMP §8.4). */
import { describe, expect, test } from 'vitest';
import type { QueueRecord, QueueStore, Sweep } from '@polyplex/store-contract';
import { anyMessage, anyNotification, created, createdWithNotifier, DAY, drained, QUOTA } from '../builders.ts';
import type { Bench } from '../queue-store.ts';

/** Appends one message for each of these times. */
async function appendedAt(store: QueueStore, queue: QueueRecord, times: readonly number[], quota = 100): Promise<void> {
  for (const ts of times) await store.append(queue, anyMessage({ ts }), quota, null);
}

/** Takes a sweep to its end; answers how many it removed. */
async function swept(step: (cursor: string | null) => Promise<Sweep>): Promise<number> {
  let removed = 0;
  let cursor: string | null = null;
  do {
    const answer: Sweep = await step(cursor);
    removed += answer.removed;
    cursor = answer.cursor;
  } while (cursor !== null);
  return removed;
}

async function times(store: QueueStore, queue: QueueRecord): Promise<number[]> {
  return (await drained(store, queue)).map(({ ts }) => ts - DAY);
}

export function sweepScenarios(bench: Bench): void {
  describe('expiry of one queue', () => {
    test('removes from the head what is older, up to the first newer message', async () => {
      const queue = await created(bench.store);
      await appendedAt(bench.store, queue, [DAY + 1, DAY + 2, DAY + 10, DAY + 3]);
      expect(await bench.store.expireQueue(queue, DAY + 1)).toBe(0);
      expect(await bench.store.expireQueue(queue, DAY + 5)).toBe(2);
      expect(await bench.store.expireQueue(queue, DAY + 5)).toBe(0);
      expect(await bench.store.counts()).toMatchObject({ messages: 2 });
      expect(await times(bench.store, queue)).toEqual([10, 3]);
    });

    test('stops at a marker', async () => {
      const queue = await created(bench.store);
      await appendedAt(bench.store, queue, [DAY, DAY + 1, DAY + 2], 2);
      expect(await bench.store.expireQueue(queue, DAY + 100)).toBe(2);
      expect(await bench.store.heads([queue.recipientId])).toMatchObject([{ kind: 'quota', ts: DAY + 2 }]);
      expect(await bench.store.append(queue, anyMessage(), QUOTA, null)).toEqual({ status: 'quota' });
    });

    test('makes room', async () => {
      const queue = await created(bench.store);
      await bench.store.subscribe([queue], 1, false);
      await appendedAt(bench.store, queue, [DAY, DAY + 1], 2);
      expect(await bench.store.expireQueue(queue, DAY + 100)).toBe(2);
      expect(await bench.store.append(queue, anyMessage(), 2, null)).toMatchObject({ status: 'stored', deliverTo: 1 });
    });

    test('of an empty or missing queue removes nothing', async () => {
      const queue = await created(bench.store);
      expect(await bench.store.expireQueue(queue, DAY)).toBe(0);
      await bench.store.delete(queue, null);
      expect(await bench.store.expireQueue(queue, DAY)).toBe(0);
    });
  });

  describe('sweeps', () => {
    test('go over all queues and keep what is newer', async () => {
      const queues: QueueRecord[] = [];
      for (let i = 0; i < 30; i++) {
        const queue = await created(bench.store);
        queues.push(queue);
        if (i % 3 > 0) await appendedAt(bench.store, queue, [DAY + 1, DAY + i, DAY + 200]);
      }
      expect(await swept((cursor) => bench.store.expireMessages(DAY + 15, cursor))).toBe(30);
      expect((await bench.store.counts()).messages).toBe(30);
      const left = await Promise.all(queues.map((queue) => times(bench.store, queue)));
      expect(left).toEqual(queues.map((_, i) => (i % 3 === 0 ? [] : i < 15 ? [200] : [i, 200])));
    });

    test('take more steps than one where there is much to remove', async () => {
      const queues = await Promise.all(Array.from({ length: 12 }, () => created(bench.store)));
      await Promise.all(queues.map((queue) => appendedAt(bench.store, queue, Array.from({ length: 100 }, () => DAY), 128)));
      expect(await swept((cursor) => bench.store.expireMessages(DAY + 1, cursor))).toBe(1200);
      expect(await bench.store.counts()).toMatchObject({ messages: 0, queues: 12 });
    });

    test('remove old notifications', async () => {
      const queues = [await createdWithNotifier(bench.store), await createdWithNotifier(bench.store)];
      for (const ts of [DAY + 1, DAY + 2, DAY + 3]) {
        for (const queue of queues) await bench.store.append(queue, anyMessage(), 100, anyNotification({ ts }));
      }
      expect(await swept((cursor) => bench.store.expireNotifications(DAY + 3, cursor))).toBe(4);
      expect(await bench.store.counts()).toMatchObject({ notifications: 2, messages: 6 });
      const taken = await bench.store.takeNotifications(queues.map((queue) => queue.notifier.notifierId), 9);
      expect(taken).toMatchObject([[{ ts: DAY + 3 }], [{ ts: DAY + 3 }]]);
    });
  });

  describe('upkeep', () => {
    test('a healthy store passes its check and knows its room, or that it does not', async () => {
      await expect(bench.store.check()).resolves.toBeUndefined();
      expect((await bench.store.room()) ?? 1).toBeGreaterThan(0);
    });

    test('a closed store refuses with UNAVAILABLE', async () => {
      const queue = await created(bench.store);
      await bench.store.close();
      await bench.store.close();
      const refused = { name: 'StoreError', code: 'UNAVAILABLE' };
      await expect(bench.store.find('recipient', [queue.recipientId])).rejects.toMatchObject(refused);
      await expect(bench.store.append(queue, anyMessage(), 1, null)).rejects.toMatchObject(refused);
      await expect(bench.store.check()).rejects.toMatchObject(refused);
    });
  });
}
