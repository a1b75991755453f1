/** Which Redis is trusted with messages, and what is said of one that is not; what the levels of durability wait for. */
import { type RedisServer, startRedis, startRedisCluster } from '@polyplex/local-cluster';
import { deafListener } from '@polyplex/store-common';
import { anyMessage, appended, created, drained, options } from '@polyplex/store-conformance/builders';
import { afterEach, describe, expect, test } from 'vitest';
import { type Durability, openRedisStore, type RedisQueueStore } from '../src/index.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function redisWith(...config: readonly string[]): Promise<RedisServer> {
  const redis = await startRedis({ config });
  cleanups.push(() => redis.stop());
  return redis;
}

async function open(servers: readonly { readonly port: number }[], durability: Durability | null = null, timeoutMs = 3000): Promise<RedisQueueStore> {
  const store = await openRedisStore({ servers: servers.map(({ port }) => ({ host: '127.0.0.1', port })), durability, timeoutMs });
  cleanups.push(() => store.close());
  store.listen(deafListener);
  return store;
}

describe('a Redis that would lose data is refused, with the command that mends it', () => {
  test.each<readonly [string, readonly string[], Durability, RegExp]>([
    ['one that evicts', ['maxmemory 100mb', 'maxmemory-policy allkeys-lru'], 'everysec', /redis-cli -h 127\.0\.0\.1 -p \d+ config set maxmemory-policy noeviction/],
    ['one without disk', ['appendonly no'], 'everysec', /config set appendonly yes/],
    ['one without replica', [], 'replicated', /has no replica/],
    ['one that cannot wait for its disk', ['appendfsync everysec'], 'fsync', /config set appendfsync always/],
  ])('%s', async (_name, config, durability, problem) => {
    const redis = await redisWith(...config);
    await expect(open([redis], durability)).rejects.toMatchObject({ name: 'StoreError', code: 'FAILED', message: expect.stringMatching(problem) as string });
  });

  test('a replica', async () => {
    const primary = await redisWith();
    const replica = await redisWith(`replicaof 127.0.0.1 ${String(primary.port)}`);
    await expect(open([replica])).rejects.toMatchObject({ code: 'FAILED', message: expect.stringMatching(/is a replica/) as string });
  });

  test('none at all', async () => {
    await expect(open([{ port: 1 }])).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringMatching(/does not answer/) as string });
  });

  test('mended, it is taken', async () => {
    const redis = await redisWith('appendonly no', 'appendfsync always');
    await redis.configSet('appendonly', 'yes');
    const store = await open([redis], 'fsync');
    const queue = await created(store);
    const messages = await appended(store, queue, 2);
    expect(await drained(store, queue)).toEqual(messages);
  });
});

describe('replicated', () => {
  test('waits for a replica: without one a message is not acknowledged, and offered again it is stored once', async () => {
    const cluster = await startRedisCluster({ primaries: 3, replicas: 1, nodeTimeoutMs: 30_000 });
    cleanups.push(() => cluster.stop());
    const store = await open(cluster.nodes);
    const queue = await created(store);
    const primaries = await cluster.primaries();
    // All that are none of them, also one that is just not seen as a replica.
    const replicas = cluster.nodes.filter((node) => !primaries.includes(node));
    expect(replicas).toHaveLength(3);
    for (const replica of replicas) replica.pause();
    const message = anyMessage();
    await expect(store.append(queue, message, options())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    for (const replica of replicas) replica.resume();
    expect(await store.append(queue, message, options())).toMatchObject({ status: 'stored' });
    expect(await drained(store, queue)).toEqual([message]);
  });
});

describe('room', () => {
  test('a queue is refused more before Redis is full; what frees memory goes on', async () => {
    const redis = await redisWith();
    const store = await open([redis]);
    const queue = await created(store);
    const sent = await appended(store, queue, 3);
    expect(await store.room()).toBeNull();
    const bounded = async (more: number) => {
      const used = Number(/^used_memory:(\d+)/m.exec(String(await redis.command('INFO', 'memory')))![1]);
      await redis.configSet('maxmemory', used + more);
      return store.room();
    };
    // Again and again: what Redis uses falls by itself, too.
    await expect.poll(() => bounded(50_000), { timeout: 10_000 }).toBe(0);
    expect(await store.append(queue, anyMessage(), options())).toEqual({ status: 'quota', expired: 0 });
    expect(await drained(store, queue)).toEqual(sent);
    await expect.poll(() => bounded(100_000_000), { timeout: 10_000 }).toBeGreaterThan(1_000_000);
    expect(await store.append(queue, anyMessage(), options())).toMatchObject({ status: 'stored' });
  });

  test('where Redis itself says that it has no memory, senders are told so and recipients served', async () => {
    const redis = await redisWith();
    const store = await open([redis]);
    const queue = await created(store);
    const sent = await appended(store, queue, 2);
    await redis.configSet('maxmemory', 1_000_000); // at once, before the node has looked
    expect(await store.append(queue, anyMessage(), options())).toEqual({ status: 'quota', expired: 0 });
    expect(await drained(store, queue)).toEqual(sent);
  });

  test('a node starts on a Redis that is full', async () => {
    const redis = await redisWith();
    await redis.configSet('maxmemory', 1_000_000);
    const store = await open([redis]);
    expect(await store.room()).toBe(0);
  });
});
