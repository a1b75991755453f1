/** The engine keeps the contract on Valkey, too. */
import { findValkey, startRedis } from '@polyplex/local-cluster';
import { queueStoreConformance } from '@polyplex/store-conformance';
import { afterAll, beforeAll, describe } from 'vitest';
import { underTest } from './support.ts';

const binary = findValkey();

// Debian 12 has no Valkey; `tools/install-valkey.sh` brings one where Python's packages can be reached.
describe.runIf(binary !== undefined)('on Valkey', () => {
  let redis: Awaited<ReturnType<typeof startRedis>>;
  beforeAll(async () => {
    redis = await startRedis({ binary: binary! });
  });
  afterAll(() => redis.stop());
  queueStoreConformance('valkey', () => underTest({ servers: [redis] }), { manyNodes: true, randomRuns: 10 });
});
