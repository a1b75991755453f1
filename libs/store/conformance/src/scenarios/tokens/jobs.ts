/** Jobs: leases that run out, retries, what is left of them, and taking what is due (NTF §4.6). */
import { describe, expect, test } from 'vitest';
import type { PushJob } from '@polyplex/store-contract';
import type { TokenBench } from '../../tokens/bench.ts';
import { activated, created, delivered, dueJob, jobOf, LEASE_MS, listening, outcome, received, takenFor } from '../../tokens/builders.ts';

export function jobScenarios(bench: TokenBench): void {
  /** The moment at which a scenario begins; it goes on by adding to it. */
  const start = (): number => bench.now();
  const nothing = async (now: number): Promise<void> => expect(await bench.store.takeDue(now, 100, LEASE_MS)).toEqual([]);
  const settle = (job: PushJob, parts: Parameters<typeof outcome>[0], now: number) => bench.store.settle(job, outcome(parts), now, LEASE_MS);

  describe('a job', () => {
    test('is due again when its lease runs out, with what came meanwhile', async () => {
      const now = start();
      const { token, subscriptions: [one, two] } = await listening(bench.store, now, 2);
      const first = await received(bench.store, one!, now);
      const second = await received(bench.store, two!, now + 1);
      await nothing(now + LEASE_MS - 1);
      const again = await dueJob(bench.store, token, now + LEASE_MS);
      expect(again).toMatchObject({ messages: [first.notification, second.notification], attempts: 1, dueSince: now });
      expect(again.lease).not.toBe(jobOf(first.announced).lease);
      // The first one is late: nothing of the second changes.
      expect(await delivered(bench.store, jobOf(first.announced), now + LEASE_MS)).toBeNull();
      await nothing(now + LEASE_MS);
      expect(await delivered(bench.store, again, now + LEASE_MS)).toBeNull();
      await nothing(now + 10 * LEASE_MS);
    });

    test('that ran out may be given to whoever receives', async () => {
      const now = start();
      const { subscriptions: [one] } = await listening(bench.store, now);
      await received(bench.store, one!, now);
      const { announced, notification } = await received(bench.store, one!, now + LEASE_MS);
      expect(jobOf(announced)).toMatchObject({ messages: [notification], attempts: 1, dueSince: now });
    });

    test('that ran out and was given to nobody may be settled', async () => {
      const now = start();
      const { subscriptions: [one] } = await listening(bench.store, now);
      const { announced } = await received(bench.store, one!, now);
      expect(await delivered(bench.store, jobOf(announced), now + 2 * LEASE_MS)).toBeNull();
      await nothing(now + 10 * LEASE_MS);
    });

    test('to be retried waits for its time, and all else with it', async () => {
      const now = start();
      const { token, subscriptions: [one, two] } = await listening(bench.store, now, 2);
      const { announced } = await received(bench.store, one!, now);
      expect(await settle(jobOf(announced), { messages: 'retry', retryAt: now + 1000 }, now + 5)).toBeNull();
      await nothing(now + 999);
      const { announced: waits, notification } = await received(bench.store, two!, now + 500);
      expect(waits).toBe('waiting');
      await nothing(now + 999);
      const again = await dueJob(bench.store, token, now + 1000);
      expect(again).toMatchObject({ attempts: 1, dueSince: now });
      expect(again.messages.at(-1)).toEqual(notification);
      expect(await settle(again, { messages: 'retry', retryAt: now + 3000 }, now + 1001)).toBeNull();
      const third = jobOf((await received(bench.store, one!, now + 3000)).announced);
      expect(third).toMatchObject({ attempts: 2, dueSince: now });
      expect(await delivered(bench.store, third, now + 3001)).toBeNull();
      expect(jobOf((await received(bench.store, one!, now + 4000)).announced)).toMatchObject({ attempts: 0, dueSince: now + 4000 });
    });

    test('to be retried at once is the next one', async () => {
      const now = start();
      const { subscriptions: [one] } = await listening(bench.store, now);
      const job = jobOf((await received(bench.store, one!, now)).announced);
      const again = jobOf(await settle(job, { messages: 'retry' }, now + 1));
      expect(again).toMatchObject({ attempts: 1, dueSince: now, messages: job.messages });
      expect(again.lease).not.toBe(job.lease);
    });

    test('leaves due what it does not settle', async () => {
      const now = start();
      const { token, subscriptions: [one] } = await listening(bench.store, now);
      await bench.store.registerAgain(token.tokenId, now);
      await received(bench.store, one!, now + 1, null);
      const job = await dueJob(bench.store, token, now + 2);
      expect(job).toMatchObject({ verification: true, dueSince: now });
      expect(job.messages).toHaveLength(1);
      expect(await settle(job, { verification: 'delivered', retryAt: now + 100 }, now + 3)).toBeNull();
      await nothing(now + 99);
      const rest = await dueJob(bench.store, token, now + 100);
      expect(rest).toMatchObject({ verification: false, attempts: 0, dueSince: now + 1, messages: job.messages });
      const untried = jobOf(await settle(rest, {}, now + 101));
      expect(untried).toMatchObject({ verification: false, attempts: 0, messages: job.messages });
      expect(await settle(untried, { messages: 'dropped' }, now + 102)).toBeNull();
      await nothing(now + 10 * LEASE_MS);
    });

    test('is settled once', async () => {
      const now = start();
      const { token, subscriptions: [one] } = await listening(bench.store, now);
      const job = jobOf((await received(bench.store, one!, now)).announced);
      await delivered(bench.store, job, now);
      const next = jobOf((await received(bench.store, one!, now + 1)).announced);
      expect(await delivered(bench.store, job, now + 2)).toBeNull();
      await nothing(now + 2);
      expect(await delivered(bench.store, next, now + 2)).toBeNull();
      await bench.store.removeToken(token.tokenId);
      expect(await settle(next, { messages: 'INVALID,BAD' }, now)).toBeNull();
      expect(await bench.store.findToken(token.tokenId)).toBeNull();
    });
  });

  describe('taking what is due', () => {
    test('gives as many as are asked for, each to one, and none is forgotten', async () => {
      const now = start();
      const tokens = await Promise.all(Array.from({ length: 30 }, (_, i) => created(bench.store, now + i)));
      expect(await bench.store.takeDue(now - 1, 100, LEASE_MS)).toEqual([]);
      const taken = new Set<string>();
      for (let round = 0; round < 40 && taken.size < 30; round++) {
        const jobs = await bench.store.takeDue(now + 100, 4, LEASE_MS);
        expect(jobs.length).toBeLessThanOrEqual(4);
        for (const { token } of jobs) {
          expect(taken).not.toContain(token.tokenId.join());
          taken.add(token.tokenId.join());
        }
      }
      expect(taken).toEqual(new Set(tokens.map(({ tokenId }) => tokenId.join())));
      await nothing(now + 100);
      expect((await bench.store.counts()).due).toBe(30);
    });

    test('is hinted at', async () => {
      let hints = 0;
      bench.store.onDue(() => void hints++);
      const steps = [() => created(bench.store, start()), async () => {
        const token = await activated(bench.store, start());
        hints = 0;
        await bench.store.registerAgain(token.tokenId, start());
      }];
      for (const step of steps) {
        hints = 0;
        await step();
        await expect.poll(() => hints).toBeGreaterThan(0);
      }
    });

    test('tells since when the oldest waits', async () => {
      const now = start();
      expect((await bench.store.counts()).oldestDue).toBeNull();
      const token = await created(bench.store, now - 50_000);
      const { oldestDue, due } = await bench.store.counts();
      expect([null, now - 50_000]).toContain(oldestDue); // may be a minute old
      expect(due).toBe(1);
      expect(await takenFor(bench.store, token, now)).toHaveLength(1);
    });
  });
}
