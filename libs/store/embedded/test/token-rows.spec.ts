/** Nothing stays of tokens that are gone: no row of any table but the counts and the relays. */
import { join } from 'node:path';
import { open } from 'lmdb';
import { expect, test } from 'vitest';
import { openTokenStore } from '../src/index.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { newNotification, newSubscription, newToken, RELAY } from './tokens.ts';

const TABLES = ['tokens', 'devices', 'pushes', 'due', 'notifications', 'subscriptions', 'subscription-ids', 'token-subscriptions', 'new', 'relays', 'relay-numbers'];
const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const;
const NOW = 1_700_000_000_000;
const LEASE_MS = 1000;

/** The number of rows of each table of a closed store. */
async function rows(folder: string): Promise<Record<string, number>> {
  const root = open({ path: join(folder, 'data.mdb'), noSubdir: true, maxDbs: 16, ...BINARY });
  const found = TABLES.map((name) => [name, root.openDB<Buffer, Uint8Array>({ name, ...BINARY }).getCount()] as const);
  await root.close();
  return Object.fromEntries(found);
}

test('tokens and subscriptions that were removed, replaced, settled and invalidated leave no rows', async () => {
  const folder = temporaryFolder();
  const device = newToken().device;
  let store = await openTokenStore({ path: folder.path });
  const tokens = Array.from({ length: 6 }, (_, i) => newToken(i < 3 ? { device } : {}));
  for (const [i, token] of tokens.entries()) {
    await store.createToken(token, NOW);
    if (i > 2) await store.activate({ tokenId: token.tokenId, revision: 0 }, NOW);
    await store.setCron(token.tokenId, 20, NOW);
    const subscriptions = [newSubscription(token), newSubscription(token), newSubscription(token)];
    for (const subscription of subscriptions) await store.createSubscription(subscription);
    await store.receive(RELAY, subscriptions.map((each) => newNotification(each, NOW)), NOW, i === 3 ? null : LEASE_MS);
    await store.removeSubscription(subscriptions[1]!.subscriptionId);
    await store.changeSubscriptions(RELAY, [{ notifierId: subscriptions[2]!.notifierId, status: 'ACTIVE', inService: i % 2 === 0 }]);
  }
  await store.close();
  expect(await rows(folder.path)).toEqual({
    tokens: 6, devices: 6, pushes: 6, due: 6, notifications: 3, subscriptions: 12, 'subscription-ids': 12, 'token-subscriptions': 12, new: 6,
    relays: 1, 'relay-numbers': 1,
  });

  store = await openTokenStore({ path: folder.path });
  await store.setRelayService(RELAY, null);
  await store.takeNew(RELAY, 100);
  expect(await store.activate({ tokenId: tokens[0]!.tokenId, revision: 1 }, NOW)).toEqual({ tokens: 2, subscriptions: 4 });
  await store.replaceDevice(tokens[4]!.tokenId, { device: newToken().device, code: tokens[4]!.code }, NOW);
  for (const { tokenId } of tokens) await store.setCron(tokenId, 0, NOW);
  const jobs = await store.takeDue(NOW + LEASE_MS, 100, LEASE_MS);
  expect(jobs).toHaveLength(3);
  for (const job of jobs) {
    const results = { verification: 'INVALID,BAD', messages: 'delivered', check: 'delivered' } as const;
    await store.settle(job, { ...results, retryAt: null }, NOW + LEASE_MS, LEASE_MS);
  }
  await store.close();
  expect(await rows(folder.path)).toMatchObject({ tokens: 4, devices: 4, pushes: 0, due: 0, subscriptions: 8, new: 0 });

  store = await openTokenStore({ path: folder.path });
  for (const { tokenId } of tokens) await store.removeToken(tokenId);
  expect(await store.counts()).toEqual({
    tokens: 0, subscriptions: 0, notifications: 0, due: 0, oldestDue: null, tokensByStatus: {}, subscriptionsByStatus: {},
  });
  await store.close();
  expect(await rows(folder.path)).toEqual({ ...Object.fromEntries(TABLES.map((name) => [name, 0])), relays: 1, 'relay-numbers': 1 });
  folder.remove();
});
