/** Connecting to Redis as all stores do: what a change has to wait for is known only when the servers are. */
import { asStoreError, FORMAT_VERSION, storeError } from '@polyplex/store-common';
import { type Logger, silentLogger } from '@polyplex/telemetry';
import type { ServerAddress, ServerCredentials } from './connection.ts';
import { type Durability, prepare } from './preconditions.ts';
import { DEFAULT_TIMEOUT_MS, Redis } from './redis.ts';
import { textOfReply } from './redis-reply.ts';

export interface ConnectOptions {
  /** Some servers of the cluster, from which the others are learned; or the single server. */
  readonly servers: readonly ServerAddress[];
  readonly credentials?: ServerCredentials;
  /** Null: `replicated` on a cluster, `everysec` on a single server. */
  readonly durability?: Durability | null;
  /** How long a step is tried while Redis is away. */
  readonly timeoutMs?: number;
  readonly log?: Logger;
}

const NO_CREDENTIALS: ServerCredentials = { username: null, password: null, ca: null };

/** Rejects with a `StoreError`: UNAVAILABLE, or FAILED for a server that would lose data. */
export async function connect({ servers, credentials = NO_CREDENTIALS, durability = null, timeoutMs = DEFAULT_TIMEOUT_MS, log = silentLogger }: ConnectOptions): Promise<Redis> {
  const redis = new Redis({ seeds: servers, credentials, timeoutMs });
  try {
    await redis.topology.refresh();
    const level = durability ?? (redis.topology.isCluster ? 'replicated' : 'everysec');
    redis.waitFor(await prepare(redis.topology.primaries, level, log));
    return redis;
  } catch (error) {
    redis.destroy();
    throw connectFailure(error);
  }
}

function connectFailure(error: unknown): Error {
  const failure = asStoreError(error);
  if (failure.code !== 'FAILED' || failure.cause !== error) return failure;
  const reason = error instanceof Error ? error.message : '';
  return storeError('UNAVAILABLE', error, CREDENTIALS.test(reason) ? `Redis wants another password, or another user: ${reason} (redis.passwordFile, redis.username)` : `Redis does not answer, is it running? ${reason}`);
}

/** How Redis begins to say so. */
const CREDENTIALS = /^(?:NOAUTH|WRONGPASS|NOPERM) /;

/**
 * Rejects with DAMAGED for data of another format than this release's; `key` holds the format. Nodes share the data, and what
 * they tell each other has the same format: it is never changed by the start of one node while others may run.
 */
export async function checkFormat(redis: Redis, key: string, own = FORMAT_VERSION): Promise<void> {
  const format = Number(textOfReply(await redis.run('format', [key], [String(own)])));
  if (format > own) throw storeError('DAMAGED', undefined, `the data in Redis has format ${String(format)}, of a newer release: run that one, this one reads format ${String(own)}`);
  if (format !== own) throw storeError('DAMAGED', undefined, `the data in Redis has format ${String(format)}, this release keeps format ${String(own)}: docs/operations/upgrade.md says how to bring it over`);
}
