/** Tokens: TNEW, TVFY, TRPL, TCRN, TDEL (NTF §2.4). */
import { describe, expect, test } from 'vitest';
import type { PushResult, TokenRecord } from '@polyplex/store-contract';
import { anyId, bytes } from '../../builders.ts';
import type { TokenBench } from '../../tokens/bench.ts';
import {
  activated, anyAuthKey, anyDevice, anyToken, created, DAY_SECONDS, dayOf, delivered, dueJob, LEASE_MS, outcome, present, received, record, subscribed,
} from '../../tokens/builders.ts';

const OTHER_STATUSES: readonly PushResult[] = ['INVALID', 'INVALID,BAD', 'INVALID,TOPIC', 'INVALID,EXPIRED', 'INVALID,UNREGISTERED'];

export function tokenScenarios(bench: TokenBench): void {
  /** A token whose push service does not know its device. */
  async function invalid(result: PushResult): Promise<TokenRecord> {
    const token = await created(bench.store, bench.now());
    await bench.store.settle(await dueJob(bench.store, token, bench.now()), outcome({ verification: result }), bench.now(), LEASE_MS);
    return present(bench.store, token);
  }

  describe('a token', () => {
    test.each(['ed25519', 'ed448', 'x25519'] as const)('with a key of kind %s is found by its id and by its device and key', async (kind) => {
      const token = anyToken({ authKey: anyAuthKey(kind) });
      expect(await bench.store.createToken(token, bench.now())).toEqual({ status: 'created', token: record(token, bench.now()) });
      expect(await bench.store.findToken(token.tokenId)).toEqual(record(token, bench.now()));
      expect(await bench.store.findTokenOf(token.device, token.authKey)).toEqual(record(token, bench.now()));
    });

    test('is one for each provider, device and key', async () => {
      const token = await created(bench.store, bench.now());
      const { device, authKey } = token;
      for (const [other, key] of [
        [anyDevice({ ...device, provider: 'apns_dev' }), authKey], [anyDevice(), authKey], [device, anyAuthKey()], [device, { ...authKey, kind: 'x25519' }],
        [{ ...device, token: device.token.subarray(1) }, authKey], [{ provider: `${device.provider}x`, token: device.token }, authKey],
      ] as const) {
        expect(await bench.store.findTokenOf(other, key)).toBeNull();
        expect(await bench.store.createToken(anyToken({ device: other, authKey: key }), bench.now())).toMatchObject({ status: 'created' });
      }
      expect(await bench.store.findTokenOf(device, authKey)).toEqual(token);
    });

    test('that exists is answered, whatever else is given', async () => {
      const token = await created(bench.store, bench.now());
      const again = anyToken({ device: token.device, authKey: token.authKey });
      expect(await bench.store.createToken(again, bench.now() + 1)).toEqual({ status: 'exists', token });
      expect(await bench.store.findToken(again.tokenId)).toBeNull();
      expect(await bench.store.createToken({ ...again, tokenId: token.tokenId }, bench.now())).toEqual({ status: 'exists', token });
    });

    test('with the id of another collides', async () => {
      const token = await created(bench.store, bench.now());
      expect(await bench.store.createToken(anyToken({ tokenId: token.tokenId }), bench.now())).toEqual({ status: 'collision' });
      for (const tokenId of [new Uint8Array(0), bytes(256)]) {
        expect(await bench.store.createToken(anyToken({ tokenId }), bench.now())).toEqual({ status: 'collision' });
      }
      expect(await present(bench.store, token)).toEqual(token);
      expect(await bench.store.counts()).toMatchObject({ tokens: 1 });
    });

    test('may have ids, providers and device tokens of all lengths', async () => {
      for (const [idLength, provider, tokenLength] of [[1, 'a', 0], [255, `webpush https://${'h'.repeat(270)}.example`, 1024]] as const) {
        const token = anyToken({ tokenId: bytes(idLength), device: { provider, token: bytes(tokenLength) } });
        expect(await bench.store.createToken(token, bench.now())).toMatchObject({ status: 'created' });
        expect(await bench.store.findTokenOf(token.device, token.authKey)).toEqual(record(token, bench.now()));
        expect(await bench.store.findToken(token.tokenId)).toEqual(record(token, bench.now()));
      }
    });

    test('that is unknown is nothing to any step', async () => {
      for (const tokenId of [anyId(), new Uint8Array(0), bytes(256)]) {
        expect(await bench.store.findToken(tokenId)).toBeNull();
        await bench.store.touchToken(tokenId, DAY_SECONDS);
        expect(await bench.store.registerAgain(tokenId, bench.now())).toBeNull();
        expect(await bench.store.activate({ tokenId, revision: 0 }, bench.now())).toBe('stale');
        expect(await bench.store.replaceDevice(tokenId, { device: anyDevice(), code: bytes(32) }, bench.now())).toBe('gone');
        expect(await bench.store.setCron(tokenId, 20, bench.now())).toBe(false);
        expect(await bench.store.removeToken(tokenId)).toBeNull();
        expect(await bench.store.lastNotifications(tokenId)).toEqual([]);
      }
    });

    test('remembers the day of its last use', async () => {
      const token = await created(bench.store, bench.now());
      const day = dayOf(bench.now()) + DAY_SECONDS;
      await bench.store.touchToken(token.tokenId, day);
      await bench.store.touchToken(token.tokenId, day);
      expect(await present(bench.store, token)).toEqual({ ...token, usedOn: day });
    });
  });

  describe('TNEW repeated', () => {
    test('keeps a status that allows verification', async () => {
      const token = await created(bench.store, bench.now());
      expect(await bench.store.registerAgain(token.tokenId, bench.now())).toEqual(token);
      await delivered(bench.store, await dueJob(bench.store, token, bench.now()), bench.now());
      expect(await bench.store.registerAgain(token.tokenId, bench.now())).toMatchObject({ status: 'CONFIRMED' });
      await bench.store.activate(await present(bench.store, token), bench.now());
      expect(await bench.store.registerAgain(token.tokenId, bench.now())).toMatchObject({ status: 'ACTIVE' });
      expect(await dueJob(bench.store, token, bench.now())).toMatchObject({ verification: true });
    });

    test.each(OTHER_STATUSES)('of a token that is %s makes it REGISTERED', async (result) => {
      const token = await invalid(result);
      expect(token.status).toBe(result);
      const again = (await bench.store.registerAgain(token.tokenId, bench.now()))!;
      expect(again).toEqual({ ...token, status: 'REGISTERED', revision: again.revision });
      expect(again.revision).toBeGreaterThan(token.revision);
      expect(await present(bench.store, token)).toEqual(again);
      expect(await dueJob(bench.store, token, bench.now())).toMatchObject({ verification: true, token: again });
    });
  });

  describe('TVFY', () => {
    test('makes the token ACTIVE under another revision, and again leaves it', async () => {
      const token = await created(bench.store, bench.now());
      expect(await bench.store.activate(token, bench.now())).toEqual({ tokens: 0, subscriptions: 0 });
      const active = await present(bench.store, token);
      expect(active).toEqual({ ...token, status: 'ACTIVE', revision: active.revision });
      expect(active.revision).toBeGreaterThan(token.revision);
      expect(await bench.store.activate(active, bench.now())).toEqual({ tokens: 0, subscriptions: 0 });
      expect(await present(bench.store, token)).toEqual(active);
    });

    test('on another revision does nothing', async () => {
      const token = await created(bench.store, bench.now());
      const replaced = await bench.store.replaceDevice(token.tokenId, { device: anyDevice(), code: bytes(32) }, bench.now());
      expect(await bench.store.activate(token, bench.now())).toBe('stale');
      expect(await present(bench.store, token)).toEqual(replaced);
    });

    test('removes the other tokens of the device, with all that they have', async () => {
      const device = anyDevice();
      const [one, two, elsewhere] = [await activated(bench.store, bench.now(), { device }), await created(bench.store, bench.now(), { device }), await activated(bench.store, bench.now())];
      const otherProvider = await created(bench.store, bench.now(), { device: { ...device, provider: 'apns_dev' } });
      const gone = [await subscribed(bench.store, one), await subscribed(bench.store, one)];
      await received(bench.store, gone[0]!, bench.now());
      const stays = await subscribed(bench.store, elsewhere);
      const token = await created(bench.store, bench.now(), { device });
      expect(await bench.store.activate(token, bench.now())).toEqual({ tokens: 2, subscriptions: 2 });
      for (const { tokenId, authKey } of [one, two]) {
        expect(await bench.store.findToken(tokenId)).toBeNull();
        expect(await bench.store.findTokenOf(device, authKey)).toBeNull();
      }
      for (const { subscriptionId, relay, notifierId } of gone) {
        expect(await bench.store.findSubscription(subscriptionId)).toBeNull();
        expect(await bench.store.findSubscriptionOf(relay, notifierId)).toBeNull();
      }
      expect(await bench.store.findSubscription(stays.subscriptionId)).toEqual(stays);
      expect(await present(bench.store, otherProvider)).toEqual(otherProvider);
      expect(await bench.store.counts()).toMatchObject({ tokens: 3, subscriptions: 1, notifications: 0, due: 1 });
    });
  });

  describe('TRPL', () => {
    test('gives the token another device and code; keys, interval and subscriptions stay', async () => {
      const token = await activated(bench.store, bench.now());
      await bench.store.setCron(token.tokenId, 20, bench.now());
      const subscription = await subscribed(bench.store, token);
      const change = { device: anyDevice({ provider: 'apns_dev' }), code: bytes(32) };
      const replaced = (await bench.store.replaceDevice(token.tokenId, change, bench.now())) as TokenRecord;
      expect(replaced).toEqual({ ...token, ...change, status: 'REGISTERED', cronMinutes: 20, revision: replaced.revision });
      expect(replaced.revision).toBeGreaterThan(token.revision);
      expect(await present(bench.store, token)).toEqual(replaced);
      expect(await bench.store.findTokenOf(token.device, token.authKey)).toBeNull();
      expect(await bench.store.findTokenOf(change.device, token.authKey)).toEqual(replaced);
      expect(await bench.store.findSubscription(subscription.subscriptionId)).toEqual(subscription);
      expect(await dueJob(bench.store, token, bench.now())).toMatchObject({ verification: true, token: replaced });
    });

    test('to the device that it has: another code', async () => {
      const token = await activated(bench.store, bench.now());
      const replaced = await bench.store.replaceDevice(token.tokenId, { device: token.device, code: bytes(32) }, bench.now());
      expect(replaced).toMatchObject({ device: token.device, status: 'REGISTERED' });
      expect(await bench.store.findTokenOf(token.device, token.authKey)).toEqual(replaced);
    });

    test('to the device of another token with this key is taken; with another key it is not', async () => {
      const token = await activated(bench.store, bench.now());
      const other = await created(bench.store, bench.now(), { authKey: token.authKey });
      const change = { device: other.device, code: bytes(32) };
      expect(await bench.store.replaceDevice(token.tokenId, change, bench.now())).toBe('taken');
      expect(await present(bench.store, token)).toEqual(token);
      const third = await created(bench.store, bench.now());
      expect(await bench.store.replaceDevice(third.tokenId, change, bench.now())).toMatchObject(change);
      expect(await present(bench.store, other)).toEqual(other);
      const active = (await present(bench.store, third));
      expect(await bench.store.activate(active, bench.now())).toEqual({ tokens: 1, subscriptions: 0 });
      expect(await bench.store.findToken(other.tokenId)).toBeNull();
    });

    test('leaves its former device to others', async () => {
      const token = await created(bench.store, bench.now());
      await bench.store.replaceDevice(token.tokenId, { device: anyDevice(), code: bytes(32) }, bench.now());
      const next = await created(bench.store, bench.now(), { device: token.device, authKey: token.authKey });
      expect(await bench.store.activate(next, bench.now())).toEqual({ tokens: 0, subscriptions: 0 });
    });
  });

  describe('TCRN', () => {
    test('sets the interval', async () => {
      const token = await created(bench.store, bench.now());
      expect(await bench.store.setCron(token.tokenId, 65_535, bench.now())).toBe(true);
      const changed = await present(bench.store, token);
      expect(changed).toEqual({ ...token, cronMinutes: 65_535, revision: changed.revision });
      expect(changed.revision).toBeGreaterThan(token.revision);
      expect(await bench.store.setCron(token.tokenId, 65_535, bench.now())).toBe(true);
      expect(await present(bench.store, token)).toEqual(changed);
      expect(await bench.store.setCron(token.tokenId, 0, bench.now())).toBe(true);
      expect(await present(bench.store, token)).toMatchObject({ cronMinutes: 0 });
    });
  });

  describe('TDEL', () => {
    test('removes the token with its subscriptions, notifications and what is due', async () => {
      const [token, other] = [await activated(bench.store, bench.now()), await activated(bench.store, bench.now())];
      const [gone, also, stays] = [await subscribed(bench.store, token), await subscribed(bench.store, token), await subscribed(bench.store, other)];
      await bench.store.setCron(token.tokenId, 20, bench.now());
      await received(bench.store, gone, bench.now());
      await received(bench.store, also, bench.now());
      await bench.store.registerAgain(token.tokenId, bench.now());
      expect(await bench.store.removeToken(token.tokenId)).toEqual({ tokens: 1, subscriptions: 2 });
      expect(await bench.store.removeToken(token.tokenId)).toBeNull();
      expect(await bench.store.findToken(token.tokenId)).toBeNull();
      expect(await bench.store.findTokenOf(token.device, token.authKey)).toBeNull();
      for (const { subscriptionId } of [gone, also]) expect(await bench.store.findSubscription(subscriptionId)).toBeNull();
      expect(await bench.store.findSubscription(stays.subscriptionId)).toEqual(stays);
      expect(await bench.store.takeDue(bench.now() + 2 * 65_535 * 60_000, 10, LEASE_MS)).toEqual([]);
      expect(await received(bench.store, gone, bench.now())).toMatchObject({ announced: 'none' });
      expect(await bench.store.lastNotifications(token.tokenId)).toEqual([]);
      expect(await bench.store.relay(gone.relay)).toMatchObject({ subscriptions: 0 });
      expect(await bench.store.counts()).toEqual({
        tokens: 1, subscriptions: 1, notifications: 0, due: 0, oldestDue: null, tokensByStatus: { ACTIVE: 1 }, subscriptionsByStatus: { NEW: 1 },
      });
      // Nothing of it is in the way of the same again.
      const again = await created(bench.store, bench.now(), token);
      expect(await bench.store.createSubscription({ ...gone, tokenId: again.tokenId })).toMatchObject({ status: 'created' });
    });
  });
}
