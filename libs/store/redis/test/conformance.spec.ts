/** The engine keeps the contract on a single Redis, alone and beside other nodes. */
import { startRedis } from '@polyplex/local-cluster';
import { queueStoreConformance } from '@polyplex/store-conformance';
import { afterAll, beforeAll, describe } from 'vitest';
import { underTest } from './support.ts';

describe('on a single Redis', () => {
  let redis: Awaited<ReturnType<typeof startRedis>>;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  queueStoreConformance('redis', () => underTest({ servers: [redis] }), { manyNodes: true, randomRuns: 25 });
});
