/** What a restart keeps: everything but the claims. */
import { describe, expect, test } from 'vitest';
import { bytes } from '../../builders.ts';
import type { TokenBench } from '../../tokens/bench.ts';
import { created, delivered, dueJob, jobOf, LEASE_MS, listening, MINUTE_MS, outcome, received, sorted } from '../../tokens/builders.ts';
import { everyToken } from './transfer.ts';

export function tokenReopenScenarios(bench: TokenBench): void {
  describe('reopening', () => {
    test('keeps tokens, subscriptions, notifications, relays, counts and what is due', async () => {
      const now = bench.now();
      const { token, relay, subscriptions } = await listening(bench.store, now, 3);
      await bench.store.setCron(token.tokenId, 20, now);
      await bench.store.setRelayService(relay, bytes(24));
      await bench.store.changeSubscriptions(relay, [
        { notifierId: subscriptions[0]!.notifierId, status: 'ACTIVE', inService: true }, { notifierId: subscriptions[1]!.notifierId, status: 'ACTIVE' },
      ]);
      await bench.store.disconnected(relay);
      const { notification } = await received(bench.store, subscriptions[0]!, now, null);
      const waiting = await created(bench.store, now);
      const read = async () => ({
        tokens: await everyToken(bench.store), relays: await bench.store.relays(), counts: { ...(await bench.store.counts()), oldestDue: null },
        subscriptions: await Promise.all(subscriptions.map(({ subscriptionId }) => bench.store.findSubscription(subscriptionId))),
      });
      const before = await read();
      expect(before.subscriptions.map((each) => each!.status)).toEqual(['ACTIVE', 'INACTIVE', 'NEW']);
      await bench.reopen();
      expect(await read()).toEqual(before);
      expect(await bench.store.takeNew(relay, 10)).toHaveLength(1);
      expect(sorted((await bench.store.subscriptionsToMake(relay, null, 10)).subscriptions)).toHaveLength(2);
      expect(await dueJob(bench.store, token, now)).toMatchObject({ messages: [notification] });
      // Taken by the look for the other.
      expect(await dueJob(bench.store, waiting, now + LEASE_MS)).toMatchObject({ verification: true, attempts: 1 });
    });

    test('keeps leases, retries and attempts', async () => {
      const now = bench.now();
      const { token, subscriptions: [one] } = await listening(bench.store, now);
      const first = jobOf((await received(bench.store, one!, now)).announced);
      await bench.reopen();
      expect(await bench.store.takeDue(now + LEASE_MS - 1, 10, LEASE_MS)).toEqual([]);
      expect(await bench.store.settle(first, outcome({ messages: 'retry', retryAt: now + MINUTE_MS }), now + 1, LEASE_MS)).toBeNull();
      await bench.reopen();
      expect(await bench.store.takeDue(now + MINUTE_MS - 1, 10, LEASE_MS)).toEqual([]);
      const second = await dueJob(bench.store, token, now + MINUTE_MS);
      expect(second).toMatchObject({ attempts: 1, dueSince: now, messages: first.messages });
      expect(second.lease).not.toBe(first.lease);
      await bench.reopen();
      expect(await delivered(bench.store, second, now + MINUTE_MS)).toBeNull();
      expect(await bench.store.takeDue(now + 10 * MINUTE_MS, 10, LEASE_MS)).toEqual([]);
    });

    test('gives relays to whoever claims them first', async () => {
      const { relay } = await listening(bench.store, bench.now());
      expect(await bench.store.claimRelays(9, MINUTE_MS)).toHaveLength(1);
      await bench.reopen();
      expect(await bench.store.claimRelays(9, MINUTE_MS)).toMatchObject([{ relay }]);
    });
  });
}
