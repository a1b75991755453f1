/** What nodes that died half-way leave behind goes away, and nothing else does. */
import { systemClock } from '@polyplex/base';
import { type RedisServer, startRedis } from '@polyplex/local-cluster';
import { deafListener } from '@polyplex/store-common';
import { anyId, anyLink, anyNotifier, appended, created } from '@polyplex/store-conformance/builders';
import { silentLogger } from '@polyplex/telemetry';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Claims } from '../src/claims.ts';
import { Counters } from '../src/counters.ts';
import type { Engine } from '../src/engine.ts';
import { openRedisStore, type RedisQueueStore } from '../src/index.ts';
import { Keys } from '../src/keys.ts';
import { Redis } from '../src/redis.ts';
import { tidy } from '../src/tidy.ts';

let server: RedisServer;
let store: RedisQueueStore;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis();
  const servers = [{ host: '127.0.0.1', port: server.port }];
  store = await openRedisStore({ servers });
  store.listen(deafListener);
  redis = new Redis({ seeds: servers, credentials: { username: null, password: null, ca: null }, timeoutMs: 5000 });
  await redis.topology.refresh();
});
afterAll(async () => {
  redis.destroy();
  await store.close();
  await server.stop();
});

test('orphaned references and strays of services go; counts are put right; the rest stays', async () => {
  const keys = new Keys('smp');
  const serviceId = anyId();
  const queue = await created(store, { notifier: anyNotifier({ serviceId }), link: anyLink(), serviceId });
  await appended(store, queue, 3);
  const [orphan, stray] = [anyId(), Buffer.from(anyId())];
  await server.command('SET', keys.reference('sender', orphan), Buffer.from(anyId()));
  await server.command('SET', keys.reference('link', orphan), Buffer.from(queue.recipientId)); // which has another link id
  await server.command('SADD', keys.serviceQueues(serviceId, 'N'), stray);
  await store.counts();
  await server.command('HSET', keys.counts, 'queues', 77, 'messages', -5);

  const engine = { redis, keys, claims: new Claims(), counters: new Counters(redis, keys, systemClock), log: silentLogger } as unknown as Engine;
  expect(await tidy(engine, 50)).toEqual({ references: 2, members: 1 });
  expect(await tidy(engine, 50)).toEqual({ references: 0, members: 0 });

  expect(await store.counts()).toMatchObject({ queues: 1, messages: 3, notifiers: 1, notifierServiceQueues: 1, recipientServiceQueues: 1 });
  expect(await store.find('sender', [queue.senderId, orphan])).toEqual([queue, null]);
  expect(await store.find('notifier', [queue.notifier!.notifierId])).toEqual([queue]);
  expect(await store.find('link', [queue.linkId!])).toEqual([queue]);
  expect(await store.subscribeService(serviceId, 'N', 1)).toBe(1);
});
