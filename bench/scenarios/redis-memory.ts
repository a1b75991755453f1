/** What does Redis hold for a queue, and for a message of 16 KiB that waits in it? As Redis counts its memory itself. */
import { randomBytes } from '@polyplex/crypto';
import { startRedis, type RedisServer } from '@polyplex/local-cluster';
import { openRedisStore } from '@polyplex/store-redis';
import { type Figure, spread } from '../lib/measure.ts';
import { prepareQueues } from '../lib/prepared-queues.ts';

const QUEUES = 50_000;
const MESSAGES = 10_000;
const BODY_BYTES = 16_100;
const KIB = 1024;

async function used(redis: RedisServer): Promise<number> {
  const info = String(await redis.command('INFO', 'memory'));
  return Number(/^used_memory_dataset:(\d+)/m.exec(info)![1]) + Number(/^used_memory_overhead:(\d+)/m.exec(info)![1]);
}

async function measure(config: readonly string[]): Promise<readonly [queue: number, message: number]> {
  const redis = await startRedis({ config });
  const prefix = 'smp';
  await prepareQueues(10, redis.port, prefix);
  const before = await used(redis);
  const { recipientIds } = await prepareQueues(QUEUES, redis.port, prefix);
  const store = await openRedisStore({ servers: [{ host: '127.0.0.1', port: redis.port }], prefix });
  await spread(QUEUES, 500, async (i) => void (await store.subscribe([{ recipientId: recipientIds[i]!, revision: 1 }], 1, false)));
  const withQueues = await used(redis);
  await spread(MESSAGES, 100, async (i) => {
    const message = { kind: 'message', msgId: randomBytes(24), ts: 1_800_000_000, notify: false, body: randomBytes(BODY_BYTES) } as const;
    await store.append({ recipientId: recipientIds[i]!, revision: 1 }, message, { quota: 128, notification: null, expireBefore: null });
  });
  const withMessages = await used(redis);
  await store.close();
  await redis.stop();
  return [(withQueues - before) / QUEUES, (withMessages - withQueues) / MESSAGES];
}

export async function redisMemory(): Promise<readonly Figure[]> {
  const [queue, message] = await measure([]);
  return [
    { name: 'Redis: a secured and subscribed queue', value: queue, unit: 'B' },
    { name: 'Redis: a waiting message of 16 KiB', value: message / KIB, unit: 'KiB' },
  ];
}
