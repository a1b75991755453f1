/** What nodes that died half-way leave behind is in nobody's way and goes, and what a failover lost is made again. */
import { toBase64Url } from '@polyplex/base';
import { type RedisServer, startRedis } from '@polyplex/local-cluster';
import { anyId } from '@polyplex/store-conformance/builders';
import {
  activated, anyAuthKey, anyDevice, anySubscription, anyToken, created, listening, received, subscribed,
} from '@polyplex/store-conformance/token-builders';
import type { TokenStore } from '@polyplex/store-contract';
import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from 'vitest';
import { openRedisTokenStore, type RedisTokenStoreOptions } from '../src/index.ts';
import { Redis } from '../src/redis.ts';
import { RelayNews } from '../src/tokens/relay-news.ts';
import { notifierReference } from '../src/tokens/subscription-places.ts';
import { tidy } from '../src/tokens/tidy.ts';
import { memberOf, type TokenEngine } from '../src/tokens/token-engine.ts';
import { placeOf, TokenKeys } from '../src/tokens/token-keys.ts';
import { encodeKey, encodeRecord } from '../src/tokens/token-values.ts';
import { tokenOptions } from './tokens-support.ts';

const NOW = Date.now();
const GRACE_MS = 20;

let server: RedisServer;
let options: RedisTokenStoreOptions & { readonly prefix: string };
let store: TokenStore;
let redis: Redis;
let keys: TokenKeys;
let heard: string[];
let engine: TokenEngine;

beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());
beforeEach(async () => {
  options = tokenOptions([server]);
  store = await openRedisTokenStore(options);
  redis = new Redis({ seeds: options.servers, credentials: { username: null, password: null, ca: null }, timeoutMs: 5000 });
  await redis.topology.refresh();
  keys = new TokenKeys(options.prefix);
  heard = [];
  engine = { redis, keys, node: 'test', tellDue: () => undefined, tellNew: (relay) => heard.push(relay) };
});
afterEach(async () => {
  redis.destroy();
  await store.close();
});

/** A reference that a node made before it died. */
async function left(kind: 'd' | 'n' | 's', field: Buffer | string, value: Uint8Array): Promise<void> {
  await server.command('HSET', keys.bucketOf(kind, field), field, Buffer.from(value));
}

const notifierValue = (subscriptionId: Uint8Array, tokenId: Uint8Array): Buffer => Buffer.concat([Uint8Array.of(subscriptionId.length), subscriptionId, tokenId]);

test('a token that was never written is in nobody’s way', async () => {
  const [device, authKey] = [anyDevice(), anyAuthKey()];
  await left('d', placeOf(device, encodeKey(authKey)), anyId());
  expect(await store.findTokenOf(device, authKey)).toBeNull();
  const token = await created(store, NOW, { device, authKey });
  expect(await store.findTokenOf(device, authKey)).toEqual(token);
});

test('whoever was to write it finds that its place is given away', async () => {
  const [token, late] = [anyToken(), anyToken()];
  const { device, authKey } = token;
  const place = placeOf(device, encodeKey(authKey));
  await left('d', place, late.tokenId);
  expect(await store.createToken(token, NOW)).toMatchObject({ status: 'created' });
  const args = [Buffer.from(late.tokenId), encodeRecord({ ...late, device, authKey }), place, '0', String(NOW), memberOf(late.tokenId, place), ''];
  expect(String((await redis.run('token-create', keys.token(late.tokenId), args) as Buffer[])[0])).toBe('fenced');
  expect(await store.createToken({ ...late, device, authKey }, NOW)).toMatchObject({ status: 'exists', token: { tokenId: token.tokenId } });
});

test('nor is a subscription, by its id or by its notifier', async () => {
  const token = await activated(store, NOW);
  const given = anySubscription(token);
  await left('s', Buffer.from(given.subscriptionId), anyId());
  await left('n', notifierReference(given.relay, given.notifierId).field, notifierValue(anyId(), token.tokenId));
  expect(await store.findSubscription(given.subscriptionId)).toBeNull();
  expect(await store.findSubscriptionOf(given.relay, given.notifierId)).toBeNull();
  expect(await store.createSubscription(given)).toMatchObject({ status: 'created' });
  expect(await store.findSubscriptionOf(given.relay, given.notifierId)).toMatchObject({ subscriptionId: given.subscriptionId });
});

