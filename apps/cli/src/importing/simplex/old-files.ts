/** Which files of the old relay's data folder hold what (SMP §9.3), and what keeps them from being taken, by name. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CliError } from '../../report-failure.ts';
import type { OldStore } from './smp-ini.ts';

export interface GivenFiles {
  /** The data folder. */
  readonly data: string | undefined;
  readonly log: string | undefined;
  readonly messages: string | undefined;
  readonly notifications: string | undefined;
  /** As the settings say; null where they are not given. */
  readonly store: OldStore | null;
  /** The old relay may run: it saves messages when it is stopped. */
  readonly check: boolean;
}

export interface OldFiles {
  readonly log: string;
  readonly messages: { readonly kind: 'file' | 'journal'; readonly path: string } | null;
  readonly notifications: string | null;
  readonly statistics: string | null;
}

const NAMES = {
  log: 'smp-server-store.log', messages: 'smp-server-messages.log', journal: 'messages', notifications: 'smp-server-ntfs.log', statistics: 'smp-server-stats.log',
} as const;
const EXPORT = '"smp-server database export"';

const tell = (text: string): void => void process.stderr.write(`${text}\n`);
const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** Null where nothing is to be imported. Throws `CliError` FILES; tells what an operator should know. */
export function findOldFiles(given: GivenFiles): OldFiles | null {
  const { data } = given;
  if (data !== undefined && !isFolder(data)) throw new CliError('FILES', `${data} is no folder: it is to be the data folder of the old server, /var/opt/simplex`);
  const log = given.log ?? inData(data, NAMES.log);
  if (log === null) {
    if (given.messages !== undefined || given.notifications !== undefined) throw new CliError('USAGE', '--messages and --notifications need --log or --old-data: the log tells whose they are');
    return null;
  }
  checkLog(log, given.store);
  const messages = messagesOf(given);
  return { log, messages, notifications: saved(given.notifications, data, NAMES.notifications), statistics: saved(undefined, data, NAMES.statistics) };
}

function inData(data: string | undefined, name: string): string | null {
  return data === undefined ? null : join(data, name);
}

function checkLog(path: string, store: OldStore | null): void {
  if (existsSync(`${path}.start`)) {
    throw new CliError('FILES', `${path}.start is there: the old server was stopped while it wrote its log anew, and what it had is in that file.
Start the old server once more and stop it, or import with --log ${path}.start`);
  }
  const isInDatabase = store?.queues === 'database';
  if (existsSync(path) && !isFolder(path)) {
    if (existsSync(`${path}.bak`)) tell(`${path}.bak is not read: it is what a start of the old server found unfinished, or older than its database.`);
    if (isInDatabase) tell(`The old server kept its queues in PostgreSQL: see that ${path} is from ${EXPORT}, just now.`);
    return;
  }
  throw new CliError('FILES', `${path} is not there; ${logAdvice(path, store)}`);
}

function logAdvice(path: string, store: OldStore | null): string {
  if (store?.queues === 'database' || existsSync(`${path}.bak`)) return `the old server keeps its queues in PostgreSQL: write them to the log by ${EXPORT}`;
  if (store?.isLogged === false) return 'STORE_LOG.enable is off: the old server keeps its queues in memory alone, where nobody can fetch them';
  return `it is ${NAMES.log} in the data folder of the old server, /var/opt/simplex`;
}

function messagesOf({ messages, ...given }: GivenFiles): OldFiles['messages'] {
  if (messages === undefined) return given.data === undefined ? null : messagesIn(given.data, given);
  if (!existsSync(messages)) throw new CliError('FILES', `${messages} is not there`);
  return { kind: isFolder(messages) ? 'journal' : 'file', path: messages };
}

function messagesIn(data: string, given: Pick<GivenFiles, 'store' | 'check'>): OldFiles['messages'] {
  const [file, journal] = [join(data, NAMES.messages), join(data, NAMES.journal)];
  const hasJournal = isFolder(journal) && readdirSync(journal).length > 0;
  const kind = given.store?.messages ?? whichMessages(file, journal, hasJournal);
  if (kind === 'journal') return journalOf(journal, hasJournal);
  if (hasJournal) tell(`${journal} is not read: the old server kept its messages elsewhere.`);
  if (!existsSync(file)) return noMessages(file, given);
  if (kind === 'database') tell(`The old server kept its messages in PostgreSQL: see that ${file} is from ${EXPORT}, just now.`);
  return { kind: 'file', path: file };
}

/** Where no settings say it. */
function whichMessages(file: string, journal: string, hasJournal: boolean): OldStore['messages'] {
  if (hasJournal && existsSync(file)) throw new CliError('FILES', `both ${file} and ${journal} are there: say which one by --messages, or give the settings by --old-config`);
  return hasJournal ? 'journal' : 'memory';
}

function journalOf(journal: string, hasJournal: boolean): OldFiles['messages'] {
  if (!hasJournal) tell(`${journal} has no messages: none are imported.`);
  return hasJournal ? { kind: 'journal', path: journal } : null;
}

/** The reference writes this file when it is stopped by SIGINT, and renames it when it has read it. */
function noMessages(file: string, { store, check }: Pick<GivenFiles, 'store' | 'check'>): null {
  if (store?.messages === 'database') {
    throw new CliError('FILES', `${file} is not there; the old server keeps its messages in PostgreSQL: write them to it by ${EXPORT}, or go without by --messages /dev/null`);
  }
  const without = `${file} is not there: no messages are imported.`;
  if (check || store?.savesMessages === false || !existsSync(`${file}.bak`)) {
    tell(check && store?.savesMessages !== false ? `${without} The old server writes it when it is stopped (by SIGINT).` : without);
    return null;
  }
  throw new CliError('FILES', `${file} is not there, and ${file}.bak is: the old server runs, or it was not stopped by SIGINT and did not save its messages.
Stop it by SIGINT, as its service unit does. Where they are lost, take those of its last start by --messages ${file}.bak, or none by --messages /dev/null`);
}

/** What may be missing. */
function saved(path: string | undefined, data: string | undefined, name: string): string | null {
  if (path !== undefined && !existsSync(path)) throw new CliError('FILES', `${path} is not there`);
  const found = path ?? inData(data, name);
  return found !== null && existsSync(found) ? found : null;
}
