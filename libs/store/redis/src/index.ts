export { openRedisFileStore, type RedisFileStoreOptions } from './files/file-store.ts';
export { openRedisTokenStore, type RedisTokenStore, type RedisTokenStoreOptions } from './tokens/token-store.ts';
export { inspectRedis, type RedisLook } from './inspect-redis.ts';
export { DURABILITIES, type Durability } from './preconditions.ts';
export { DEFAULT_SWEEP_MS, type NetworkFacts, openRedisStore, type RedisQueueStore, type RedisStoreOptions } from './queue-store.ts';
export { DEFAULT_TIMEOUT_MS } from './redis.ts';
