/** Moving: every token with all that it has, read in pages and written whole. */
import { toBase64Url } from '@polyplex/base';
import { describe, expect, test } from 'vitest';
import type { TokenRecord, TokenStatus, TokenStore, WholeToken } from '@polyplex/store-contract';
import { anyId, bytes } from '../../builders.ts';
import type { TokenBench } from '../../tokens/bench.ts';
import {
  activated, anyAuthKey, anyDevice, anyNotification, anyRelay, anySubscription, anyToken, created, dayOf, dueJob, LEASE_MS, listening, MINUTE_MS,
  present, received, sorted, subscribed, takenFor,
} from '../../tokens/builders.ts';

const STATUSES: readonly TokenStatus[] = [
  'NEW', 'REGISTERED', 'CONFIRMED', 'ACTIVE', 'EXPIRED', 'INVALID', 'INVALID,BAD', 'INVALID,TOPIC', 'INVALID,EXPIRED', 'INVALID,UNREGISTERED',
];

/** All tokens, by as many pages as there are; subscriptions in the order of their notifiers. */
export async function everyToken(store: TokenStore, limit = 100, between: () => unknown = () => undefined): Promise<WholeToken[]> {
  const found = new Map<string, WholeToken>();
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<TokenStore['wholeTokens']>> = await store.wholeTokens(after, limit);
    expect(page.tokens.length).toBeLessThanOrEqual(limit);
    for (const token of page.tokens) found.set(toBase64Url(token.token.tokenId), { ...token, subscriptions: sorted(token.subscriptions) });
    after = page.next;
    if (after !== null) await between();
  } while (after !== null);
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, token]) => token);
}