test('a device that a token had before is free, though the node died before it freed it', async () => {
  const token = await created(store, NOW);
  await store.replaceDevice(token.tokenId, { device: anyDevice(), code: anyId() }, NOW);
  await left('d', placeOf(token.device, encodeKey(token.authKey)), token.tokenId);
  const other = await created(store, NOW, { device: token.device, authKey: token.authKey });
  expect(await store.replaceDevice(token.tokenId, { device: token.device, code: anyId() }, NOW)).toBe('taken');
  expect(await store.findTokenOf(token.device, token.authKey)).toEqual(other);
});

test('tidying frees what nothing has, gives back what was lost, and changes nothing else', async () => {
  const { token, relay, subscriptions } = await listening(store, NOW, 3);
  const other = await created(store, NOW);
  await left('d', placeOf(anyDevice(), encodeKey(anyAuthKey())), anyId());
  await left('d', placeOf(anyDevice(), encodeKey(token.authKey)), token.tokenId); // which has another device
  await left('s', Buffer.from(anyId()), token.tokenId);
  await left('n', notifierReference(relay, anyId()).field, notifierValue(subscriptions[0]!.subscriptionId, token.tokenId)); // which has another notifier
  const lost = subscriptions[1]!;
  const place = placeOf(other.device, encodeKey(other.authKey));
  await server.command('HDEL', keys.bucketOf('d', place), place);
  await server.command('HDEL', keys.bucketOf('s', lost.subscriptionId), Buffer.from(lost.subscriptionId));
  const { field } = notifierReference(relay, lost.notifierId);
  await server.command('HDEL', keys.bucketOf('n', field), field);
  expect(await store.findSubscriptionOf(relay, lost.notifierId)).toBeNull();

  const before = await store.counts();
  expect(await tidy(engine, GRACE_MS)).toEqual({ freed: 4, restored: 3 });
  expect(await tidy(engine, GRACE_MS)).toEqual({ freed: 0, restored: 0 });
  expect(await store.counts()).toEqual(before);
  expect(await store.findTokenOf(other.device, other.authKey)).toEqual(other);
  for (const each of subscriptions) {
    expect(await store.findSubscription(each.subscriptionId)).toEqual(each);
    expect(await store.findSubscriptionOf(relay, each.notifierId)).toEqual(each);
    expect((await received(store, each, NOW, null)).announced).toBe('waiting');
  }
});

test('after all is removed, nothing of it is left but what relays there were', async () => {
  const { token, relay, subscriptions } = await listening(store, NOW, 3);
  await received(store, subscriptions[0]!, NOW);
  await store.removeSubscription(subscriptions[1]!.subscriptionId);
  await store.takeNew(relay, 100);
  await store.removeToken(token.tokenId);
  const names = (await server.command('KEYS', `*${options.prefix}*`) as unknown as string[]).map((name) => name.split('}:').at(-1)!.replace(`${options.prefix}:`, ''));
  expect(names.toSorted()).toEqual(expect.arrayContaining(['format', 'lease:tidy', 'names', 'nodes', 'texts']));
  // A fence goes within the hour.
  expect(names.filter((name) => !['format', 'lease:tidy', 'names', 'nodes', 'texts', 'fences'].includes(name) && !name.startsWith('inbox:'))).toEqual([]);
});

test('a hint that was lost is made up for by a look at all parts', async () => {
  const token = await activated(store, NOW);
  const { relay, subscriptionId } = await subscribed(store, token);
  await server.command('DEL', keys.ofRelays('news'));
  expect(await store.takeNew(relay, 10)).toEqual([]);
  await new RelayNews(engine).look();
  expect(heard).toEqual([relay]);
  expect((await store.takeNew(relay, 10)).map((each) => toBase64Url(each.subscriptionId))).toEqual([toBase64Url(subscriptionId)]);
});
