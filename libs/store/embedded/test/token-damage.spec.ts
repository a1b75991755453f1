/** Damaged rows of the token store: DAMAGED for whoever asks for them, passed over by walks, and nothing is half done. */
import { Reader } from '@polyplex/codec';
import type { NewSubscription, NewToken, TokenStore } from '@polyplex/store-contract';
import type { Logger } from '@polyplex/telemetry';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openEmbeddedFileStore, openTokenStore } from '../src/index.ts';
import { placeOf } from '../src/tokens/tables.ts';
import { damageRows } from './damage.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { bytes, everyToken, newNotification, newSubscription, newToken, RELAY } from './tokens.ts';

const DAMAGED = { name: 'StoreError', code: 'DAMAGED' };
const NOW = 1_700_000_000_000;
const LEASE_MS = 1000;
const COUNTS_KEY = Uint8Array.of(1);

let folder: ReturnType<typeof temporaryFolder>;
let store: TokenStore;
const logged: unknown[] = [];
const log = { error: (_: string, facts: unknown) => void logged.push(facts), warn() {}, info() {}, debug() {} } as unknown as Logger;

const open = () => openTokenStore({ path: folder.path, log });
beforeEach(async () => {
  folder = temporaryFolder();
  logged.length = 0;
  store = await open();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await store.close();
  folder.remove();
});

async function listening(): Promise<NewToken & { subscription: NewSubscription }> {
  const token = newToken();
  const subscription = newSubscription(token);
  await store.createToken(token, NOW);
  await store.activate({ tokenId: token.tokenId, revision: 0 }, NOW);
  await store.createSubscription(subscription);
  return { ...token, subscription };
}

async function reopenedAfter(damage: () => void): Promise<void> {
  await store.close();
  damage();
  store = await open();
}

describe('a damaged row', () => {
  test('of a token is DAMAGED for every step on it, and for no other', async () => {
    const [lost, whole] = [await listening(), await listening()];
    await store.registerAgain(lost.tokenId, NOW);
    await store.registerAgain(whole.tokenId, NOW);
    const counts = await store.counts();
    await reopenedAfter(() => damageRows(folder.path, [lost.tokenId]));
    for (const step of [
      () => store.findToken(lost.tokenId), () => store.findTokenOf(lost.device, lost.authKey), () => store.createToken({ ...lost, tokenId: bytes(24) }, NOW),
      () => store.registerAgain(lost.tokenId, NOW), () => store.activate({ tokenId: lost.tokenId, revision: 1 }, NOW), () => store.removeToken(lost.tokenId),
      () => store.replaceDevice(lost.tokenId, { device: whole.device, code: bytes(32) }, NOW), () => store.setCron(lost.tokenId, 20, NOW),
      () => store.touchToken(lost.tokenId, 86_400), () => store.removeSubscription(lost.subscription.subscriptionId),
    ]) await expect(step()).rejects.toMatchObject(DAMAGED);
    const notifications = [lost, whole].map(({ subscription }) => newNotification(subscription, NOW));
    expect(await store.receive(RELAY, notifications, NOW, LEASE_MS)).toMatchObject([DAMAGED, { verification: true }]);
    expect((await store.takeDue(NOW + LEASE_MS, 10, LEASE_MS)).map(({ token }) => token.tokenId)).toEqual([whole.tokenId]);
    expect((await everyToken(store)).map(({ token }) => token.tokenId)).toEqual([whole.tokenId]);
    expect(await store.counts()).toMatchObject({ ...counts, notifications: 1, oldestDue: expect.any(Number) as number });
    expect(logged).toEqual([{ code: 'DAMAGED' }]);
  });

  test('of a subscription is passed over by the walk over its relay', async () => {
    const [lost, whole] = [await listening(), await listening()];
    await reopenedAfter(() => damageRows(folder.path, [placeOf(0, lost.subscription.notifierId)]));
    await expect(store.findSubscription(lost.subscription.subscriptionId)).rejects.toMatchObject(DAMAGED);
    await expect(store.removeToken(lost.tokenId)).rejects.toMatchObject(DAMAGED);
    expect(await store.findToken(lost.tokenId)).not.toBeNull();
    const { subscriptions } = await store.subscriptionsToMake(RELAY, null, 10);
    expect(subscriptions.map(({ notifierId }) => notifierId)).toEqual([whole.subscription.notifierId]);
    const changes = [{ notifierId: whole.subscription.notifierId, status: 'ACTIVE' as const }];
    expect(await store.changeSubscriptions(RELAY, changes)).toBe(1);
    expect(logged).toEqual([{ code: 'DAMAGED' }]);
  });

  test('of the counts is found when the store is opened', async () => {
    await listening();
    await store.close();
    damageRows(folder.path, [COUNTS_KEY]);
    await expect(open()).rejects.toMatchObject(DAMAGED);
    await expect(open()).rejects.toMatchObject(DAMAGED); // and not IN_USE: the folder was given up
  });
});