export function tokenTransferScenarios(bench: TokenBench): void {
  function whole(parts: Partial<TokenRecord> = {}, more: Partial<WholeToken> = {}): WholeToken {
    const token: TokenRecord = { ...anyToken(), status: 'ACTIVE', cronMinutes: 0, cronSentAt: null, usedOn: dayOf(bench.now()), revision: 7, ...parts };
    const [one, two] = [anySubscription(token), anySubscription(token)];
    return {
      token,
      subscriptions: sorted([{ ...one, status: 'ACTIVE', inService: true }, { ...two, status: 'ERR gone', inService: false }]),
      notifications: [{ ...anyNotification(two, bench.now() - 2), relay: two.relay }, { ...anyNotification(one, bench.now() - 1), relay: one.relay }],
      due: { verification: null, messages: null, check: null },
      ...more,
    };
  }

  describe('moving', () => {
    test('reads what steps have made, whatever the size of the pages', async () => {
      const now = bench.now();
      const { token, subscriptions } = await listening(bench.store, now, 2);
      await bench.store.setCron(token.tokenId, 20, now);
      const { notification } = await received(bench.store, subscriptions[0]!, now);
      const waiting = await created(bench.store, now + 1);
      const taken = await created(bench.store, now + 2);
      await takenFor(bench.store, taken, now + 2);
      const idle = await activated(bench.store, now);
      const replaced = await activated(bench.store, now);
      await bench.store.setCron(replaced.tokenId, 20, now);
      await bench.store.replaceDevice(replaced.tokenId, { device: anyDevice(), code: bytes(32) }, now + 3);
      const expected = [
        { token: await present(bench.store, replaced), subscriptions: [], notifications: [], due: { verification: now + 3, messages: null, check: null } },
        { token: await present(bench.store, token), subscriptions: sorted(subscriptions), notifications: [notification], due: { verification: null, messages: now, check: now + 20 * MINUTE_MS } },
        { token: waiting, subscriptions: [], notifications: [], due: { verification: now + 1, messages: null, check: null } },
        { token: taken, subscriptions: [], notifications: [], due: { verification: now + 2, messages: null, check: null } },
        { token: idle, subscriptions: [], notifications: [], due: { verification: null, messages: null, check: null } },
      ].sort((a, b) => (toBase64Url(a.token.tokenId) < toBase64Url(b.token.tokenId) ? -1 : 1));
      for (const limit of [1, 3, 100]) expect(await everyToken(bench.store, limit)).toEqual(expected);
    });

    test('writes tokens of every status and key, which work as those that were made here', async () => {
      const tokens = STATUSES.map((status, i) => whole({ status, authKey: anyAuthKey((['ed25519', 'ed448', 'x25519'] as const)[i % 3]), cronMinutes: i, cronSentAt: i }));
      for (const token of tokens) expect(await bench.store.putToken(token)).toBe('written');
      for (const { token, subscriptions, notifications } of tokens) {
        expect(await bench.store.findToken(token.tokenId)).toEqual(token);
        expect(await bench.store.findTokenOf(token.device, token.authKey)).toEqual(token);
        for (const each of subscriptions) {
          expect(await bench.store.findSubscription(each.subscriptionId)).toEqual(each);
          expect(await bench.store.findSubscriptionOf(each.relay, each.notifierId)).toEqual(each);
        }
        expect(await bench.store.lastNotifications(token.tokenId)).toEqual(notifications);
      }
      const { tokens: count, subscriptions, notifications, tokensByStatus, subscriptionsByStatus } = await bench.store.counts();
      expect({ count, subscriptions, notifications }).toEqual({ count: 10, subscriptions: 20, notifications: 20 });
      expect(tokensByStatus).toEqual(Object.fromEntries(STATUSES.map((status) => [status, 1])));
      expect(subscriptionsByStatus).toEqual({ ACTIVE: 10, ERR: 10 });
      expect((await everyToken(bench.store, 3)).map(({ token }) => token)).toHaveLength(10);
      const [first] = tokens[3]!.subscriptions.filter(({ status }) => status === 'ACTIVE');
      expect(await bench.store.relay(first!.relay)).toMatchObject({ subscriptions: 1, inService: 1 });
      expect((await received(bench.store, first!, bench.now())).announced).toMatchObject({ token: tokens[3]!.token });
      expect(await bench.store.removeToken(tokens[3]!.token.tokenId)).toEqual({ tokens: 1, subscriptions: 2 });
    });

    test('keeps what is due', async () => {
      const now = bench.now();
      const given = whole({ cronMinutes: 20 }, { due: { verification: now - 5, messages: now - 4, check: now + 1000 } });
      await bench.store.putToken(given);
      expect(await everyToken(bench.store)).toEqual([given]);
      expect(await dueJob(bench.store, given.token, now)).toMatchObject({
        verification: true, messages: given.notifications, check: false, dueSince: now - 5, attempts: 0,
      });
      expect(await everyToken(bench.store)).toEqual([given]);
    });

    test('gives a revision that no step before it had', async () => {
      const given = whole({ revision: 41 });
      await bench.store.putToken(given);
      await bench.store.setCron(given.token.tokenId, 20, bench.now());
      expect((await present(bench.store, given.token)).revision).toBeGreaterThan(41);
      expect(await bench.store.activate(given.token, bench.now())).toBe('stale');
    });

    test('may be repeated, and overwrites nothing', async () => {
      const given = whole();
      expect(await bench.store.putToken(given)).toBe('written');
      await bench.store.setCron(given.token.tokenId, 25, bench.now());
      expect(await bench.store.putToken(given)).toBe('exists');
      expect(await present(bench.store, given.token)).toMatchObject({ cronMinutes: 25 });
      expect(await bench.store.counts()).toMatchObject({ tokens: 1, subscriptions: 2, notifications: 2 });
    });

    test('collides with what is there, and then writes nothing', async () => {
      const token = await created(bench.store, bench.now());
      const subscription = await subscribed(bench.store, token);
      const counts = await bench.store.counts();
      const given = whole();
      const [one] = given.subscriptions;
      for (const other of [
        whole({ tokenId: token.tokenId }), whole({ device: token.device, authKey: token.authKey }), whole({ tokenId: new Uint8Array(0) }),
        whole({ tokenId: token.tokenId, device: token.device }), whole({ tokenId: token.tokenId, authKey: token.authKey }),
        { ...given, subscriptions: [{ ...one!, subscriptionId: subscription.subscriptionId }] },
        { ...given, subscriptions: [one!, { ...one!, subscriptionId: anyId(), relay: subscription.relay, notifierId: subscription.notifierId }] },
        { ...given, subscriptions: [{ ...one!, notifierId: bytes(256) }] },
      ]) expect(await bench.store.putToken(other)).toBe('collision');
      expect({ ...(await bench.store.counts()), oldestDue: null }).toEqual({ ...counts, oldestDue: null });
      expect(await bench.store.findToken(given.token.tokenId)).toBeNull();
      expect(await bench.store.findSubscription(one!.subscriptionId)).toBeNull();
      expect(await bench.store.putToken(given)).toBe('written');
    });

    test('reads a store that changes meanwhile: what stays is there', async () => {
      const stays = await Promise.all(Array.from({ length: 20 }, () => activated(bench.store, bench.now())));
      const goes = await Promise.all(Array.from({ length: 20 }, () => activated(bench.store, bench.now())));
      const found = await everyToken(bench.store, 3, async () => {
        const gone = goes.pop();
        if (gone !== undefined) await bench.store.removeToken(gone.tokenId);
        await bench.store.createToken(anyToken({ device: anyDevice() }), bench.now());
      });
      const ids = new Set(found.map(({ token }) => token.tokenId.join()));
      for (const { tokenId } of stays) expect(ids).toContain(tokenId.join());
    });

    test('makes relays known', async () => {
      const relay = anyRelay();
      const given = whole();
      await bench.store.putToken({ ...given, subscriptions: given.subscriptions.map((each) => ({ ...each, relay, status: 'NEW' as const })), notifications: [] });
      expect(await bench.store.relay(relay)).toMatchObject({ subscriptions: 2 });
      expect(await bench.store.claimRelays(9, LEASE_MS)).toMatchObject([{ relay }]);
      expect(await bench.store.takeNew(relay, 10)).toHaveLength(2);
    });
  });
}
