/**
 * The Redis engine of the TokenStore contract (NTF §2, §4, §6.1): everything that a push proxy keeps, for any number of
 * nodes. A step on a token, its subscriptions and what is due to it is one script on one slot; see `token-keys.ts` for
 * what lies where, and `token-engine.ts` for what names a token from elsewhere.
 */
import { type Clock, systemClock, toBase64Url } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import { asStoreError, storeError } from '@polyplex/store-common';
import type { FleetBoard, TokenCounts, TokenStore } from '@polyplex/store-contract';
import { silentLogger } from '@polyplex/telemetry';
import { RedisFleetBoard } from '../fleet-board.ts';
import { Guard } from '../guard.ts';
import { checkFormat, connect, type ConnectOptions } from '../open-redis.ts';
import type { Redis } from '../redis.ts';
import { listOf, numberOf, textOfReply } from '../redis-reply.ts';
import { Registry } from '../registry.ts';
import { Watch } from '../watch.ts';
import { Hints } from './hints.ts';
import { createPushes } from './pushes.ts';
import { RelayNews } from './relay-news.ts';
import { createRelaySide, leave } from './relay-side.ts';
import { createSubscriptions } from './subscriptions.ts';
import { Tidying } from './tidy.ts';
import type { TokenEngine } from './token-engine.ts';
import { PARTS, TokenKeys } from './token-keys.ts';
import { createTokens } from './tokens.ts';
import { createTransfer } from './transfer.ts';

export interface RedisTokenStoreOptions extends ConnectOptions {
  /** What all keys begin with: no braces, no colon. Default `ntf`. */
  readonly prefix?: string;
  /** The same of the network whose board this node's overview is put on; default that of the keys. */
  readonly fleetPrefix?: string;
  readonly clock?: Clock;
}

export interface RedisTokenStore extends TokenStore {
  readonly fleet: FleetBoard;
}

const NODE_ID_BYTES = 9;

/** Rejects with a `StoreError` as `openRedisStore` does. */
export async function openRedisTokenStore(options: RedisTokenStoreOptions): Promise<RedisTokenStore> {
  const redis = await connect(options);
  try {
    return await assemble(options, redis);
  } catch (error) {
    redis.destroy();
    throw asStoreError(error);
  }
}

async function assemble(options: RedisTokenStoreOptions, redis: Redis): Promise<RedisTokenStore> {
  const { prefix = 'ntf', fleetPrefix = prefix, clock = systemClock, log = silentLogger } = options;
  const keys = new TokenKeys(prefix);
  await checkFormat(redis, keys.format);
  const watch = new Watch(redis, { reserve: 0, clock });
  await watch.start();
  const onDue = new Set<() => void>();
  const onNew = new Set<(relay: string) => void>();
  const node = toBase64Url(randomBytes(NODE_ID_BYTES));
  const registry = new Registry(redis, keys, node, log);
  const hints = new Hints({ redis, keys, registry, node }, {
    due: () => onDue.forEach((listener) => listener()),
    fresh: (relay) => onNew.forEach((listener) => listener(relay)),
    missed: () => void news.look(),
  });
  const engine: TokenEngine = { redis, keys, node, tellDue: () => hints.tellDue(), tellNew: (relay, holder) => hints.tellNew(relay, holder) };
  const news = new RelayNews(engine);
  const tidying = new Tidying(engine, log);
  await tidying.start();
  await registry.start();
  hints.start();
  news.start();
  const guard = new Guard();
  const fleet = new RedisFleetBoard(redis, fleetPrefix, node);
  const mine = new Map<string, string>();
  const close = async (): Promise<void> => {
    tidying.stop();
    const stopped = Promise.all([hints.stop(), news.stop(), watch.stop()]);
    await Promise.all([guard.close(), fleet.leave()]);
    await leave(engine, mine).catch(() => undefined);
    await registry.stop();
    await redis.write(keys.inbox(node), ['DEL', keys.inbox(node)]).catch(() => undefined);
    redis.destroy();
    await stopped;
  };
  let closing: Promise<void> | null = null;
  return {
    ...guard.around({
      ...createTokens(engine), ...createSubscriptions(engine), ...createRelaySide(engine, mine), ...createPushes(engine), ...createTransfer(engine),
      counts: () => readCounts(engine, clock.now()), check: () => check(redis),
    }),
    onDue: (listener) => void onDue.add(listener),
    onNew: (listener) => void onNew.add(listener),
    facts: () => watch.facts(),
    fleet,
    close: () => (closing ??= close()),
  };
}

/** Every shard has to answer. */
async function check({ topology: { primaries } }: Redis): Promise<void> {
  if (primaries.length === 0) throw storeError('UNAVAILABLE', undefined, 'no primary is known');
  try {
    await Promise.all(primaries.map((shard) => shard.read(['PING'])));
  } catch (error) {
    throw storeError('UNAVAILABLE', error);
  }
}

/** Each part keeps its own; the sums of all. */
async function readCounts({ redis, keys }: TokenEngine, now: number): Promise<TokenCounts> {
  const sums = new Map<string, number>();
  let oldest = Infinity;
  await Promise.all(Array.from({ length: PARTS }, async (_, part) => {
    const [counts, due] = [keys.of(part, 'counts'), keys.of(part, 'due')];
    const [fields, first] = await Promise.all([redis.read(counts, ['HGETALL', counts]), redis.read(due, ['ZRANGE', due, '0', '0', 'WITHSCORES'])]);
    const list = listOf(fields);
    for (let i = 0; i + 1 < list.length; i += 2) {
      const name = textOfReply(list[i]);
      sums.set(name, (sums.get(name) ?? 0) + numberOf(list[i + 1]));
    }
    if (listOf(first).length > 0) oldest = Math.min(oldest, numberOf(listOf(first)[1]));
  }));
  const of = (name: string): number => sums.get(name) ?? 0;
  const by = (prefix: string): Record<string, number> =>
    Object.fromEntries([...sums].filter(([name, count]) => name.startsWith(prefix) && count > 0).map(([name, count]) => [name.slice(prefix.length), count]));
  return {
    tokens: of('tokens'), subscriptions: of('subscriptions'), notifications: of('notifications'), due: of('due'),
    oldestDue: oldest <= now ? oldest : null,
    tokensByStatus: by('t:'),
    subscriptionsByStatus: by('s:'),
  };
}
