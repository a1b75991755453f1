/** As `redis-setup.ts`, with three primaries and three replicas: what is answered is replicated. */
import { type RedisCluster, startRedisCluster } from '@polyplex/local-cluster';
import type { TestProject } from 'vitest/node';

let cluster: RedisCluster | undefined;

export async function setup(project: TestProject): Promise<void> {
  cluster = await startRedisCluster({ primaries: 3, replicas: 1 });
  project.provide('redisServers', cluster.nodes.map(({ port }) => port));
}

export async function teardown(): Promise<void> {
  await cluster?.stop();
}
