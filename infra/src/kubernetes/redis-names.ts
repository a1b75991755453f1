/** How servers of the stack's Redis are called in the cluster's name service. */
import type { KubernetesStack, RedisConfig } from '../config/schema.ts';

export const REDIS_PORT = 6379;

/** The StatefulSet of one shard. */
export const shardName = (shard: number): string => `redis-${shard}`;

/** Of one server: `redis-0-1.redis.polyplex.svc`. */
export function redisHost(stack: KubernetesStack, shard: number, copy: number): string {
  return `${shardName(shard)}-${copy}.redis.${stack.target.namespace}.svc`;
}

/** Of all shards. */
export const shardsOf = ({ primaries }: RedisConfig): readonly number[] => [...Array(primaries).keys()];

/** Some servers of each of the first shards, from which the others are learned. */
export function redisUrls(stack: KubernetesStack): readonly string[] {
  if (stack.redis === undefined) return [];
  const { replicas } = stack.redis;
  return shardsOf(stack.redis).slice(0, 8).flatMap((shard) => (replicas === 0 ? [0] : [0, 1]).map((copy) => `redis://${redisHost(stack, shard, copy)}:${REDIS_PORT}`));
}
