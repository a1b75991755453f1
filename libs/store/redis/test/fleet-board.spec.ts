/** What nodes tell each other of themselves, relays and file servers, and how it runs out. */
import { type RedisServer, startRedis, startRedisCluster, waitUntil } from '@polyplex/local-cluster';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openRedisFileStore, openRedisStore, type RedisQueueStore } from '../src/index.ts';

const LONG_MS = 60_000;
const SHORT_MS = 200;

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const servers = () => [{ host: '127.0.0.1', port: redis.port }];

async function relay(prefix: string, more: object = {}): Promise<RedisQueueStore> {
  const store = await openRedisStore({ servers: servers(), prefix, ...more });
  onTestFinished(() => store.close());
  return store;
}

test('a node reads what the others told last, and not its own', async () => {
  const [a, b, c] = await Promise.all([relay('one'), relay('one'), relay('one')]);
  await a.fleet.publish('a, once', LONG_MS);
  await a.fleet.publish('a: Bücher', LONG_MS);
  await b.fleet.publish('b', LONG_MS);
  expect(await a.fleet.others()).toEqual(['b']);
  expect((await c.fleet.others()).toSorted()).toEqual(['a: Bücher', 'b']);
});

test('file servers are on the board of their network', async () => {
  const node = await relay('two');
  const files = await openRedisFileStore({ servers: servers(), prefix: 'two-files', fleetPrefix: 'two' });
  await node.fleet.publish('relay', LONG_MS);
  await files.fleet.publish('files', LONG_MS);
  expect(await node.fleet.others()).toEqual(['files']);
  expect(await files.fleet.others()).toEqual(['relay']);
  await files.close();
  expect(await node.fleet.others()).toEqual([]);
});

test('nodes of a cluster have one board, wherever it lies', async () => {
  const cluster = await startRedisCluster();
  onTestFinished(() => cluster.stop());
  const nodes = await Promise.all([1, 2].map(() => openRedisStore({ servers: [{ host: '127.0.0.1', port: cluster.nodes[0]!.port }], prefix: 'smp' })));
  const [a, b] = nodes as [RedisQueueStore, RedisQueueStore];
  await a.fleet.publish('a', LONG_MS);
  expect(await b.fleet.others()).toEqual(['a']);
  await Promise.all(nodes.map((node) => node.close()));
}, 60_000);

test('networks with other prefixes are strangers', async () => {
  const [a, b] = [await relay('three'), await relay('threeB')];
  await a.fleet.publish('a', LONG_MS);
  expect(await b.fleet.others()).toEqual([]);
});

test('what a node told runs out, and a node that leaves takes it along', async () => {
  const [a, b, c] = await Promise.all([relay('four'), relay('four'), relay('four')]);
  await a.fleet.publish('dies', SHORT_MS);
  await b.fleet.publish('leaves', LONG_MS);
  await waitUntil('running out', async () => ((await c.fleet.others()).join() === 'leaves' ? true : undefined));
  await b.close();
  expect(await c.fleet.others()).toEqual([]);
  // What has run out is removed by whoever tells next.
  await c.fleet.publish('stays', LONG_MS);
  expect(await redis.command('HLEN', 'four:{fleet}:told')).toBe(1);
  expect(await redis.command('ZCARD', 'four:{fleet}:until')).toBe(1);
});

test('a network that is gone leaves nothing in Redis', async () => {
  const a = await relay('five');
  await a.fleet.publish('a', SHORT_MS);
  await waitUntil('nothing left', async () => (Number(await redis.command('EXISTS', 'five:{fleet}:told', 'five:{fleet}:until')) === 0 ? true : undefined));
});

test('one node that tells for long keeps what others told shortly no longer', async () => {
  const [a, b] = [await relay('six'), await relay('six')];
  await b.fleet.publish('long', LONG_MS);
  await a.fleet.publish('short', SHORT_MS);
  expect(Number(await redis.command('PTTL', 'six:{fleet}:told'))).toBeGreaterThan(SHORT_MS * 2);
  expect(await a.fleet.others()).toEqual(['long']);
});

test('it has a bound', async () => {
  const a = await relay('seven');
  await expect(a.fleet.publish('x'.repeat(64 * 1024 + 1), LONG_MS)).rejects.toMatchObject({ code: 'FAILED' });
  await a.fleet.publish('x'.repeat(64 * 1024), LONG_MS);
});

test('rubbish of others is only text, and a Redis that is away is an error', async () => {
  const a = await relay('eight');
  await redis.command('ZADD', 'eight:{fleet}:until', String(Date.now() + LONG_MS), 'stranger');
  expect(await a.fleet.others()).toEqual([]);
  await redis.command('HSET', 'eight:{fleet}:told', 'stranger', '{');
  expect(await a.fleet.others()).toEqual(['{']);
  const gone = await openRedisStore({ servers: servers(), prefix: 'eight' });
  await gone.close();
  await expect(gone.fleet.others()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});
