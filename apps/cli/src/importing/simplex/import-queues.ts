/** Queues, messages and notifications of the old relay into the store that the configuration names. */
import { SECOND, systemClock, unixSeconds } from '@polyplex/base';
import { NodeError } from '@polyplex/node';
import type { QueueStore } from '@polyplex/store-contract';
import { checkQueues, type FoundQueue, importQueues, OldServerError, type QueueOutcome, type QueueRules, verifyQueues } from '@polyplex/store-transfer';
import { type ConfigFlags, loadSettings } from '../../config-options.ts';
import { explained } from '../../moving/failures.ts';
import { countText, Progress, sizeText } from '../../moving/progress.ts';
import { storeAccess, withStore } from '../../moving/store-access.ts';
import { type Row, rowsText } from '../../moving/summary.ts';
import { CliError } from '../../report-failure.ts';
import type { OldFiles } from './old-files.ts';
import { type OpenedServer, openOldServer } from './open-old-server.ts';
import { linesText, type QueueCount, QueueTally } from './queue-tally.ts';

export interface QueuesImport {
  readonly files: OldFiles;
  readonly check: boolean;
  readonly verify: boolean;
  readonly skipBad: boolean;
  readonly flags: ConfigFlags;
  readonly signal: AbortSignal;
}

interface Job extends QueuesImport {
  readonly old: OpenedServer;
  readonly rules: QueueRules;
}

const AGAIN = 'run the same command again: what is there already is passed over';
const DAY_SECONDS = 86_400;
/** Of a queue in the reference. */
const OLD_QUOTA = 128;
/** What a record takes in a store, and what goes with it, roughly. */
const QUEUE_BYTES = 1024;

/** Rejects with `CliError` FAILED also when something was not imported. */
export async function importOldQueues(given: QueuesImport): Promise<void> {
  const access = storeAccess(given.flags);
  // A store in use is told at once, but none is made for a log that cannot be read.
  if (!given.check && access.exists) await withStore(access, () => Promise.resolve());
  const old = await openOldServer(given.files, given.signal);
  try {
    const job: Job = { ...given, old, rules: rulesOf(given.flags) };
    if (given.check) await checkAll(job);
    else await withStore(access, (store) => importInto(store, access.place, job));
  } finally {
    await old.close();
  }
}

function rulesOf(flags: ConfigFlags): QueueRules {
  const { messages, notifications } = loadSettings({ ...flags, only: 'smp' }).values;
  const now = unixSeconds(systemClock);
  return {
    quota: Math.max(OLD_QUOTA, messages.quota),
    messagesFrom: now - Math.floor(messages.expireAfter / SECOND),
    notificationsFrom: now - Math.floor(notifications.expireAfter / SECOND),
    usedDay: now - (now % DAY_SECONDS),
  };
}

async function checkAll(job: Job): Promise<void> {
  const tally = await walk('checking', job, (options) => checkQueues(job.old.server, options));
  const right = tally.of('right');
  const { queues } = job.old.server;
  const rows: Row[] = [
    ['Queues', `${countText(right.queues)} can be imported, ${countText(queues.notifierCount)} with a notifier, ${countText(queues.linkCount)} with link data`],
    ['Messages', `${countText(right.messages)} (${sizeText(tally.bytes)})`],
    ['Notifications', countText(right.notifications)],
    ['Services', countText(queues.allServices().length)],
  ];
  process.stdout.write(`Checked ${job.files.log}; nothing was changed\n\n${summaryText(job, tally, rows)}`);
  endBadly(job, tally, 'cannot be imported');
}

async function importInto(store: QueueStore, place: string, job: Job): Promise<void> {
  await checkRoom(store, job);
  const tally = await walk<QueueOutcome>('importing', job, (options, found) => importQueues(store, job.old.server, { ...options, onService: (outcome) => void found.services[outcome]++ }));
  const [written, present] = [tally.of('written'), tally.of('present')];
  const row = (name: string, of: keyof QueueCount): Row => [name, `${countText(written[of])} written, ${countText(present[of])} there already`];
  const rows = [
    row('Queues', 'queues'), ['Messages', `${countText(written.messages)} written`] as const, ['Notifications', `${countText(written.notifications)} written`] as const,
    ['Services', `${countText(tally.services.written)} written, ${countText(tally.services.present)} there already`] as const,
  ];
  process.stdout.write(`Imported ${job.files.log} into ${place}\n\n${summaryText(job, tally, rows)}`);
  if (job.verify) await verify(store, job, tally);
  endBadly(job, tally, 'were NOT imported');
}

/** Before anything is written, as far as an empty store can tell. */
async function checkRoom(store: QueueStore, { old: { server } }: Job): Promise<void> {
  const [room, { queues }] = await Promise.all([store.room(), store.counts()]);
  const needed = server.queues.queueCount * QUEUE_BYTES;
  if (room === null || queues > 0 || needed <= room) return;
  throw new NodeError('STORAGE', `the queues alone need ${sizeText(needed)}, and there is room for ${sizeText(room)}: make room, or name another place (storage.dataDir, or Redis); nothing was changed`);
}

