/** Counts that nodes share: each learns those of the others, and Redis learns no address. */
import { type RedisServer, startRedis } from '@polyplex/local-cluster';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRedisStore, type RedisQueueStore } from '../src/index.ts';

const ADDRESS = '203.0.113.77';

let redis: RedisServer;
let nodes: RedisQueueStore[];
beforeAll(async () => {
  redis = await startRedis();
  nodes = await Promise.all([1, 2, 3].map(() => openRedisStore({ servers: [{ host: '127.0.0.1', port: redis.port }] })));
});
afterAll(async () => {
  for (const node of nodes) await node.close();
  await redis.stop();
});

test('each node learns what the others have counted, each count once', async () => {
  const [a, b, c] = nodes.map(({ sharedCounts }) => sharedCounts) as [RedisQueueStore['sharedCounts'], RedisQueueStore['sharedCounts'], RedisQueueStore['sharedCounts']];
  expect(await a.exchange('queues', 60_000, new Map([[ADDRESS, 20]]))).toEqual(new Map([[ADDRESS, 0]]));
  expect(await b.exchange('queues', 60_000, new Map([[ADDRESS, 5], ['other', 11]]))).toEqual(new Map([[ADDRESS, 20], ['other', 0]]));
  expect(await a.exchange('queues', 60_000, new Map([[ADDRESS, 22]]))).toEqual(new Map([[ADDRESS, 5]]));
  expect(await c.exchange('queues', 60_000, new Map([[ADDRESS, 10]]))).toEqual(new Map([[ADDRESS, 27]]));
  expect(await a.exchange('queues', 60_000, new Map([[ADDRESS, 22]]))).toEqual(new Map([[ADDRESS, 15]]));
  expect(await a.exchange('address', 60_000, new Map([[ADDRESS, 1]]))).toEqual(new Map([[ADDRESS, 0]]));
  expect(await a.exchange('queues', 120_000, new Map([[ADDRESS, 3]]))).toEqual(new Map([[ADDRESS, 0]]));
});

test('what is in Redis names no address, and goes away', async () => {
  const keys = (await redis.command('KEYS', 'smp:*:queues:*')) as string[];
  expect(keys).toHaveLength(4);
  for (const key of keys) expect(Number(await redis.command('PTTL', key))).toBeGreaterThan(0);
  const tags = (await redis.command('HKEYS', 'smp:count:queues:60000')) as string[];
  expect(tags).toHaveLength(2);
  for (const tag of tags) expect(tag).toMatch(/^[A-Za-z0-9_-]{12}$/);
});
