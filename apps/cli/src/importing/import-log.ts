/** Records and bodies of the old server into the stores that the configuration names. */
import { systemClock, unixSeconds } from '@polyplex/base';
import { NodeError } from '@polyplex/node';
import { type BodySource, checkFiles, importFiles, type LoggedFile, verifyFiles } from '@polyplex/store-transfer';
import { fileStorePlace, type OpenedStores } from 'xftp-server';
import { type ConfigFlags, loadSettings } from '../config-options.ts';
import { explained } from '../moving/failures.ts';
import { countText, Progress, sizeText } from '../moving/progress.ts';
import { type Row, rowsText } from '../moving/summary.ts';
import { CliError } from '../report-failure.ts';
import type { PolyplexConfig } from '../settings/polyplex-config.ts';
import { bodyFolder } from './body-folder.ts';
import { fileStoreExists, withFileStores } from './file-store-access.ts';
import { type ReadLog, readLogFile } from './log-file.ts';
import { type Outcome, Tally } from './tally.ts';

export interface LogImport {
  readonly log: string;
  readonly files: string;
  readonly isInDatabase: boolean;
  readonly check: boolean;
  readonly verify: boolean;
  readonly skipBad: boolean;
  readonly flags: ConfigFlags;
  readonly signal: AbortSignal;
}

interface Job extends LogImport {
  readonly read: ReadLog;
  readonly source: BodySource;
  /** Unix seconds; what is older is not wanted (XFTP §5.4). */
  readonly createdFrom: number;
}

const AGAIN = 'run the same command again: what is there already is passed over';
const HOUR_SECONDS = 3600;
/** What a file costs besides its bytes, for the share that is done. */
const FILE_WEIGHT_BYTES = 16 * 1024;

/** Rejects with `CliError` FAILED also when something was not imported. */
export async function importLog(given: LogImport): Promise<void> {
  const config = loadSettings({ ...given.flags, only: 'xftp' }).values;
  const source = bodyFolder(given.files);
  // Stores in use are told at once, but none are made for a log that cannot be read.
  if (!given.check && fileStoreExists(config)) await withFileStores(config, async () => undefined);
  const read = await readLogFile(given.log, given.isInDatabase, given.signal);
  const createdFrom = unixSeconds(systemClock) - Math.floor(config.xftpFiles.expireAfter / 1000) - HOUR_SECONDS;
  const job: Job = { ...given, read, source, createdFrom };
  if (given.check) await checkLog(job);
  else await withFileStores(config, (stores) => importInto(stores, config, job));
}

async function checkLog(job: Job): Promise<void> {
  const tally = await walk('checking', job, (options) => checkFiles(job.read.log.files(), job.source, options));
  const right = tally.of('right');
  const rows: Row[] = [
    ['Files', `${countText(right.files)} can be imported, ${countText(right.withBody)} of them with a body`],
    ['Recipients', countText(right.recipients)],
    ['Bodies', sizeText(right.bytes)],
  ];
  process.stdout.write(`Checked ${job.log}; nothing was changed\n\n${summaryText(job, tally, rows, 'NOT right')}`);
  endBadly(job, tally, 'cannot be imported');
}

async function importInto(stores: OpenedStores, config: PolyplexConfig, job: Job): Promise<void> {
  const place = fileStorePlace(config);
  await checkRoom(stores, config, job);
  const notImported = new Set<number>();
  const tally = await walk('importing', job, (options) => importFiles(stores, job.read.log.files(), job.source, {
    ...options,
    onFile: (file, outcome) => {
      if (outcome !== 'written' && outcome !== 'present') notImported.add(file.line);
      options.onFile(file, outcome);
    },
  }));
  const [written, present] = [tally.of('written'), tally.of('present')];
  const usage = await stores.files.usage();
  const rows: Row[] = [
    ['Files', `${countText(written.files)} written, ${countText(present.files)} there already`],
    ['Recipients', `${countText(written.recipients)} written, ${countText(present.recipients)} there already`],
    ['Bodies', `${countText(written.withBody)} written (${sizeText(written.bytes)}), ${countText(present.withBody)} there already (${sizeText(present.bytes)})`],
    ['Store', `${countText(usage.files)} files, ${sizeText(usage.bytes)}`],
  ];
  process.stdout.write(`Imported ${job.log} into ${place}\n\n${summaryText(job, tally, rows, 'NOT imported')}`);
  if (job.verify) await verify(stores, job, notImported);
  endBadly(job, tally, 'were NOT imported');
  process.stdout.write(`Next: "polyplex start". Keep the old server's folders until files have been received; never start both: each would
know files that the other does not.\n`);
}

