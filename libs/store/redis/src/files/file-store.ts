/**
 * The Redis engine of the FileStore contract (XFTP §5): the records of a file server for any number of nodes. Each step is
 * one script on one slot. Bodies are elsewhere.
 */
import { type Clock, MINUTE, systemClock, toBase64Url } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import { asStoreError } from '@polyplex/store-common';
import type { FileStore, FleetBoard } from '@polyplex/store-contract';
import { RedisFleetBoard } from '../fleet-board.ts';
import { Guard } from '../guard.ts';
import { checkFormat, connect, type ConnectOptions } from '../open-redis.ts';
import { Watch } from '../watch.ts';
import { FileKeys } from './file-keys.ts';
import { createFileSteps, type FileSteps } from './file-steps.ts';

export interface RedisFileStoreOptions extends ConnectOptions {
  /** What all keys begin with: no braces, no colon. Default `xftp`. */
  readonly prefix?: string;
  /** The same of the network whose board this node's overview is put on; default that of the keys. */
  readonly fleetPrefix?: string;
  /** How long after its removal a body is expected to be discarded. */
  readonly graceMs?: number;
  readonly clock?: Clock;
}

export interface RedisFileStore extends FileStore {
  readonly fleet: FleetBoard;
}

const NODE_ID_BYTES = 9;

/** Rejects with a `StoreError` as `openRedisStore` does. */
export async function openRedisFileStore(options: RedisFileStoreOptions): Promise<RedisFileStore> {
  const redis = await connect(options);
  try {
    const { prefix = 'xftp', fleetPrefix = prefix, graceMs = MINUTE, clock = systemClock } = options;
    const keys = new FileKeys(prefix);
    await checkFormat(redis, keys.format);
    const watch = new Watch(redis, { reserve: 0, clock });
    await watch.start();
    return assemble({ redis, keys, graceMs }, { watch, fleet: new RedisFleetBoard(redis, fleetPrefix, toBase64Url(randomBytes(NODE_ID_BYTES))) });
  } catch (error) {
    redis.destroy();
    throw asStoreError(error);
  }
}

function assemble(steps: FileSteps, { watch, fleet }: { readonly watch: Watch; readonly fleet: RedisFleetBoard }): RedisFileStore {
  const guard = new Guard();
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await Promise.all([guard.close(), fleet.leave(), watch.stop()]);
    steps.redis.destroy();
  };
  return { ...guard.around(createFileSteps(steps)), facts: () => watch.facts(), fleet, close: () => (closing ??= close()) };
}
