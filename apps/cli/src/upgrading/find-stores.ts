/** The stores that the configuration names, looked at and left as they are, whether servers run or not. */
import { join } from 'node:path';
import { parseOverview } from '@polyplex/admin-api';
import { ConfigError } from '@polyplex/config';
import { nodeLog, readRedisSecrets, redisOptions, storeErrorText } from '@polyplex/node';
import { inspectStore } from '@polyplex/store-embedded';
import { inspectRedis, type RedisLook } from '@polyplex/store-redis';
import { FORMAT_VERSION } from '@polyplex/store-common';
import { botFolder, inspectDirectory } from 'directory-bot';
import type { PolyplexConfig } from '../settings/polyplex-config.ts';
import { runsBot, type ServerName, serversOf, type ServiceName } from '../settings/servers.ts';
import { SETUPS } from '../setup/server-setup.ts';
import type { FoundStore } from './store-report.ts';

export interface RunningNode {
  readonly service: string;
  readonly node: string;
  readonly version: string;
}

export interface Found {
  readonly stores: readonly FoundStore[];
  /** Those that told of themselves by way of Redis; nodes of embedded stores are not asked. */
  readonly nodes: readonly RunningNode[];
}

/** What Redis calls the data of each. */
const KINDS = { smp: 'queue', xftp: 'file', ntf: 'token' } as const satisfies Readonly<Record<ServerName, keyof RedisLook['formats']>>;
const MARKS = { ...KINDS, bot: 'record' } as const;

function usesRedis({ storage, xftpStorage, ntfStorage }: PolyplexConfig, server: ServerName): boolean {
  const engines = { smp: storage.engine, xftp: xftpStorage.engine, ntf: ntfStorage.engine };
  return engines[server] !== 'embedded';
}

/** Rejects with `ConfigError` where the secrets of Redis cannot be read. */
export async function findStores(config: PolyplexConfig): Promise<Found> {
  const on = serversOf(config);
  const shared = on.filter((server) => usesRedis(config, server));
  const alone: readonly ServiceName[] = [...on.filter((server) => !shared.includes(server)), ...(runsBot(config) ? (['bot'] as const) : [])];
  const [own, network] = await Promise.all([
    Promise.all(alone.map((server) => embedded(config, server))),
    shared.length === 0 ? { stores: [], nodes: [] } : inRedis(config, shared),
  ]);
  return { stores: [...own, ...network.stores], nodes: network.nodes };
}

/** The folder of all data of the server, in which its own and its backups are. */
export function dataDirOf(config: PolyplexConfig, server: ServiceName): string {
  return server === 'bot' ? (config.bot.dataDir ?? config.storage.dataDir) : SETUPS[server].dataDir(config);
}

/** Where the data file is. */
function dataFolderOf(config: PolyplexConfig, server: ServiceName): string {
  const dataDir = dataDirOf(config, server);
  const folder = server === 'bot' ? botFolder(dataDir) : SETUPS[server].dataFolder(dataDir);
  return server === 'xftp' || server === 'bot' ? join(folder, 'records') : folder;
}

async function embedded(config: PolyplexConfig, server: ServiceName): Promise<FoundStore> {
  const place = dataFolderOf(config, server);
  const found = { server, engine: 'embedded', place, format: null, records: null, bytes: null, failure: null } as const;
  try {
    const look = await inspectStore(place);
    if (look === null) return found;
    if (look.mark !== MARKS[server]) return { ...found, failure: `the folder holds a ${look.mark} store: each server needs a folder of its own` };
    const looked = { ...found, format: look.version, bytes: look.bytes };
    return server === 'bot' && look.version <= FORMAT_VERSION ? { ...looked, ...(await insideOf(config)) } : looked;
  } catch (error) {
    return { ...found, failure: storeErrorText(error) };
  }
}

/** What the bot keeps is sealed, and the directory's part of it has a format of its own. */
async function insideOf(config: PolyplexConfig): Promise<Pick<FoundStore, 'records' | 'failure'>> {
  try {
    return { records: await inspectDirectory(config), failure: null };
  } catch (error) {
    // That the key is missing is said where all files are looked at.
    if (error instanceof ConfigError) return { records: null, failure: null };
    return { records: null, failure: `${storeErrorText(error)} (bot.keyFile must be the key that they were made with)` };
  }
}

async function inRedis(config: PolyplexConfig, servers: readonly ServerName[]): Promise<Found> {
  const { redis, xftpStorage, ntfStorage } = config;
  const log = nodeLog({ ...config.log, level: 'error' }, (line) => process.stderr.write(line));
  const options = redisOptions(redis, readRedisSecrets(redis), { prefix: redis.prefix, log });
  const of = (server: ServerName, prefix: string): string | null => (servers.includes(server) ? prefix : null);
  const found = servers.map((server) => ({ server, engine: 'redis', place: redis.urls.join(' '), format: null, records: null, bytes: null, failure: null }) as const);
  try {
    const look = await inspectRedis(options, { queue: of('smp', redis.prefix), file: of('xftp', xftpStorage.redisPrefix), token: of('ntf', ntfStorage.redisPrefix), fleet: redis.prefix });
    return { stores: found.map((store) => ({ ...store, format: look.formats[KINDS[store.server]] })), nodes: nodesOf(look) };
  } catch (error) {
    return { stores: found.map((store) => ({ ...store, failure: storeErrorText(error) })), nodes: [] };
  }
}

function nodesOf({ nodes }: RedisLook): RunningNode[] {
  const read = nodes.map((text) => parseOverview(text)).filter((overview) => overview !== null);
  return read.map(({ service, node, version }) => ({ service, node, version })).toSorted((a, b) => (`${a.service} ${a.node}` < `${b.service} ${b.node}` ? -1 : 1));
}
