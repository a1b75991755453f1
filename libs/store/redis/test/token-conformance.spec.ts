/** The engine keeps the TokenStore contract on a single Redis, alone and beside other nodes. */
import { startRedis } from '@polyplex/local-cluster';
import { tokenStoreConformance } from '@polyplex/store-conformance';
import { afterAll, beforeAll, describe } from 'vitest';
import { tokensUnderTest } from './tokens-support.ts';

describe('tokens on a single Redis', () => {
  let redis: Awaited<ReturnType<typeof startRedis>>;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  tokenStoreConformance('redis', () => tokensUnderTest([redis]), { manyNodes: true });
});
