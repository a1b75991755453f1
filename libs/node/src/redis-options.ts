/** From the section `redis` to what its engines are told. */
import type { RedisStoreOptions } from '@polyplex/store-redis';
import type { Logger } from '@polyplex/telemetry';
import { allOf } from './all-of.ts';
import type { ValuesOf } from '@polyplex/config';
import { type redis as redisSection, readRedisUrl } from './config/store-sections.ts';
import { secretOf, textOf } from './secret-files.ts';

export type RedisSettings = ValuesOf<{ redis: typeof redisSection }>['redis'];

export interface RedisSecrets {
  readonly redisPassword: string | null;
  /** PEM of the CA of the servers; null for none. */
  readonly redisCa: string | null;
}

/** Throws `ConfigError` with all that is wrong. */
export function readRedisSecrets({ passwordFile, caFile }: Pick<RedisSettings, 'passwordFile' | 'caFile'>): RedisSecrets {
  return allOf({
    redisPassword: () => secretOf('redis.passwordFile', passwordFile),
    redisCa: () => textOf('redis.caFile', caFile),
  });
}

/** `prefix`: what the server's keys begin with. */
export function redisOptions(redis: RedisSettings, { redisPassword, redisCa }: RedisSecrets, { prefix, log }: { readonly prefix: string; readonly log: Logger }) {
  const servers = redis.urls.map((url) => readRedisUrl(url)).filter((url) => url !== null);
  return {
    servers,
    credentials: { username: redis.username, password: redisPassword, ca: servers[0]?.tls === true ? (redisCa ?? '') : null },
    durability: redis.durability === 'auto' ? null : redis.durability,
    prefix,
    timeoutMs: redis.timeout,
    sweepMs: redis.sweepInterval,
    reserve: redis.reservePercent / 100,
    log,
  } satisfies RedisStoreOptions;
}
