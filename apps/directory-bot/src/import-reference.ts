/** Takes over what the reference's directory knew of groups (directory §3.11): its log, or its database. */
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { errorText } from '@polyplex/base';
import { Chat } from '@polyplex/chat';
import { Directory, expectRegistrations, type ImportReport, type LineProblem, type NamedRegistration, parseReferenceLog, parseReferenceRow, REFERENCE_ROWS_SQL } from '@polyplex/directory';
import { NodeError } from '@polyplex/node';
import type { Logger } from '@polyplex/telemetry';
import { readBotFiles } from './bot-files.ts';
import { directoryOptions } from './directory-options.ts';
import type { BotConfig } from './config/bot-config.ts';
import { ofKnownFormat, openStore } from './open-store.ts';

export interface ReadReference {
  readonly registrations: readonly NamedRegistration[];
  /** Lines of a log, or rows of a database, that were passed over. */
  readonly problems: readonly LineProblem[];
  readonly rows: number;
}

/** Names are not in it. Throws `NodeError` STORAGE. */
export function readReferenceLog(path: string): ReadReference {
  const { registrations, lines, problems } = parseReferenceLog(textOf(path));
  return { registrations: registrations.map((each) => ({ ...each, name: null, ownerName: null, settings: null })), problems, rows: lines };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new NodeError('STORAGE', `${path} cannot be read: ${errorText(error)}`, { cause: error });
  }
}

/** An SQLite database of the reference's chat, unencrypted. Opened for reading alone. Throws `NodeError` STORAGE. */
export function readReferenceDatabase(path: string): ReadReference {
  try {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      const rows = database.prepare(REFERENCE_ROWS_SQL).all();
      const parsed = rows.map(parseReferenceRow);
      const problems = parsed.flatMap((row, i): LineProblem[] => (row === null ? [{ line: i + 1, problem: 'syntax' }] : []));
      return { registrations: parsed.filter((row) => row !== null), problems, rows: rows.length };
    } finally {
      database.close();
    }
  } catch (error) {
    throw new NodeError('STORAGE', `${path} cannot be read as an unencrypted SQLite database of the reference's chat with a directory: ${errorText(error)}`, { cause: error });
  }
}

/** Into the store of a bot that does not run. Rejects with `NodeError` or `ConfigError`. */
export async function importReference(config: BotConfig, registrations: readonly NamedRegistration[], log: Logger): Promise<ImportReport> {
  const files = readBotFiles(config);
  const store = await openStore(config, files.key, log);
  try {
    const application = new Directory(directoryOptions(config, files, { log, sendVoice: () => Promise.reject(new Error('the bot does not run')) }));
    // It is not started: no relay is asked for anything.
    const nowhere = { requester: () => Promise.reject(new Error('the bot does not run')), subscribe: () => undefined, forget: () => undefined, close: () => undefined };
    const chat = new Chat({ store, log, application, profile: { displayName: config.bot.displayName, fullName: '' }, servers: [], openRelays: () => nowhere });
    return await ofKnownFormat(config, chat.change((step) => expectRegistrations(step, registrations)));
  } finally {
    await store.close();
  }
}
