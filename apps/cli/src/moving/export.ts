/** `polyplex store export`: all that the store keeps, as one file. */
import { hasCode, systemClock, unixSeconds } from '@polyplex/base';
import type { QueueStore } from '@polyplex/store-contract';
import {
  type Exported, expectedTotals, exportStore, type Header, type Position, type ResumePoint, type Totals, TransferWriter,
} from '@polyplex/store-transfer';
import { NodeError } from '@polyplex/node';
import type { ConfigFlags } from '../config-options.ts';
import { CliError } from '../report-failure.ts';
import { VERSION } from '../version.ts';
import { outputPipe, PIPE } from './byte-streams.ts';
import { explained } from './failures.ts';
import { interruption } from './interruption.ts';
import { checkPlace, findPoint, PartFile } from './part-file.ts';
import { countText, Progress, sizeText } from './progress.ts';
import { type StoreAccess, storeAccess, withStore } from './store-access.ts';
import { checksumRow, doneOf, rowsText, totalRows } from './summary.ts';

export interface ExportFlags extends ConfigFlags {
  readonly resume?: true;
  readonly skipDamaged?: true;
  readonly online?: true;
}

const START: Position = { of: 'services', cursor: null };

interface Job {
  readonly store: QueueStore;
  readonly access: StoreAccess;
  readonly expected: Totals;
  readonly skipDamaged: boolean;
  readonly online: boolean;
  readonly signal: AbortSignal;
}

export async function exportCommand(file: string, flags: ExportFlags): Promise<void> {
  const { resume = false, skipDamaged = false, online = false } = flags;
  const toPipe = file === PIPE;
  if (toPipe && resume) throw new CliError('USAGE', '--resume goes with a file, not with "-"');
  if (online && resume) throw new CliError('USAGE', '--resume does not go with --online: what was written before would be older than the rest');
  if (!toPipe) checkPlace(file, resume);
  const access = storeAccess(flags, { online });
  if (!access.exists) throw new NodeError('STORAGE', `there is no data in ${access.place}: nothing to export (storage.dataDir)`);
  const signal = interruption();
  await withStore(access, async (store) => {
    const job: Job = { store, access, expected: expectedTotals(await store.counts()), skipDamaged, online, signal };
    if (toPipe) return exportToPipe(job);
    return exportToFile(job, file, resume ? await findPoint(file, signal) : null);
  });
}

async function exportToPipe(job: Job): Promise<void> {
  const writer = new TransferWriter(outputPipe(job.signal));
  try {
    await writer.begin(headerOf(job), START);
    const exported = await run(job, writer, START);
    if (exported.checksum === null) throw new CliError('FAILED', 'interrupted: what was written is of no use; begin again');
    process.stderr.write(summary(job, writer, exported, 'the standard output'));
  } catch (error) {
    throw explained(error, PIPE, hasCode(error, 'DAMAGED') ? 'or leave out what cannot be read with --skip-damaged' : 'what was written is of no use: begin again');
  }
}

async function exportToFile(job: Job, file: string, point: ResumePoint | null): Promise<void> {
  if (point !== null) checkSame(job, file, point);
  const part = point === null ? await PartFile.create(file) : await PartFile.goOn(file, point);
  const { goOn, leaveOut, interrupted } = adviceFor(job, file);
  const writer = new TransferWriter((bytes) => part.write(bytes), point);
  let exported: Exported | null = null;
  try {
    if (point === null) await writer.begin(headerOf(job), START);
    exported = await run(job, writer, point?.position ?? START);
  } catch (error) {
    throw explained(error, part.path, hasCode(error, 'DAMAGED') ? leaveOut : goOn);
  } finally {
    await part.close(exported !== null && exported.checksum !== null);
  }
  if (exported.checksum === null) {
    throw new CliError('FAILED', `interrupted: ${countText(writer.totals.queues)} queues are in ${part.path}. ${interrupted} ${goOn}`);
  }
  process.stdout.write(summary(job, writer, exported, file));
}

/** How an export that ended early goes on. */
function adviceFor({ online }: Job, file: string): Readonly<Record<'goOn' | 'leaveOut' | 'interrupted', string>> {
  if (online) return { goOn: 'remove it, and begin again', leaveOut: 'or leave out what cannot be read with --skip-damaged', interrupted: 'It is of no use:' };
  return {
    goOn: `go on with: polyplex store export --resume ${file}`,
    leaveOut: `or leave out what cannot be read, by: polyplex store export --resume --skip-damaged ${file}`,
    interrupted: 'Do not start the relay;',
  };
}

function headerOf({ access, expected }: Job): Omit<Header, 'values'> {
  return { createdAt: unixSeconds(systemClock), engine: access.engine, program: VERSION, expected };
}

/** What was written before must fit what comes; counts show most of what a relay may have changed meanwhile. */
function checkSame({ access, expected }: Job, file: string, { header }: ResumePoint): void {
  const same = header.engine === access.engine && JSON.stringify(header.expected) === JSON.stringify(expected);
  if (!same) {
    throw new CliError('FAILED', `${file}.part was begun with another store, or with other data than there is now: remove it, and export without --resume`);
  }
}

async function run({ store, expected, skipDamaged, signal }: Job, writer: TransferWriter, from: Position): Promise<Exported> {
  const progress = new Progress('exporting');
  const all = sumOf(expected);
  const shown = (): void => {
    const { totals, bytes } = writer;
    progress.update({ done: doneOf(totals), bytes, share: all === 0 ? null : Math.min(1, sumOf(totals) / all) });
  };
  shown();
  try {
    return await exportStore(store, writer, { from, skipDamaged, signal, progress: shown });
  } finally {
    progress.end();
  }
}

export function sumOf({ services, queues, messages, notifications }: Totals): number {
  return services + queues + messages + notifications;
}

function summary({ access, online }: Job, { totals, bytes }: TransferWriter, { checksum, damaged }: Exported, where: string): string {
  return `Exported ${access.place} to ${where}

${rowsText([...totalRows(totals), ['Size', sizeText(bytes)], checksumRow(checksum!)])}
${damaged === 0 ? '' : `${countText(damaged)} queues or services could not be read and were LEFT OUT.\n\n`}It holds the secrets and messages of all queues: keep it as safe as the data itself.
${online ? ONLINE_NEXT : MOVING_NEXT}`;
}

const MOVING_NEXT = `Next: "polyplex store import", with the configuration of the relay that takes over. Do not start a relay on the old
data again: what it would receive then is not in the file.
`;
const ONLINE_NEXT = `Each queue is in it as it was when it was read. Should the Redis be lost: "polyplex store import" into an empty one.
`;
