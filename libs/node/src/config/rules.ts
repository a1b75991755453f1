/** What must hold between settings: each rule names the setting that an operator looks at first. */
import type { Problem } from '@polyplex/config';

export interface Rule<C> {
  readonly broken: (config: C) => boolean;
  readonly setting: string;
  readonly message: string;
}

/** All broken ones. */
export function problemsOf<C>(rules: readonly Rule<C>[], config: C): Problem[] {
  return rules.filter(({ broken }) => broken(config)).map(({ setting, message }) => ({ setting, message, source: null }));
}

/** Whether an address of the admin port can be reached from this machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Whether a port occurs twice. Port 0 may: each is another free port. */
export function hasRepeats(ports: readonly (number | null)[]): boolean {
  const fixed = ports.filter((each) => each !== null && each !== 0);
  return new Set(fixed).size < fixed.length;
}

interface UsesRedis {
  readonly redis: { readonly urls: readonly string[] };
}

/** `engine`: the setting by which a server uses Redis, and its value. */
export function redisRules<C extends UsesRedis>(engine: { readonly setting: string; readonly value: string; isUsed(config: C): boolean }): Rule<C>[] {
  return [
    {
      broken: (config) => engine.isUsed(config) && config.redis.urls.length === 0,
      setting: 'redis.urls', message: `must name at least one server because ${engine.setting} is ${engine.value}`,
    },
    {
      broken: ({ redis: { urls } }) => new Set(urls.map((url) => url.startsWith('rediss:'))).size > 1,
      setting: 'redis.urls', message: 'must be all redis:// or all rediss://',
    },
  ];
}
