/** Where the bot's data are, the store that holds them, and a look at it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { applicationRecords } from '@polyplex/chat';
import { DIRECTORY_FORMAT, directoryFormat, DirectoryError } from '@polyplex/directory';
import { DATA_FILE, NodeError, storeErrorText } from '@polyplex/node';
import { type EmbeddedRecordStore, openFileRoom, openRecordStore, readRecords } from '@polyplex/store-embedded';
import type { FileRoom } from '@polyplex/store-contract';
import type { Logger } from '@polyplex/telemetry';
import { readBotKey } from './bot-key.ts';
import type { BotConfig } from './config/bot-config.ts';

export function dataDirOf({ bot, storage }: Pick<BotConfig, 'bot' | 'storage'>): string {
  return bot.dataDir ?? storage.dataDir;
}

/** `dataDir`: the folder of all data. */
export function botFolder(dataDir: string): string {
  return join(dataDir, 'bot');
}

/** Where the bot's address is, as text, when it has one. */
export function botAddressFile(config: Pick<BotConfig, 'bot' | 'storage'>): string {
  return join(botFolder(dataDirOf(config)), 'address');
}

function botStoreFolder(dataDir: string): string {
  return join(botFolder(dataDir), 'records');
}

export function holdsBotData(dataDir: string): boolean {
  return existsSync(join(botStoreFolder(dataDir), DATA_FILE));
}

/** Opens or makes it; rejects with `NodeError` STORAGE. */
export async function openStore(config: BotConfig, key: Uint8Array, log: Logger): Promise<EmbeddedRecordStore> {
  const folder = botStoreFolder(dataDirOf(config));
  try {
    return await openRecordStore({ path: folder, key, log });
  } catch (error) {
    const setting = config.bot.dataDir === null ? 'storage.dataDir' : 'bot.dataDir';
    throw new NodeError('STORAGE', `the data in ${folder} cannot be opened: ${storeErrorText(error)} (${setting}; bot.keyFile must be the key that they were made with)`, { cause: error });
  }
}

/** What `work` answers; where it rejects since a newer version wrote the records, it rejects with `NodeError` STORAGE. */
export async function ofKnownFormat<T>(config: BotConfig, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if (!(error instanceof DirectoryError) || error.code !== 'FORMAT') throw error;
    throw new NodeError('STORAGE', `the data in ${botStoreFolder(dataDirOf(config))} cannot be opened: ${error.message}`, { cause: error });
  });
}

interface RecordsFormat {
  readonly format: number;
  /** That this program writes, and reads up to. */
  readonly newest: number;
}

/**
 * Of the directory's records, in a store of this release's format, beside the bot that uses it or beside none; null where there are none
 * yet. Rejects with `ConfigError` without its key, or with a `StoreError`.
 */
export async function inspectDirectory(config: Pick<BotConfig, 'bot' | 'storage'>): Promise<RecordsFormat | null> {
  const format = await readRecords(botStoreFolder(dataDirOf(config)), readBotKey(config), (records) => directoryFormat(applicationRecords(records)));
  return format === null ? null : { format, newest: DIRECTORY_FORMAT };
}

/** Where files are encrypted before they are sent. Rejects with `NodeError` STORAGE. */
export async function openFiles(config: BotConfig): Promise<FileRoom> {
  const path = join(botFolder(dataDirOf(config)), 'files');
  return openFileRoom({ path }).catch((error: unknown) => {
    throw new NodeError('STORAGE', `the folder ${path} cannot be made: ${storeErrorText(error)}`, { cause: error });
  });
}
