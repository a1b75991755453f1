/** Arguments are not kept, and results own their memory. */
import { describe, expect, test } from 'vitest';
import { careless } from '../../careless.ts';
import { bytes } from '../../builders.ts';
import { stepsOf } from '../../steps-of.ts';
import type { TokenBench } from '../../tokens/bench.ts';
import {
  activated, anyDevice, anyNotification, anySubscription, anyToken, created, delivered, dueJob, jobOf, LEASE_MS, present, record, subscribed,
} from '../../tokens/builders.ts';
import { everyToken } from './transfer.ts';

export function tokenArgumentScenarios(bench: TokenBench): void {
  describe('a caller that reuses its arguments and results', () => {
    test('makes, verifies, replaces and removes tokens', async () => {
      const store = careless(bench.store);
      const token = anyToken();
      const day = 86_400;
      // Arguments are gone before the step is done.
      expect(await store.createToken(token, bench.now())).toMatchObject({ status: 'created' });
      expect(await store.registerAgain(token.tokenId, bench.now())).toMatchObject({ status: 'REGISTERED' });
      const stored = await present(bench.store, token);
      expect(stored).toEqual(record(token, bench.now()));
      await Promise.all([store.touchToken(token.tokenId, day), store.activate(stored, bench.now())]);
      expect(await bench.store.findTokenOf(token.device, token.authKey)).toMatchObject({ status: 'ACTIVE', usedOn: day });
      const change = { device: anyDevice(), code: bytes(32) };
      const answers = await Promise.all([store.replaceDevice(token.tokenId, change, bench.now()), store.setCron(token.tokenId, 20, bench.now())]);
      expect(answers).toMatchObject([{ ...change, status: 'REGISTERED' }, true]);
      expect(await present(bench.store, token)).toMatchObject({ ...change, cronMinutes: 20 });
      const removals = await Promise.all([store.removeToken(token.tokenId), store.removeToken(token.tokenId)]);
      expect(removals).toContainEqual({ tokens: 1, subscriptions: 0 });
      expect(removals).toContain(null);
    });

    test('makes, changes and removes subscriptions', async () => {
      const store = careless(bench.store);
      const token = await activated(bench.store, bench.now());
      const given = anySubscription(token);
      const { relay, notifierId, subscriptionId } = given;
      const made = await Promise.all([store.createSubscription(given), store.createSubscription(given)]);
      const subscription = { ...given, status: 'NEW', inService: false };
      for (const status of ['created', 'exists']) expect(made).toContainEqual({ status, subscription });
      await Promise.all([store.changeSubscriptions(relay, [{ notifierId, status: 'ACTIVE' }]), store.setRelayService(relay, bytes(24))]);
      expect(await bench.store.findSubscription(subscriptionId)).toEqual({ ...subscription, status: 'ACTIVE' });
      expect((await bench.store.relay(relay))!.serviceId).not.toEqual(new Uint8Array(24).fill(0xa5));
      const removals = await Promise.all([store.removeSubscription(subscriptionId), store.removeSubscription(subscriptionId)]);
      expect([...removals].sort()).toEqual([false, true]);
    });

    test('receives, settles and moves', async () => {
      const store = careless(bench.store);
      const now = bench.now();
      const token = await activated(bench.store, now);
      const [one, two] = [await subscribed(bench.store, token), await subscribed(bench.store, token)];
      const notifications = [anyNotification(one, now), anyNotification(two, now)] as const;
      const answers = [await store.receive(one.relay, [notifications[0]], now, LEASE_MS), await store.receive(two.relay, [notifications[1]], now, LEASE_MS)];
      const kept = [{ ...notifications[0], relay: one.relay }, { ...notifications[1], relay: two.relay }];
      expect(await bench.store.lastNotifications(token.tokenId)).toEqual(kept);
      const next = await Promise.all([delivered(store, jobOf(answers[0]![0]), now), store.findToken(token.tokenId)]);
      expect(jobOf(next[0]).messages).toEqual(kept);
      const whole = (await everyToken(bench.store))[0]!;
      await bench.store.removeToken(token.tokenId);
      expect([...(await Promise.all([store.putToken(whole), store.putToken(whole)]))].sort()).toEqual(['exists', 'written']);
      expect(await everyToken(bench.store)).toEqual([whole]);
    });

    test('gets results of its own', async () => {
      const now = bench.now();
      const token = await created(bench.store, now);
      const [found, again] = [await present(bench.store, token), await present(bench.store, token)];
      found.device.token.fill(0);
      found.code.fill(0);
      expect(again).toEqual(token);
      const job = await dueJob(bench.store, token, now);
      job.token.dhSecret.fill(0);
      expect(await present(bench.store, token)).toEqual(token);
    });
  });

  describe('a store', () => {
    test('checks, tells of itself, and refuses when it is closed', async () => {
      await bench.store.check();
      const before = stepsOf(bench.store);
      const token = await created(bench.store, bench.now());
      expect(stepsOf(bench.store)).toBeGreaterThanOrEqual(before);
      await bench.store.close();
      await bench.store.close();
      const refused = { name: 'StoreError', code: 'UNAVAILABLE' };
      for (const step of [
        () => bench.store.findToken(token.tokenId), () => bench.store.check(), () => bench.store.counts(), () => bench.store.createToken(anyToken(), bench.now()),
        () => bench.store.takeDue(bench.now(), 1, LEASE_MS), () => bench.store.receive('smp://x', [anyNotification({ notifierId: bytes(24) }, 1)], 1, null),
        () => bench.store.claimRelays(1, LEASE_MS), () => bench.store.relays(), () => bench.store.wholeTokens(null, 1),
      ]) await expect(step()).rejects.toMatchObject(refused);
    });
  });
}
