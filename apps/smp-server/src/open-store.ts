/** The node's store, and what is wrong with it in an operator's words. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NodeError, redisOptions, type RedisSecrets, storeErrorText } from '@polyplex/node';
import type { QueueStore } from '@polyplex/store-contract';
import { type DataCopies, openEmbeddedStore } from '@polyplex/store-embedded';
import { openRedisStore, type RedisQueueStore } from '@polyplex/store-redis';
import type { Logger } from '@polyplex/telemetry';
import type { SmpConfig } from './config/smp-config.ts';

export function storeFolder({ dataDir }: Pick<SmpConfig['storage'], 'dataDir'>): string {
  return join(dataDir, 'smp');
}

/** Whether queues were ever kept there. */
export function holdsData(storage: Pick<SmpConfig['storage'], 'dataDir'>): boolean {
  return existsSync(join(storeFolder(storage), 'data.mdb'));
}

export interface OpenedStore {
  readonly store: QueueStore;
  /** What only a store of many nodes has to tell; null for the embedded one. */
  readonly network: RedisQueueStore | null;
  /** What only an embedded one can; null for that of many nodes. */
  readonly copies: DataCopies | null;
}

/** Where the data is, in words. */
export function storePlace({ storage, redis }: SmpConfig): string {
  return storage.engine === 'redis' ? redis.urls.join(' ') : storeFolder(storage);
}

/** Opens or makes the store that the configuration names; rejects with `NodeError` STORAGE. */
export async function openStore(config: SmpConfig, secrets: RedisSecrets, log: Logger): Promise<OpenedStore> {
  if (config.storage.engine === 'redis') {
    const network = await openNetworkStore(config.redis, secrets, log);
    return { store: network, network, copies: null };
  }
  const folder = storeFolder(config.storage);
  try {
    const store = await openEmbeddedStore({ path: folder, log });
    return { store, network: null, copies: store };
  } catch (error) {
    throw new NodeError('STORAGE', `the data in ${folder} cannot be opened: ${storeErrorText(error)} (storage.dataDir)`, { cause: error });
  }
}

async function openNetworkStore(redis: SmpConfig['redis'], secrets: RedisSecrets, log: Logger): Promise<RedisQueueStore> {
  try {
    return await openRedisStore(redisOptions(redis, secrets, { prefix: redis.prefix, log }));
  } catch (error) {
    throw new NodeError('STORAGE', `${storeErrorText(error)} (redis.urls)`, { cause: error });
  }
}
