/** How many commands a step costs Redis, and in how many pieces they come: counted by Redis itself. */
import { type RedisServer, startRedis, startRedisCluster } from '@polyplex/local-cluster';
import { deafListener } from '@polyplex/store-common';
import type { QueueRecord, QueueStore } from '@polyplex/store-contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anyMessage, anyNotifier, changed, created, options, whole } from '@polyplex/store-conformance/builders';
import { openRedisStore } from '../src/index.ts';

const BLOCK = 135;
interface Cost {
  /** Scripts, and waits for replicas. */
  readonly evalsha: number;
  readonly wait: number;
}

async function statOf(servers: readonly RedisServer[], section: string, pattern: RegExp): Promise<number> {
  const texts = await Promise.all(servers.map((server) => server.command('INFO', section)));
  return texts.reduce<number>((sum, text) => sum + [...String(text).matchAll(pattern)].reduce((all, found) => all + Number(found[1]), 0), 0);
}

async function counted(servers: readonly RedisServer[], step: () => Promise<unknown>): Promise<Cost> {
  for (const server of servers) await server.command('CONFIG', 'RESETSTAT');
  await step();
  const text = (await Promise.all(servers.map((server) => server.command('INFO', 'commandstats')))).map(String).join('\n');
  const calls = new Map<string, number>();
  for (const [, name, count] of text.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)) calls.set(name!, (calls.get(name!) ?? 0) + Number(count));
  return { evalsha: calls.get('evalsha') ?? 0, wait: calls.get('wait') ?? 0 };
}

/** A step that no heartbeat fell into: the smallest of some tries. */
async function cost(servers: readonly RedisServer[], step: () => Promise<unknown>): Promise<Cost> {
  const tries: Cost[] = [];
  for (let i = 0; i < 5; i++) tries.push(await counted(servers, step));
  return tries.reduce((best, each) => (each.evalsha < best.evalsha ? each : best));
}

describe('one Redis', () => {
  let redis: RedisServer;
  let store: QueueStore;
  let queue: QueueRecord;
  beforeAll(async () => {
    redis = await startRedis();
    store = await openRedisStore({ servers: [{ host: '127.0.0.1', port: redis.port }] });
    store.listen(deafListener);
    queue = changed(await store.secure(await created(store, { notifier: anyNotifier() }, 1), { kind: 'ed25519', raw: new Uint8Array(32) }));
  });
  afterAll(async () => {
    await store.close();
    await redis.stop();
  });

  test('SEND is one command, ACK with the next message in its answer another', async () => {
    const sent: Uint8Array[] = [];
    const send = async (): Promise<void> => {
      const message = anyMessage();
      sent.push(message.msgId);
      expect(await store.append(queue, message, options({ quota: 1000 }))).toMatchObject({ status: 'stored' });
    };
    expect((await cost([redis], send)).evalsha).toBe(1);
    const acknowledge = async (): Promise<void> => {
      expect(await store.acknowledge(queue, sent.shift()!, 1)).toMatchObject({ status: 'ok', removed: { kind: 'message' } });
    };
    expect((await cost([redis], acknowledge)).evalsha).toBe(1);
  });

  test('a wake-up is fetched by one command a queue, record and message together', async () => {
    expect((await cost([redis], () => store.heads([queue.recipientId], 1))).evalsha).toBe(1);
  });

  test('a lookup by sender id is two, whether it is found or not', async () => {
    const plain = async (id: Uint8Array): Promise<number> => {
      const before = await statOf([redis], 'stats', /total_commands_processed:(\d+)/g);
      await store.find('sender', [id]);
      return (await statOf([redis], 'stats', /total_commands_processed:(\d+)/g)) - before;
    };
    const several = async (id: Uint8Array): Promise<number> => Math.min(await plain(id), await plain(id), await plain(id));
    expect(await several(queue.senderId)).toBe(await several(new Uint8Array(24).fill(7)));
  });
});

describe('a cluster of three primaries', () => {
  let cluster: Awaited<ReturnType<typeof startRedisCluster>>;
  let store: QueueStore;
  let queues: QueueRecord[];
  beforeAll(async () => {
    cluster = await startRedisCluster({ primaries: 3, replicas: 1 });
    store = await openRedisStore({ servers: cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port })) });
    store.listen(deafListener);
    queues = await Promise.all(Array.from({ length: BLOCK }, () => created(store)));
  });
  afterAll(async () => {
    await store.close();
    await cluster.stop();
  });

  test(`a block of ${BLOCK} SUBs is one command each, in one piece and with one wait for each shard`, async () => {
    const primaries = await cluster.primaries();
    const subscribe = async (): Promise<void> => {
      expect(whole(await store.subscribe(queues, 1, false)).every(({ status }) => status === 'ok')).toBe(true);
    };
    const { evalsha, wait } = await cost(primaries, subscribe);
    expect(evalsha).toBe(BLOCK);
    expect(wait).toBe(3);
    const reads = async (): Promise<number> => {
      const before = await statOf(primaries, 'stats', /total_reads_processed:(\d+)/g);
      await subscribe();
      return (await statOf(primaries, 'stats', /total_reads_processed:(\d+)/g)) - before;
    };
    // Redis reads 16 KiB at a time at most, replicas confirm, and each question counts as well: some 10 reads, not 135.
    expect(Math.min(await reads(), await reads(), await reads())).toBeLessThan(24);
  });

  test('many SENDs at once share their waits', async () => {
    const primaries = await cluster.primaries();
    const send = (): Promise<unknown> => Promise.all(queues.map((queue) => store.append(queue, anyMessage(), options({ quota: 1000 }))));
    const { evalsha, wait } = await cost(primaries, send);
    expect(evalsha).toBe(BLOCK);
    expect(wait).toBeLessThanOrEqual(6);
  });
});
