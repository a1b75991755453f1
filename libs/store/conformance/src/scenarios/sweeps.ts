/** Expiry, on append and in sweeps over everything (SMP §8.4). */
import { describe, expect, test } from 'vitest';
import type { QueueRecord, QueueStore, Sweep } from '@polyplex/store-contract';
import {
  anyId, anyMessage, anyNotification, appended, created, createdWithNotifier, DAY, drained, head, notifierRef, options, QUOTA,
  whole,
} from '../builders.ts';
import { expectCounts, line } from '../event-log.ts';
import type { Bench } from '../bench.ts';

/** Appends one message for each of these times. */
async function appendedAt(store: QueueStore, queue: QueueRecord, times: readonly number[], quota = 100): Promise<void> {
  await Promise.all(times.map((ts) => store.append(queue, anyMessage({ ts }), options({ quota }))));
}

/** Takes a sweep to its end; answers what each step removed. */
async function swept(step: (cursor: string | null) => Promise<Sweep>, between?: () => Promise<unknown>): Promise<number[]> {
  const removed: number[] = [];
  let cursor: string | null = null;
  do {
    const answer: Sweep = await step(cursor);
    removed.push(answer.removed);
    cursor = answer.cursor;
    if (cursor !== null) await between?.();
  } while (cursor !== null);
  return removed;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

async function times(store: QueueStore, queue: QueueRecord): Promise<number[]> {
  return (await drained(store, queue)).map(({ ts }) => ts - DAY);
}

export function sweepScenarios(bench: Bench): void {
  describe('expiry on append', () => {
    const at = (ts: number, expireBefore: number | null, quota = 100) =>
      [anyMessage({ ts: DAY + ts }), options({ quota, expireBefore: expireBefore === null ? null : DAY + expireBefore })] as const;

    test('removes from the head what is older, up to the first newer message', async () => {
      const queue = await created(bench.store);
      await appendedAt(bench.store, queue, [DAY + 1, DAY + 2, DAY + 10, DAY + 3]);
      expect(await bench.store.append(queue, ...at(20, null))).toMatchObject({ status: 'stored', expired: 0 });
      expect(await bench.store.append(queue, ...at(21, 1))).toMatchObject({ status: 'stored', expired: 0 });
      expect(await bench.store.append(queue, ...at(22, 5))).toMatchObject({ status: 'stored', expired: 2 });
      expect(await bench.store.append(queue, ...at(0, 5))).toMatchObject({ status: 'stored', expired: 0 });
      await expectCounts(bench.store, { messages: 6 });
      expect(await times(bench.store, queue)).toEqual([10, 3, 20, 21, 22, 0]);
    });

    test('makes room first', async () => {
      const queue = await created(bench.store);
      await bench.store.subscribe([queue], 1, false);
      await appendedAt(bench.store, queue, [DAY, DAY + 1], 2);
      expect(await bench.store.append(queue, ...at(2, 100, 2))).toEqual(
        { status: 'stored', deliverTo: 1, notifyTo: null, expired: 2 },
      );
      expect(await times(bench.store, queue)).toEqual([2]);
    });

    test('stops at a marker, and tells what it removed before', async () => {
      const queue = await created(bench.store);
      await appendedAt(bench.store, queue, [DAY, DAY + 1, DAY + 2], 2);
      expect(await bench.store.append(queue, ...at(3, 100))).toEqual({ status: 'quota', expired: 2 });
      expect(await head(bench.store, queue)).toMatchObject({ kind: 'quota', ts: DAY + 2 });
      expect(await bench.store.append(queue, ...at(4, 100))).toEqual({ status: 'quota', expired: 0 });
    });

    test('and a marker in the emptied queue: the subscriber is woken', async () => {
      const queue = await created(bench.store);
      await bench.store.subscribe([queue], 8, false);
      await appendedAt(bench.store, queue, [DAY]);
      expect(await bench.store.append(queue, ...at(2, 100, 0))).toEqual({ status: 'quota', expired: 1 });
      await bench.events.expectWake(line('wake', queue.recipientId, 8));
      expect(await bench.store.size(queue)).toBe(1);
    });

    test('by an older record removes nothing', async () => {
      const queue = await created(bench.store);
      await appendedAt(bench.store, queue, [DAY]);
      await bench.store.suspend(queue);
      expect(await bench.store.append(queue, ...at(2, 100))).toMatchObject({ status: 'stale' });
      expect(await bench.store.size(queue)).toBe(1);
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
      expect(sum(await swept((cursor) => bench.store.expireMessages(DAY + 15, cursor)))).toBe(30);
      await expectCounts(bench.store, { messages: 30 });
      const left = await Promise.all(queues.map((queue) => times(bench.store, queue)));
      expect(left).toEqual(queues.map((_, i) => (i % 3 === 0 ? [] : i < 15 ? [200] : [i, 200])));
    });

    test('keep markers, and what comes after a newer message', async () => {
      const [full, mixed] = [await created(bench.store), await created(bench.store)];
      await appendedAt(bench.store, full, [DAY, DAY + 1, DAY + 2], 2);
      await appendedAt(bench.store, mixed, [DAY, DAY + 50, DAY + 1]);
      expect(sum(await swept((cursor) => bench.store.expireMessages(DAY + 10, cursor)))).toBe(3);
      expect(sum(await swept((cursor) => bench.store.expireMessages(DAY + 10, cursor)))).toBe(0);
      expect(await head(bench.store, full)).toMatchObject({ kind: 'quota', ts: DAY + 2 });
      expect(await bench.store.append(full, anyMessage(), options())).toEqual({ status: 'quota', expired: 0 });
      expect(await times(bench.store, mixed)).toEqual([50, 1]);
      await drained(bench.store, full);
      await appended(bench.store, full, QUOTA);
    });

    test('take bounded steps where there is much to do, also when queues come and go meanwhile', { timeout: 60_000 }, async () => {
      const all = await Promise.all(Array.from({ length: 1300 }, () => created(bench.store)));
      await Promise.all(all.map((queue, i) => appendedAt(bench.store, queue, i < 12 ? Array.from({ length: 100 }, () => DAY) : [DAY])));
      const added: QueueRecord[] = [];
      let gone = 0;
      const removed = await swept((cursor) => bench.store.expireMessages(DAY + 1, cursor), async () => {
        const queue = await created(bench.store);
        added.push(queue);
        await appendedAt(bench.store, queue, [DAY + 5]);
        const deleted = await bench.store.delete(all[12 + gone++]!, null);
        expect(deleted.status).toBe('ok');
      });
      expect(removed.length).toBeGreaterThan(1);
      for (const step of removed) expect(step).toBeLessThanOrEqual(2000);
      expect(sum(removed)).toBeGreaterThanOrEqual(2488 - gone);
      await expectCounts(bench.store, { messages: added.length, queues: 1300 - gone + added.length });
      for (const queue of added) expect(await times(bench.store, queue)).toEqual([5]);
    });

    test('remove old notifications', async () => {
      const queues = [await createdWithNotifier(bench.store), await createdWithNotifier(bench.store)];
      await bench.store.subscribeNotifiers(queues, 1, null);
      for (const ts of [DAY + 1, DAY + 2, DAY + 3]) {
        for (const queue of queues) {
          await bench.store.append(queue, anyMessage(), options({ notification: anyNotification({ ts }) }));
        }
      }
      expect(sum(await swept((cursor) => bench.store.expireNotifications(DAY + 3, cursor)))).toBe(4);
      await expectCounts(bench.store, { notifications: 2, messages: 6 });
      const left = whole(await bench.store.takeNotifications(queues.map(notifierRef), 1, 9));
      expect(left).toMatchObject([[{ ts: DAY + 3 }], [{ ts: DAY + 3 }]]);
    });

    test('of many notifications are through all of them at the end', { timeout: 60_000 }, async () => {
      const serviceId = anyId();
      const queues = await Promise.all(Array.from({ length: 30 }, () => createdWithNotifier(bench.store, { serviceId })));
      await Promise.all(queues.flatMap((queue) => Array.from({ length: 101 }, (_, i) => {
        const notification = anyNotification({ ts: DAY + (i < 100 ? 0 : 9) });
        return bench.store.append(queue, anyMessage(), options({ quota: 1000, notification }));
      })));
      expect(sum(await swept((cursor) => bench.store.expireNotifications(DAY + 1, cursor)))).toBe(3000);
      await expectCounts(bench.store, { notifications: 30 });
      await bench.store.subscribeService(serviceId, 'N', 1);
      const left = whole(await bench.store.takeNotifications(queues.map(notifierRef), 1, 9));
      expect(left).toMatchObject(queues.map(() => [{ ts: DAY + 9 }]));
    });
  });
}
