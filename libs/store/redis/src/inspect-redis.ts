/** A look at what servers keep in a Redis, without joining them: formats, and which nodes are there. Changes nothing. */
import { RedisFleetBoard } from './fleet-board.ts';
import { FileKeys } from './files/file-keys.ts';
import { Keys } from './keys.ts';
import { connect, type ConnectOptions } from './open-redis.ts';
import type { Redis } from './redis.ts';
import { textOfReply } from './redis-reply.ts';
import { TokenKeys } from './tokens/token-keys.ts';

/** What keys begin with; null for a server that keeps nothing here. */
interface Prefixes {
  readonly queue: string | null;
  readonly file: string | null;
  readonly token: string | null;
  /** Of the board on which nodes tell of themselves. */
  readonly fleet: string;
}

export interface RedisLook {
  /** The format of each server's data; null where there is none yet. */
  readonly formats: Readonly<Record<'queue' | 'file' | 'token', number | null>>;
  /** What each node told of itself; a node that has died is told of for some seconds. */
  readonly nodes: readonly string[];
}

/** Rejects with a `StoreError` where a store's opening would: UNAVAILABLE, or FAILED for a server that would lose data. */
export async function inspectRedis(options: ConnectOptions, prefixes: Prefixes): Promise<RedisLook> {
  const redis = await connect(options);
  try {
    const [queue, file, token] = await Promise.all([
      formatAt(redis, prefixes.queue === null ? null : new Keys(prefixes.queue).format),
      formatAt(redis, prefixes.file === null ? null : new FileKeys(prefixes.file).format),
      formatAt(redis, prefixes.token === null ? null : new TokenKeys(prefixes.token).format),
    ]);
    return { formats: { queue, file, token }, nodes: await new RedisFleetBoard(redis, prefixes.fleet, 'none').others() };
  } finally {
    redis.destroy();
  }
}

async function formatAt(redis: Redis, key: string | null): Promise<number | null> {
  const found = key === null ? null : await redis.read(key, ['GET', key]);
  return found === null ? null : Number(textOfReply(found));
}