test('a folder of tokens is not one of files, nor the other way round', async () => {
  await expect(openTokenStore({ path: folder.path })).rejects.toMatchObject({ code: 'IN_USE' });
  await store.close();
  await expect(openEmbeddedFileStore({ path: folder.path })).rejects.toMatchObject({ code: 'DAMAGED', message: expect.stringMatching(/another program/) as string });
  const other = temporaryFolder();
  await (await openEmbeddedFileStore({ path: other.path })).close();
  await expect(openTokenStore({ path: other.path })).rejects.toMatchObject({ code: 'DAMAGED' });
  other.remove();
});

test('values that do not fit are refused with a StoreError and leave nothing', async () => {
  const token = newToken();
  for (const wrong of [{ dhSecret: bytes(256) }, { code: bytes(256) }, { device: { provider: 'a', token: bytes(70_000) } }]) {
    await expect(store.createToken({ ...token, ...wrong }, NOW)).rejects.toMatchObject({ name: 'StoreError', code: 'FAILED' });
  }
  await expect(store.createToken(token, -1)).rejects.toMatchObject({ code: 'FAILED' });
  expect(await store.findToken(token.tokenId)).toBeNull();
  const { subscription } = await listening();
  for (const status of ['ERR ' + 'x'.repeat(300), 'NONSENSE'] as const) {
    const changes = [{ notifierId: subscription.notifierId, status: status as 'ERR x' }];
    await expect(store.changeSubscriptions(RELAY, changes)).rejects.toMatchObject({ code: 'FAILED' });
  }
  await expect(store.subscriptionsToMake(RELAY, 'not a cursor', 10)).rejects.toMatchObject({ code: 'FAILED' });
  await expect(store.subscriptionsToMake(RELAY, '_____w', 10)).rejects.toMatchObject({ code: 'FAILED' });
  expect(await store.counts()).toMatchObject({ tokens: 1, subscriptions: 1, subscriptionsByStatus: { NEW: 1 } });
});

test.each(['token', 'device', 'subscription'] as const)('a lookup of a %s that finds nothing reads about as much as one that finds it', async (what) => {
  const token = await listening();
  async function reads(of: NewToken & { subscription: NewSubscription }): Promise<number> {
    const spies = (['byte', 'word16', 'take', 'rest', 'expectEnd'] as const).map((name) => vi.spyOn(Reader.prototype, name));
    if (what === 'token') await store.findToken(of.tokenId);
    if (what === 'device') await store.findTokenOf(of.device, of.authKey);
    if (what === 'subscription') await store.findSubscription(of.subscription.subscriptionId);
    const count = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
    vi.restoreAllMocks();
    return count;
  }
  const found = await reads(token);
  expect(found).toBeGreaterThan(10);
  const other = newToken();
  const missed = await reads({ ...other, subscription: newSubscription(other) });
  // The index's own row is read only by one that finds, and optional fields are there or not.
  expect(Math.abs(found - missed)).toBeLessThanOrEqual(5);
});
