/** The node's store, and what is wrong with it in an operator's words. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NodeError, redisOptions, type RedisSecrets, storeErrorText } from '@polyplex/node';
import type { FleetBoard, TokenStore } from '@polyplex/store-contract';
import { type EmbeddedTokenStore, openTokenStore } from '@polyplex/store-embedded';
import { openRedisTokenStore } from '@polyplex/store-redis';
import type { Logger } from '@polyplex/telemetry';
import type { NtfConfig } from './config/ntf-config.ts';

export interface OpenedStore {
  readonly store: TokenStore;
  /** Where nodes tell of themselves; null where there is one alone. */
  readonly board: FleetBoard | null;
  /** What only the embedded one can; null for that of many nodes. */
  readonly embedded: EmbeddedTokenStore | null;
}

/** Of the embedded engine, in the folder of all data. */
export function tokenStoreFolder(dataDir: string): string {
  return join(dataDir, 'ntf');
}

/** Whether devices were ever kept there. */
export function holdsTokens(dataDir: string): boolean {
  return existsSync(join(tokenStoreFolder(dataDir), 'data.mdb'));
}

/** The folder of all data of the embedded engine. */
export function dataDirOf({ storage, ntfStorage }: Pick<NtfConfig, 'storage' | 'ntfStorage'>): string {
  return ntfStorage.dataDir ?? storage.dataDir;
}

/** Where the data is, in words. */
export function tokenStorePlace(config: NtfConfig): string {
  return config.ntfStorage.engine === 'redis' ? config.redis.urls.join(' ') : tokenStoreFolder(dataDirOf(config));
}

/** Opens or makes the store that the configuration names; rejects with `NodeError` STORAGE. */
export async function openStore(config: NtfConfig, secrets: RedisSecrets, log: Logger): Promise<OpenedStore> {
  return config.ntfStorage.engine === 'redis' ? openNetworkStore(config, secrets, log) : openEmbeddedStore(config, log);
}

async function openNetworkStore(config: NtfConfig, secrets: RedisSecrets, log: Logger): Promise<OpenedStore> {
  // All servers of one configuration are one fleet.
  const options = { ...redisOptions(config.redis, secrets, { prefix: config.ntfStorage.redisPrefix, log }), fleetPrefix: config.redis.prefix };
  try {
    const store = await openRedisTokenStore(options);
    return { store, board: store.fleet, embedded: null };
  } catch (error) {
    throw new NodeError('STORAGE', `${storeErrorText(error)} (redis.urls)`, { cause: error });
  }
}

async function openEmbeddedStore(config: NtfConfig, log: Logger): Promise<OpenedStore> {
  const folder = tokenStoreFolder(dataDirOf(config));
  try {
    const store = await openTokenStore({ path: folder, log });
    return { store, board: null, embedded: store };
  } catch (error) {
    const setting = config.ntfStorage.dataDir === null ? 'storage.dataDir' : 'ntfStorage.dataDir';
    throw new NodeError('STORAGE', `the data in ${folder} cannot be opened: ${storeErrorText(error)} (${setting})`, { cause: error });
  }
}
