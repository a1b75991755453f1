/** Tokens on a Redis Cluster of three primaries and three replicas: the contract, and what a failover leaves. */
import { startRedisCluster } from '@polyplex/local-cluster';
import { tokenStoreConformance } from '@polyplex/store-conformance';
import { afterAll, beforeAll, describe } from 'vitest';
import { tokensUnderTest } from './tokens-support.ts';

describe('tokens on a cluster', () => {
  let cluster: Awaited<ReturnType<typeof startRedisCluster>>;
  beforeAll(async () => {
    cluster = await startRedisCluster({ primaries: 3, replicas: 1 });
  });
  afterAll(() => cluster.stop());
  tokenStoreConformance('redis cluster', () => tokensUnderTest(cluster.nodes), { manyNodes: true, randomRuns: 5 });
});