/** Before anything is written, as far as the place can tell. */
async function checkRoom({ files, chunks }: OpenedStores, { xftpStorage: { quota } }: PolyplexConfig, { read: { log } }: Job): Promise<void> {
  const [room, { bytes: used }] = await Promise.all([chunks.room(), files.usage()]);
  const needed = Math.max(0, log.bodies.bytes - used);
  if (room !== null && needed > room) {
    throw new NodeError('STORAGE', `the bodies need ${sizeText(needed)}, and there is room for ${sizeText(room)}: make room, or name another disk (xftpStorage.dataDir); nothing was changed`);
  }
  if (quota !== null && log.bodies.bytes > quota) {
    process.stderr.write(`The files are ${sizeText(log.bodies.bytes)}, more than xftpStorage.quota: they are imported, and new ones are refused until enough have expired.\n`);
  }
}

async function verify(stores: OpenedStores, job: Job, notImported: ReadonlySet<number>): Promise<void> {
  const wanted = function* (): Generator<LoggedFile> {
    for (const file of job.read.log.files()) if (!notImported.has(file.line)) yield file;
  };
  const tally = await walk('verifying', job, (options) => verifyFiles(stores, wanted(), options));
  const right = tally.of('right');
  process.stdout.write(`Verified: ${countText(right.files)} files with ${countText(right.recipients)} recipients and ${sizeText(right.bytes)} are in the store as in the log\n\n`);
  if (tally.wrong === 0) return;
  process.stdout.write(rowsText(tally.wrongRows()));
  throw new CliError('FAILED', `${countText(tally.wrong)} files are NOT in the store as they were imported: if a file server runs on it, that is why; if not, ${AGAIN}`);
}

interface Options<T> {
  readonly createdFrom: number;
  readonly signal: AbortSignal;
  readonly onFile: (file: LoggedFile, outcome: T) => void;
}

async function walk<T extends Outcome>(what: string, { log, signal, createdFrom, read }: Job, task: (options: Options<T>) => Promise<void>): Promise<Tally> {
  const tally = new Tally();
  const progress = new Progress(what);
  const { fileCount, bodies } = read.log;
  const all = bodies.bytes + fileCount * FILE_WEIGHT_BYTES;
  const shown = (): void => {
    const { files, bytes } = tally;
    const done = [`${countText(files)} of ${countText(fileCount)} files`, `${sizeText(bytes)} of ${sizeText(bodies.bytes)}`];
    progress.update({ done, bytes, share: all === 0 ? null : (bytes + files * FILE_WEIGHT_BYTES) / all });
  };
  shown();
  try {
    await task({
      createdFrom, signal,
      onFile: (file, outcome) => {
        tally.add(file, outcome);
        shown();
      },
    });
  } catch (error) {
    throw explained(error, log, AGAIN);
  } finally {
    progress.end();
  }
  if (signal.aborted && tally.files < fileCount) throw new CliError('FAILED', interruptedText(what, tally));
  return tally;
}

function interruptedText(what: string, tally: Tally): string {
  return what === 'importing' ? `interrupted: ${countText(tally.sum('written', 'present').files)} files are in the store; ${AGAIN}` : `interrupted while ${what}`;
}

function summaryText({ read: { log, bad } }: Job, tally: Tally, rows: readonly Row[], wrong: string): string {
  const wrongRows: Row[] = tally.wrong === 0 ? [] : [[wrong, `${countText(tally.wrong)} files, by the lines that made them:`], ...tally.wrongRows()];
  return `${rowsText([
    ['Log', `${countText(log.lines)} lines${bad === 0 ? '' : `, ${countText(bad)} of them wrong`}`], ...rows, ...tally.otherRows(), ...wrongRows,
  ])}\n`;
}

function endBadly({ read: { losing }, skipBad }: Job, tally: Tally, what: string): void {
  const parts = [
    ...(tally.wrong === 0 ? [] : [`${countText(tally.wrong)} files`]),
    ...(losing === 0 ? [] : [`${countText(losing)} wrong lines of the log`]),
  ];
  if (parts.length === 0 || skipBad) return;
  throw new CliError('FAILED', `${parts.join(' and ')} ${what}; everything else is fine. Where that is all there is, --skip-bad ends this with success`);
}
