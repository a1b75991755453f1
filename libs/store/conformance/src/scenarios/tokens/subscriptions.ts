/** Subscriptions (NTF §2.4, §2.5), and what their relays say of them (§4). */
import { toBase64Url } from '@polyplex/base';
import { describe, expect, test } from 'vitest';
import type { SubscriptionRecord, SubscriptionStatus } from '@polyplex/store-contract';
import { anyId, bytes } from '../../builders.ts';
import type { TokenBench } from '../../tokens/bench.ts';
import {
  activated, anyRelay, anySubscription, created, listening, received, sorted, subscribed, toMake,
} from '../../tokens/builders.ts';

const TO_MAKE: readonly SubscriptionStatus[] = ['NEW', 'PENDING', 'ACTIVE', 'INACTIVE'];
const OVER: readonly SubscriptionStatus[] = ['END', 'DELETED', 'AUTH', 'SERVICE', 'ERR SMP error QUOTA', 'ERR ¡'];

export function subscriptionScenarios(bench: TokenBench): void {
  const idsOf = (subscriptions: readonly SubscriptionRecord[]): string[] => subscriptions.map(({ subscriptionId }) => toBase64Url(subscriptionId)).sort();

  /** Subscriptions of one relay with these statuses, in this order. */
  async function withStatuses(statuses: readonly SubscriptionStatus[], inService = false): Promise<SubscriptionRecord[]> {
    const { relay, subscriptions } = await listening(bench.store, bench.now(), statuses.length);
    const changes = subscriptions.map(({ notifierId }, i) => ({ notifierId, status: statuses[i]!, inService }));
    expect(await bench.store.changeSubscriptions(relay, changes)).toBe(statuses.length);
    return subscriptions.map((subscription, i) => ({ ...subscription, status: statuses[i]!, inService }));
  }

  async function expectStored(subscriptions: readonly SubscriptionRecord[]): Promise<void> {
    for (const subscription of subscriptions) {
      expect(await bench.store.findSubscription(subscription.subscriptionId)).toEqual(subscription);
      expect(await bench.store.findSubscriptionOf(subscription.relay, subscription.notifierId)).toEqual(subscription);
    }
  }

  describe('a subscription', () => {
    test('is found by its id, and by relay and notifier', async () => {
      const token = await activated(bench.store, bench.now());
      const given = anySubscription(token);
      const subscription = { ...given, status: 'NEW', inService: false } as const;
      expect(await bench.store.createSubscription(given)).toEqual({ status: 'created', subscription });
      await expectStored([subscription]);
      expect(await bench.store.findSubscriptionOf(anyRelay(), given.notifierId)).toBeNull();
      expect(await bench.store.findSubscriptionOf(`${given.relay}:5224`, given.notifierId)).toBeNull();
      expect(await bench.store.findSubscriptionOf(given.relay, anyId())).toBeNull();
      for (const id of [anyId(), new Uint8Array(0), bytes(256), given.notifierId]) {
        expect(await bench.store.findSubscription(id)).toBeNull();
        expect(await bench.store.removeSubscription(id)).toBe(false);
      }
      expect(await bench.store.relay(given.relay)).toEqual({ relay: given.relay, serviceId: null, subscriptions: 1, inService: 0 });
    });

    test('is one for each relay and notifier, whosever it is', async () => {
      const [token, other] = [await activated(bench.store, bench.now()), await activated(bench.store, bench.now())];
      const subscription = await subscribed(bench.store, token);
      const { relay, notifierId } = subscription;
      expect(await bench.store.createSubscription(anySubscription(token, { relay, notifierId }))).toEqual({ status: 'exists', subscription });
      expect(await bench.store.createSubscription(anySubscription(other, { relay, notifierId }))).toEqual({ status: 'exists', subscription });
      expect(await bench.store.createSubscription(anySubscription({ tokenId: anyId() }, { relay, notifierId }))).toEqual({ status: 'exists', subscription });
      await bench.store.changeSubscriptions(relay, [{ notifierId, status: 'END' }]);
      expect(await bench.store.createSubscription(subscription)).toMatchObject({ status: 'exists', subscription: { status: 'END' } });
      expect(await bench.store.createSubscription(anySubscription(other, { notifierId }))).toMatchObject({ status: 'created' });
      expect(await bench.store.createSubscription(anySubscription(other, { relay }))).toMatchObject({ status: 'created' });
    });

    test('needs its token, and ids that are nobody’s', async () => {
      expect(await bench.store.createSubscription(anySubscription({ tokenId: anyId() }))).toEqual({ status: 'gone' });
      const token = await created(bench.store, bench.now());
      const { subscriptionId } = await subscribed(bench.store, token);
      expect(await bench.store.createSubscription(anySubscription(token, { subscriptionId }))).toEqual({ status: 'collision' });
      for (const id of [new Uint8Array(0), bytes(256)]) {
        expect(await bench.store.createSubscription(anySubscription(token, { subscriptionId: id }))).toEqual({ status: 'collision' });
        expect(await bench.store.createSubscription(anySubscription(token, { notifierId: id }))).toEqual({ status: 'collision' });
      }
      expect(await bench.store.counts()).toMatchObject({ subscriptions: 1 });
    });

    test('may have ids and relays of all lengths', async () => {
      const token = await activated(bench.store, bench.now(), { tokenId: bytes(255) });
      for (const [idLength, relay] of [[1, 's'], [255, `smp://${'r'.repeat(1018)}`]] as const) {
        const given = anySubscription(token, { relay, subscriptionId: bytes(idLength), notifierId: bytes(idLength), notifierKey: bytes(200) });
        expect(await bench.store.createSubscription(given)).toMatchObject({ status: 'created' });
        await expectStored([{ ...given, status: 'NEW', inService: false }]);
      }
      expect(await bench.store.removeToken(token.tokenId)).toEqual({ tokens: 1, subscriptions: 2 });
    });

    test('that is removed leaves the others, and its place', async () => {
      const { token, relay, subscriptions: [one, two] } = await listening(bench.store, bench.now(), 2);
      await received(bench.store, one!, bench.now());
      const { notification } = await received(bench.store, two!, bench.now());
      expect(await bench.store.removeSubscription(one!.subscriptionId)).toBe(true);
      expect(await bench.store.removeSubscription(one!.subscriptionId)).toBe(false);
      expect(await bench.store.findSubscriptionOf(relay, one!.notifierId)).toBeNull();
      expect(await bench.store.lastNotifications(token.tokenId)).toEqual([notification]);
      expect(idsOf(await toMake(bench.store, relay))).toEqual(idsOf([two!]));
      expect(await bench.store.changeSubscriptions(relay, [{ notifierId: one!.notifierId, status: 'ACTIVE' }])).toBe(0);
      expect(await bench.store.findSubscriptionOf(relay, one!.notifierId)).toBeNull();
      expect(await bench.store.createSubscription(one!)).toMatchObject({ status: 'created', subscription: { status: 'NEW' } });
      expect(await bench.store.counts()).toMatchObject({ subscriptions: 2, notifications: 1, subscriptionsByStatus: { NEW: 2 } });
    });
  });

  describe('what a relay says', () => {
    test('changes statuses, each by itself', async () => {
      await expectStored(await withStatuses([...TO_MAKE, ...OVER]));
      await expectStored(await withStatuses([...TO_MAKE, ...OVER], true));
      const [one] = await withStatuses(['ACTIVE'], true);
      const { relay, notifierId } = one!;
      expect(await bench.store.changeSubscriptions(relay, [{ notifierId: anyId(), status: 'ACTIVE' }, { notifierId, status: 'PENDING' }])).toBe(1);
      await expectStored([{ ...one!, status: 'PENDING', inService: true }]);
      expect(await bench.store.changeSubscriptions(anyRelay(), [{ notifierId, status: 'END' }])).toBe(0);
      expect(await bench.store.changeSubscriptions(relay, [{ notifierId, status: 'AUTH' }, { notifierId, status: 'ACTIVE', inService: false }])).toBe(2);
      await expectStored([{ ...one!, status: 'ACTIVE', inService: false }]);
    });

    test('of many at once', async () => {
      const { relay, subscriptions } = await listening(bench.store, bench.now(), 700);
      const changes = subscriptions.map(({ notifierId }) => ({ notifierId, status: 'ACTIVE', inService: true } as const));
      expect(await bench.store.changeSubscriptions(relay, changes)).toBe(700);
      expect(await bench.store.relay(relay)).toMatchObject({ subscriptions: 700, inService: 700 });
      expect(await bench.store.counts()).toMatchObject({ subscriptionsByStatus: { ACTIVE: 700 } });
    });

    test('is counted by relay', async () => {
      const [one] = await withStatuses([...TO_MAKE, ...OVER, 'ACTIVE']);
      const [inService] = await withStatuses([...TO_MAKE, ...OVER], true);
      const expected = [
        { relay: one!.relay, serviceId: null, subscriptions: 5, inService: 0 },
        { relay: inService!.relay, serviceId: null, subscriptions: 4, inService: 4 },
      ];
      for (const relay of expected) expect(await bench.store.relay(relay.relay)).toEqual(relay);
      expect(await bench.store.relay(anyRelay())).toBeNull();
      expect([...(await bench.store.relays())].sort((a, b) => b.subscriptions - a.subscriptions)).toEqual(expected);
    });
  });

  describe('new subscriptions', () => {
    test('are taken once, and PENDING then', async () => {
      const { relay, subscriptions } = await listening(bench.store, bench.now(), 5);
      await listening(bench.store, bench.now(), 2);
      const taken = [...(await bench.store.takeNew(relay, 3)), ...(await bench.store.takeNew(relay, 3))];
      const pending = subscriptions.map((subscription) => ({ ...subscription, status: 'PENDING' as const }));
      expect(sorted(taken)).toEqual(sorted(pending));
      expect(await bench.store.takeNew(relay, 3)).toEqual([]);
      expect(await bench.store.takeNew(anyRelay(), 3)).toEqual([]);
      await expectStored(pending);
      expect(sorted(await toMake(bench.store, relay))).toEqual(sorted(pending));
    });

    test('that are not new any more are not taken', async () => {
      const { relay, subscriptions: [changed, removed, stays] } = await listening(bench.store, bench.now(), 3);
      await bench.store.changeSubscriptions(relay, [{ notifierId: changed!.notifierId, status: 'ACTIVE' }]);
      await bench.store.removeSubscription(removed!.subscriptionId);
      expect(await bench.store.takeNew(relay, 10)).toEqual([{ ...stays!, status: 'PENDING' }]);
    });

    test('are hinted at', async () => {
      const relays = new Set<string>();
      bench.store.onNew((relay) => void relays.add(relay));
      const subscription = await subscribed(bench.store, await activated(bench.store, bench.now()));
      await bench.store.claimRelays(10, 10_000);
      const other = await subscribed(bench.store, await activated(bench.store, bench.now()), { relay: subscription.relay });
      await expect.poll(() => [...relays]).toContain(other.relay);
    });
  });

  describe('subscriptions to make', () => {
    test('are those that may still be, page by page, but those in the service', async () => {
      const [first, ...others] = await withStatuses([...TO_MAKE, ...OVER, ...TO_MAKE, 'ACTIVE']);
      const { relay, notifierId } = first!;
      await bench.store.changeSubscriptions(relay, [{ notifierId, status: 'ACTIVE', inService: true }]);
      await withStatuses(TO_MAKE);
      const expected = sorted(others.filter(({ status }) => TO_MAKE.includes(status)));
      expect(expected).toHaveLength(8);
      for (const limit of [1, 2, 3, 100]) expect(sorted(await toMake(bench.store, relay, limit))).toEqual(expected);
      expect(await toMake(bench.store, anyRelay())).toEqual([]);
    });

    test('may be removed between two pages', async () => {
      const { relay, subscriptions } = await listening(bench.store, bench.now(), 20);
      const first = await bench.store.subscriptionsToMake(relay, null, 5);
      for (const { subscriptionId } of subscriptions) await bench.store.removeSubscription(subscriptionId);
      for (let after = first.next; after !== null;) {
        const page = await bench.store.subscriptionsToMake(relay, after, 5);
        expect(page.subscriptions).toEqual([]);
        after = page.next;
      }
    });
  });

  describe('a connection that is lost', () => {
    test('makes ACTIVE ones INACTIVE, but those in the service', async () => {
      const direct = await withStatuses([...TO_MAKE, ...OVER]);
      const served = await withStatuses([...TO_MAKE, ...OVER], true);
      const elsewhere = await withStatuses(['ACTIVE']);
      for (const [{ relay }] of [direct, served] as [SubscriptionRecord][]) await bench.store.disconnected(relay);
      await bench.store.disconnected(anyRelay());
      await expectStored(direct.map((each) => (each.status === 'ACTIVE' ? { ...each, status: 'INACTIVE' } : each)));
      await expectStored(served);
      await expectStored(elsewhere);
      expect(await bench.store.relay(direct[0]!.relay)).toMatchObject({ subscriptions: 4, inService: 0 });
      expect((await bench.store.counts()).subscriptionsByStatus).toEqual({
        NEW: 2, PENDING: 2, ACTIVE: 2, INACTIVE: 3, END: 2, DELETED: 2, AUTH: 2, SERVICE: 2, ERR: 4,
      });
    });

    test('and made again, more than once', async () => {
      const [one, two] = await withStatuses(['ACTIVE', 'ACTIVE']);
      for (let round = 0; round < 3; round++) {
        await bench.store.disconnected(one!.relay);
        await expectStored([{ ...one!, status: 'INACTIVE' }, { ...two!, status: 'INACTIVE' }]);
        await bench.store.changeSubscriptions(one!.relay, [{ notifierId: one!.notifierId, status: 'ACTIVE' }]);
        await expectStored([one!, { ...two!, status: 'INACTIVE' }]);
        expect((await bench.store.counts()).subscriptionsByStatus).toEqual({ ACTIVE: 1, INACTIVE: 1 });
      }
      await bench.store.disconnected(one!.relay);
      await bench.store.removeSubscription(one!.subscriptionId);
      expect((await bench.store.counts()).subscriptionsByStatus).toEqual({ INACTIVE: 1 });
    });
  });

  describe('the service of a relay', () => {
    test('is kept', async () => {
      const [one] = await withStatuses(['ACTIVE'], true);
      const serviceId = bytes(24);
      await bench.store.setRelayService(one!.relay, serviceId);
      expect(await bench.store.relay(one!.relay)).toEqual({ relay: one!.relay, serviceId, subscriptions: 1, inService: 1 });
      await expectStored([one!]);
      const relay = anyRelay();
      await bench.store.setRelayService(relay, serviceId);
      expect(await bench.store.relay(relay)).toEqual({ relay, serviceId, subscriptions: 0, inService: 0 });
    });

    test('lost: nothing is in it, and what was subscribed is INACTIVE', async () => {
      const served = await withStatuses([...TO_MAKE, ...OVER], true);
      const { relay, notifierId } = served[2]!;
      const direct = await subscribed(bench.store, await activated(bench.store, bench.now()), { relay });
      await bench.store.changeSubscriptions(relay, [{ notifierId: direct.notifierId, status: 'ACTIVE' }]);
      await bench.store.setRelayService(relay, bytes(24));
      await bench.store.setRelayService(relay, null);
      const left = served.map((each) => ({ ...each, status: TO_MAKE.includes(each.status) ? ('INACTIVE' as const) : each.status, inService: false }));
      await expectStored([...left, { ...direct, status: 'ACTIVE' }]);
      expect(await bench.store.relay(relay)).toEqual({ relay, serviceId: null, subscriptions: 5, inService: 0 });
      expect(sorted(await toMake(bench.store, relay))).toEqual(sorted([...left.slice(0, 4), { ...direct, status: 'ACTIVE' }]));
      expect((await bench.store.counts()).subscriptionsByStatus).toEqual({ ACTIVE: 1, INACTIVE: 4, END: 1, DELETED: 1, AUTH: 1, SERVICE: 1, ERR: 2 });
      expect(await bench.store.takeNew(relay, 10)).toEqual([]);
      await bench.store.changeSubscriptions(relay, [{ notifierId, status: 'ACTIVE', inService: true }]);
      expect(await bench.store.relay(relay)).toMatchObject({ subscriptions: 5, inService: 1 });
      await bench.store.disconnected(relay);
      await expectStored([{ ...served[2]!, status: 'ACTIVE', inService: true }, { ...direct, status: 'INACTIVE' }]);
    });
  });
}
