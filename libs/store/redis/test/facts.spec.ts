/** What a store on Redis tells of its servers, asking none of them when it is read. */
import { systemClock } from '@polyplex/base';
import { type RedisServer, startRedis, startRedisCluster, waitUntil } from '@polyplex/local-cluster';
import { deafListener } from '@polyplex/store-common';
import { created } from '@polyplex/store-conformance/builders';
import type { StoreFacts } from '@polyplex/store-contract';
import { afterEach, describe, expect, test } from 'vitest';
import { openRedisFileStore, openRedisStore, type RedisQueueStore, type RedisStoreOptions } from '../src/index.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function redisWith(...config: readonly string[]): Promise<RedisServer> {
  const redis = await startRedis({ config });
  cleanups.push(() => redis.stop());
  return redis;
}

async function open(servers: readonly { readonly port: number }[], options: Partial<RedisStoreOptions> = {}): Promise<RedisQueueStore> {
  const store = await openRedisStore({ servers: servers.map(({ port }) => ({ host: '127.0.0.1', port })), timeoutMs: 3000, ...options });
  cleanups.push(() => store.close());
  store.listen(deafListener);
  return store;
}

const shifted = (ms: number) => ({ ...systemClock, now: () => systemClock.now() + ms });

/** This machine has one clock, so that what differs is what the test has moved. */
const NEARLY = 1;

describe('a store on one Redis', () => {
  test('names it, and tells the room that its memory has', async () => {
    const redis = await redisWith('maxmemory 500mb', 'maxmemory-policy noeviction');
    const { engine, shards, clockSkewSeconds } = (await open([redis])).facts();
    expect([engine, shards.length, shards[0]?.name]).toEqual(['redis', 1, `127.0.0.1:${String(redis.port)}`]);
    expect(shards[0]?.roomBytes).toBeGreaterThan(400e6);
    expect(shards[0]?.roomBytes).toBeLessThan(500e6 * 1.05);
    expect(Math.abs(clockSkewSeconds!)).toBeLessThan(NEARLY);
  });

  test('without a bound knows no room, and sees it go away and come back', async () => {
    const redis = await redisWith();
    const store = await open([redis]);
    const shard = (): StoreFacts['shards'][number] => store.facts().shards[0]!;
    expect([shard().roomBytes, shard().connected]).toEqual([null, true]);
    await redis.kill();
    await waitUntil('it is seen as away', () => Promise.resolve(shard().connected ? undefined : true), { timeoutMs: 20_000 });
    await redis.restart();
    await waitUntil('it is seen again', async () => {
      await store.check().catch(() => undefined);
      return shard().connected ? true : undefined;
    }, { timeoutMs: 20_000 });
  });

  test.each([['is ahead', 90_000], ['is behind', -90_000]])('tells when the clock of this machine %s', async (_name, ms) => {
    const redis = await redisWith();
    const skew = (await open([redis], { clock: shifted(ms) })).facts().clockSkewSeconds!;
    expect(Math.abs(skew - ms / 1000)).toBeLessThan(NEARLY);
  });

  test('that keeps files tells the same', async () => {
    const redis = await redisWith('maxmemory 500mb', 'maxmemory-policy noeviction');
    const files = await openRedisFileStore({ servers: [{ host: '127.0.0.1', port: redis.port }], clock: shifted(60_000) });
    cleanups.push(() => files.close());
    const { shards, seconds, clockSkewSeconds } = files.facts();
    expect(shards[0]?.roomBytes).toBeGreaterThan(400e6);
    expect(Math.abs(clockSkewSeconds! - 60)).toBeLessThan(NEARLY);
    expect(seconds.get(shards[0]!.name)!.count).toBeGreaterThan(0);
  });
});

test('on a cluster each primary is one part, and each step is timed where it was made', { timeout: 120_000 }, async () => {
  const cluster = await startRedisCluster({ primaries: 3, replicas: 1 });
  cleanups.push(() => cluster.stop());
  const store = await open(cluster.nodes);
  const { shards, seconds } = store.facts();
  expect(new Set(shards.map(({ name }) => name)).size).toBe(3);
  expect([...seconds.keys()].toSorted()).toEqual(expect.arrayContaining(shards.map(({ name }) => name).toSorted()));
  const before = shards.map(({ seconds: { count } }) => count);
  for (let i = 0; i < 40; i++) await created(store);
  store.facts().shards.forEach(({ seconds: { count } }, i) => expect(count).toBeGreaterThan(before[i]!));
});