async function verify(store: QueueStore, job: Job, { collisions }: QueueTally): Promise<void> {
  const { old: { server }, rules, signal } = job;
  const progress = new Progress('verifying');
  const all = server.queues.queueCount;
  let found: Awaited<ReturnType<typeof verifyQueues>>;
  try {
    found = await verifyQueues(store, server, {
      rules, signal, progress: (compared) => progress.update({ done: [`${countText(compared)} of ${countText(all)} queues`], bytes: 0, share: all === 0 ? null : compared / all }),
    });
  } catch (error) {
    throw failure(error, job);
  } finally {
    progress.end();
  }
  if (found === null) throw new CliError('FAILED', 'interrupted while verifying');
  const { right, different, absent, absentServices } = found;
  process.stdout.write(`Verified: ${countText(right.queues)} queues with ${countText(right.messages)} messages and ${countText(right.notifications)} notifications, and ${countText(right.services)} services, are in the store as in the files\n\n`);
  const wrong = different.count + absent.count + absentServices;
  if (wrong <= collisions) return;
  const rows: Row[] = [
    ...(different.count === 0 ? [] : [['Otherwise', `${countText(different.count)} queues (${linesText(different.count, different.lines)} of the log)`] as const]),
    ...(absent.count === 0 ? [] : [['Missing', `${countText(absent.count)} queues (${linesText(absent.count, absent.lines)} of the log)`] as const]),
    ...(absentServices === 0 ? [] : [['Missing', `${countText(absentServices)} services`] as const]),
  ];
  process.stdout.write(rowsText(rows));
  throw new CliError('FAILED', `${countText(wrong)} queues or services are NOT in the store as they were in the files: if a relay has run on it, that is why; if not, ${AGAIN}`);
}

interface Options<T> {
  readonly rules: QueueRules;
  readonly signal: AbortSignal;
  readonly onBadEntry: OpenedServer['onBadEntry'];
  readonly onQueue: (found: FoundQueue, outcome: T) => void;
}

async function walk<T extends QueueOutcome | 'right'>(what: string, job: Job, task: (options: Options<T>, tally: QueueTally) => Promise<void>): Promise<QueueTally> {
  const { old, rules, signal } = job;
  const [tally, progress] = [new QueueTally(), new Progress(what)];
  const all = old.server.queues.queueCount;
  const shown = (): void => progress.update({ done: [`${countText(tally.queues)} of ${countText(all)} queues`], bytes: tally.bytes, share: all === 0 ? null : tally.queues / all });
  shown();
  try {
    await task({
      rules, signal, onBadEntry: old.onBadEntry,
      onQueue: (found, outcome) => {
        tally.add(found, outcome);
        shown();
      },
    }, tally);
    if (tally.queues === all) old.checkUnchanged();
  } catch (error) {
    throw failure(error, job);
  } finally {
    progress.end();
  }
  for (const lines of Object.values(old.badLines)) lines.tell();
  if (signal.aborted && tally.queues < all) throw new CliError('FAILED', what === 'importing' ? `interrupted: ${countText(tally.of('written').queues + tally.of('present').queues)} queues are in the store; ${AGAIN}` : `interrupted while ${what}`);
  return tally;
}

function failure(error: unknown, { files }: Job): unknown {
  if (error instanceof OldServerError) return new CliError('FAILED', `${files.log} or a file beside it was written to while it was read: stop the old server first`, { cause: error });
  return explained(error, files.log, AGAIN);
}

function summaryText({ old: { lines, badLines } }: Job, tally: QueueTally, rows: readonly Row[]): string {
  const { log, messages, notifications } = badLines;
  const wrong = messages.bad + notifications.bad;
  return `${rowsText([
    ['Log', `${countText(lines)} lines${log.bad === 0 ? '' : `, ${countText(log.bad)} of them wrong`}`], ...rows, ...tally.otherRows(),
    ...(wrong === 0 ? [] : [['Wrong', `${countText(messages.bad)} lines of messages, ${countText(notifications.bad)} of notifications; passed over`] as const]),
  ])}\n`;
}

function endBadly({ old: { badLines }, skipBad }: Job, tally: QueueTally, what: string): void {
  const lost = badLines.messages.losing + badLines.notifications.losing;
  const parts = [
    ...(tally.collisions === 0 ? [] : [`${countText(tally.collisions)} queues or services`]),
    ...(badLines.log.losing === 0 ? [] : [`${countText(badLines.log.losing)} wrong lines of the log`]),
    ...(lost === 0 ? [] : [`${countText(lost)} messages or notifications`]),
  ];
  if (parts.length === 0 || skipBad) return;
  throw new CliError('FAILED', `${parts.join(' and ')} ${what}; everything else is fine. Where that is all there is, --skip-bad ends this with success`);
}
