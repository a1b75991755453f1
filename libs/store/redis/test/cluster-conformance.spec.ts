/** The engine keeps both contracts on a Redis Cluster of three primaries and three replicas, where changes are replicated before they are answered. */
import { startRedisCluster } from '@polyplex/local-cluster';
import { fileStoreConformance, queueStoreConformance } from '@polyplex/store-conformance';
import { afterAll, beforeAll, describe } from 'vitest';
import { filesUnderTest } from './files-support.ts';
import { underTest } from './support.ts';

describe('on a cluster', () => {
  let cluster: Awaited<ReturnType<typeof startRedisCluster>>;
  beforeAll(async () => {
    cluster = await startRedisCluster({ primaries: 3, replicas: 1 });
  });
  afterAll(() => cluster.stop());
  queueStoreConformance('redis cluster', () => underTest({ servers: cluster.nodes }), { manyNodes: true, randomRuns: 10 });
  fileStoreConformance('redis cluster', () => filesUnderTest(cluster.nodes), { manyNodes: true, randomRuns: 10 });
});
