/** Periodic checks: when they are due (NTF §3.2). */
import { describe, expect, test } from 'vitest';
import { bytes } from '../../builders.ts';
import type { TokenBench } from '../../tokens/bench.ts';
import {
  activated, anyDevice, created, delivered, dueJob, jobOf, LEASE_MS, listening, MINUTE_MS, outcome, present, received, subscribed,
} from '../../tokens/builders.ts';

export function checkScenarios(bench: TokenBench): void {
  const nothing = async (now: number): Promise<void> => expect(await bench.store.takeDue(now, 100, LEASE_MS)).toEqual([]);

  describe('a check', () => {
    test('is due an interval after it was asked for, and an interval after each', async () => {
      let now = bench.now();
      const token = await activated(bench.store, now);
      await bench.store.setCron(token.tokenId, 20, now);
      for (let round = 0; round < 3; round++) {
        await nothing(now + 20 * MINUTE_MS - 1);
        now += 20 * MINUTE_MS;
        const job = await dueJob(bench.store, token, now + 5);
        expect(job).toMatchObject({ verification: false, messages: [], check: true, attempts: 0, dueSince: now });
        now += 10;
        expect(await delivered(bench.store, job, now)).toBeNull();
        expect(await present(bench.store, token)).toMatchObject({ cronSentAt: Math.floor(now / 1000), revision: job.token.revision });
      }
      await bench.store.setCron(token.tokenId, 0, now);
      await nothing(now + 365 * 24 * 60 * MINUTE_MS);
    });

    test('is due an interval after activation', async () => {
      const now = bench.now();
      const token = await created(bench.store, now);
      await bench.store.setCron(token.tokenId, 20, now);
      await delivered(bench.store, await dueJob(bench.store, token, now), now);
      await nothing(now + 60 * MINUTE_MS);
      const later = now + 60 * MINUTE_MS;
      await bench.store.activate(await present(bench.store, token), later);
      await nothing(later + 20 * MINUTE_MS - 1);
      await bench.store.activate(await present(bench.store, token), later + 10 * MINUTE_MS); // again: moves nothing
      expect(await dueJob(bench.store, token, later + 20 * MINUTE_MS)).toMatchObject({ check: true });
    });

    test('goes by the interval of now', async () => {
      const now = bench.now();
      const token = await activated(bench.store, now);
      await bench.store.setCron(token.tokenId, 20, now);
      await bench.store.setCron(token.tokenId, 20, now + 10 * MINUTE_MS); // the same: moves nothing
      const job = await dueJob(bench.store, token, now + 20 * MINUTE_MS);
      await bench.store.setCron(token.tokenId, 30, now + 21 * MINUTE_MS);
      expect(await delivered(bench.store, job, now + 22 * MINUTE_MS)).toBeNull();
      await nothing(now + 51 * MINUTE_MS - 1);
      expect(await dueJob(bench.store, token, now + 51 * MINUTE_MS)).toMatchObject({ check: true });
    });

    test('of a token that is not ACTIVE is not due', async () => {
      const now = bench.now();
      const token = await activated(bench.store, now);
      await bench.store.setCron(token.tokenId, 20, now);
      await bench.store.replaceDevice(token.tokenId, { device: anyDevice(), code: bytes(32) }, now);
      await delivered(bench.store, await dueJob(bench.store, token, now), now);
      await nothing(now + 100 * MINUTE_MS);
    });

    test('travels with messages', async () => {
      const now = bench.now();
      const { token, subscriptions: [one] } = await listening(bench.store, now);
      await bench.store.setCron(token.tokenId, 20, now);
      const due = now + 20 * MINUTE_MS;
      const job = jobOf((await received(bench.store, one!, due + 1)).announced);
      expect(job).toMatchObject({ check: true, dueSince: due });
      expect(await bench.store.settle(job, outcome({ messages: 'delivered', check: 'retry', retryAt: due + 100 }), due + 2, LEASE_MS)).toBeNull();
      expect(await present(bench.store, token)).toMatchObject({ cronSentAt: null });
      const again = await dueJob(bench.store, token, due + 100);
      expect(again).toMatchObject({ check: true, messages: [], attempts: 1, dueSince: due });
      expect(await bench.store.settle(again, outcome({ check: 'dropped' }), due + 200, LEASE_MS)).toBeNull();
      await nothing(due + 200 + 20 * MINUTE_MS - 1);
      expect(await dueJob(bench.store, token, due + 200 + 20 * MINUTE_MS)).toMatchObject({ check: true, attempts: 0 });
    });

    test('whose job ran out is due again, and so is one that was not tried', async () => {
      const now = bench.now();
      const token = await activated(bench.store, now);
      await subscribed(bench.store, token);
      await bench.store.setCron(token.tokenId, 20, now);
      const due = now + 20 * MINUTE_MS;
      await dueJob(bench.store, token, due);
      const again = await dueJob(bench.store, token, due + LEASE_MS);
      expect(again).toMatchObject({ check: true, attempts: 1, dueSince: due });
      expect(jobOf(await bench.store.settle(again, outcome(), due + LEASE_MS, LEASE_MS))).toMatchObject({ check: true, dueSince: due, attempts: 1 });
    });
  });
}
