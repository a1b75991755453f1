/** The engine keeps the FileStore contract on a single Redis, alone and beside other nodes. */
import { startRedis } from '@polyplex/local-cluster';
import { fileStoreConformance } from '@polyplex/store-conformance';
import { afterAll, beforeAll, describe } from 'vitest';
import { filesUnderTest } from './files-support.ts';

describe('files on a single Redis', () => {
  let redis: Awaited<ReturnType<typeof startRedis>>;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  fileStoreConformance('redis', () => filesUnderTest([redis]), { manyNodes: true });
});
