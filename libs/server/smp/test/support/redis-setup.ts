/** The Redis of all specs that run against a network: each relay has a prefix of its own in it. */
import { type RedisServer, startRedis } from '@polyplex/local-cluster';
import type { TestProject } from 'vitest/node';

let redis: RedisServer | undefined;

export async function setup(project: TestProject): Promise<void> {
  redis = await startRedis();
  project.provide('redisServers', [redis.port]);
}

export async function teardown(): Promise<void> {
  await redis?.stop();
}
