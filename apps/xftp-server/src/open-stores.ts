/** The node's stores, records and bodies, and what is wrong with them in an operator's words. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NodeError, redisOptions, storeErrorText } from '@polyplex/node';
import type { ChunkStore, FileStore, FleetBoard } from '@polyplex/store-contract';
import { type BodyCopies, type DataCopies, openDiskChunkStore, openEmbeddedFileStore } from '@polyplex/store-embedded';
import { openRedisFileStore } from '@polyplex/store-redis';
import { openS3ChunkStore } from '@polyplex/store-s3';
import type { Logger } from '@polyplex/telemetry';
import type { XftpConfig } from './config/xftp-config.ts';
import type { StoreSecrets } from './node-files.ts';
import { sparingRoom } from './spare-room.ts';

export interface OpenedStores {
  readonly files: FileStore;
  readonly chunks: ChunkStore;
  /** Where nodes tell of themselves; null where there is one alone. */
  readonly board: FleetBoard | null;
  /** What only embedded ones can; null for those of many nodes. */
  readonly copies: FileCopies | null;
}

export interface FileCopies {
  readonly records: DataCopies;
  readonly bodies: BodyCopies;
}

/** Of the embedded engine, in the folder of all data. */
export function fileStoreFolder(dataDir: string): string {
  return join(dataDir, 'xftp');
}

/** Of the records of files. */
export function recordsFolder(dataDir: string): string {
  return join(fileStoreFolder(dataDir), 'records');
}

/** Whether files were ever kept there. */
export function holdsFiles(dataDir: string): boolean {
  return existsSync(join(recordsFolder(dataDir), 'data.mdb'));
}

/** The folder of all data of the embedded engine. */
export function dataDirOf({ storage, xftpStorage }: XftpConfig): string {
  return xftpStorage.dataDir ?? storage.dataDir;
}

/** Where the data is, in words. */
export function fileStorePlace(config: XftpConfig): string {
  if (config.xftpStorage.engine === 'embedded') return fileStoreFolder(dataDirOf(config));
  return `${config.redis.urls.join(' ')} and bucket ${String(config.s3.bucket)}${config.s3.endpoint === null ? '' : ` at ${config.s3.endpoint}`}`;
}

/** Opens or makes the stores that the configuration names; rejects with `NodeError` STORAGE, and then none is left open. */
export async function openStores(config: XftpConfig, secrets: StoreSecrets, log: Logger): Promise<OpenedStores> {
  return config.xftpStorage.engine === 'redis-s3' ? openNetworkStores(config, secrets, log) : openEmbeddedStores(config, log);
}

async function openNetworkStores(config: XftpConfig, secrets: StoreSecrets, log: Logger): Promise<OpenedStores> {
  // Relays and file servers of one configuration are one fleet.
  const options = { ...redisOptions(config.redis, secrets, { prefix: config.xftpStorage.redisPrefix, log }), fleetPrefix: config.redis.prefix };
  const files = await opened('redis.urls', '', () => openRedisFileStore(options));
  const chunks = await orClosed(files, () => opened('section s3', '', () => openBucket(config.s3, secrets, log)));
  return { files, chunks, board: files.fleet, copies: null };
}

async function openEmbeddedStores(config: XftpConfig, log: Logger): Promise<OpenedStores> {
  const folder = recordsFolder(dataDirOf(config));
  const records = await opened(dataDirSetting(config), `the data in ${folder} cannot be opened: `, () => openEmbeddedFileStore({ path: folder, log }));
  const bodiesFolder = join(fileStoreFolder(dataDirOf(config)), 'files');
  const bodies = await orClosed(records, () => opened(dataDirSetting(config), `the files in ${bodiesFolder} cannot be opened: `, () => openDiskChunkStore({ path: bodiesFolder })));
  return { ...sparingRoom({ files: records, chunks: bodies }, config.xftpStorage.reserve, log), board: null, copies: { records, bodies } };
}

async function orClosed<T>(store: { close(): Promise<void> }, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    await store.close();
    throw error;
  }
}

function dataDirSetting({ xftpStorage }: XftpConfig): string {
  return xftpStorage.dataDir === null ? 'storage.dataDir' : 'xftpStorage.dataDir';
}

/** Settings that are null are none here: rules ask for them. */
function openBucket(s3: XftpConfig['s3'], { s3Secret }: StoreSecrets, log: Logger): Promise<ChunkStore> {
  return openS3ChunkStore({
    endpoint: s3.endpoint ?? `https://s3.${s3.region}.amazonaws.com`,
    region: s3.region,
    bucket: s3.bucket ?? '',
    prefix: s3.prefix ?? '',
    pathStyle: s3.pathStyle,
    accessKeyId: s3.accessKeyId ?? '',
    secretAccessKey: s3Secret ?? '',
    log,
  });
}

/** `setting`: what an operator looks at first. */
async function opened<T>(setting: string, prefix: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    throw new NodeError('STORAGE', `${prefix}${storeErrorText(error)} (${setting})`, { cause: error });
  }
}
