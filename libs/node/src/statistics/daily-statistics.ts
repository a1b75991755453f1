/**
 * Statistics of a day (SMP §9.4, §9.6; XFTP §7.3): at 00:00 UTC a line of CSV, and counters that outlive the process.
 *
 * A server's counters run since its start; those of the day are what they grew by since the day began, and what the
 * process before had counted. A day that ended while nothing ran gets its line at the next start. The line comes before
 * the state of the new day, and a line of a day that has one already is not written again: a crash between the two
 * changes nothing.
 */
import { join } from 'node:path';
import { type Clock, DAY, errorText, HOUR, MINUTE } from '@polyplex/base';
import type { ActiveCounts, Logger } from '@polyplex/telemetry';
import { appendTo, readIfThere, replaceFile } from './durable-files.ts';
import { readStatistics, type StatisticsLines, writeStatistics } from './statistics-file.ts';

export type NumbersByName = Readonly<Record<string, number>>;

/** What a server has to tell, under the reference's names; those within a block of the state file are `block.name`. */
export interface StatisticsSource {
  /** Counters since the start of the process: whole numbers that only grow. */
  counters(): NumbersByName;
  /** What is there now, such as how many queues; rejects where it is not known. */
  gauges(): Promise<NumbersByName>;
  /** What was in use, by name: `activeQueues`. */
  readonly active: Readonly<Record<string, ActiveCounts>>;
  /** Counters that a new day does not set to 0. */
  readonly lasting?: readonly string[];
  /**
   * Columns after the date: names of counters or gauges, `activeQueues.day`, `.week` or `.month`, or 0 for one that has
   * no meaning any more. What is not known is empty.
   */
  readonly columns: readonly (string | 0)[];
  /** The lines of the state file, in order: names of counters or gauges; any other name is a line without value. */
  readonly lines: readonly string[];
}

export interface DailyStatisticsOptions {
  /** Made when missing. */
  readonly folder: string;
  /** What the files are called: `smp` makes `smp-statistics.txt` and `smp-daily.csv`. */
  readonly name: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly source: StatisticsSource;
}

export interface DailyStatistics {
  /** When the counting of the present day began. */
  readonly from: Date;
  /** Counters of the present day. */
  counters(): NumbersByName;
  /** Writes the state; rejects where that fails. */
  save(): Promise<void>;
  /** Writes the state and ends the work of the clock. Rejects where the state cannot be written. */
  close(): Promise<void>;
}

/** What is lost at most when the process is killed. */
const SAVE_INTERVAL_MS = 5 * MINUTE;
/** However far away midnight is: clocks are set, and machines sleep. */
const LONGEST_WAIT_MS = HOUR;

/** Goes on where the process before ended. Rejects where the files cannot be read or written. */
export async function openDailyStatistics(options: DailyStatisticsOptions): Promise<DailyStatistics> {
  const statistics = new Days(options);
  await statistics.open();
  return statistics;
}

const dateOf = (time: Date): string => time.toISOString().slice(0, 10);

class Days implements DailyStatistics {
  from: Date;
  private base: Record<string, number> = {};
  private cancel: (() => void)[] = [];
  private work: Promise<void> = Promise.resolve();
  private readonly statePath: string;
  private readonly linesPath: string;
  private readonly options: DailyStatisticsOptions;

  constructor(options: DailyStatisticsOptions) {
    this.options = options;
    this.from = new Date(options.clock.now());
    this.statePath = join(options.folder, `${options.name}-statistics.txt`);
    this.linesPath = join(options.folder, `${options.name}-daily.csv`);
  }

  async open(): Promise<void> {
    const text = await readIfThere(this.statePath);
    if (text !== null) this.restore(readStatistics(text));
    await this.save();
    this.wait();
    const save = (): void => void this.save().catch((error: unknown) => this.failed(error));
    this.cancel.push(this.options.clock.every(SAVE_INTERVAL_MS, save));
  }

  private restore(lines: StatisticsLines): void {
    const { source } = this.options;
    const from = new Date(lines.get('fromTime') ?? NaN);
    if (!Number.isNaN(from.getTime()) && from.getTime() <= this.options.clock.now()) this.from = from;
    for (const [name, now] of Object.entries(source.counters())) {
      const saved = lines.get(name) ?? '';
      if (/^\d{1,15}$/.test(saved)) this.base[name] = now - Number(saved);
    }
    for (const [name, active] of Object.entries(source.active)) active.restore(lines.block(sketchOf(name)));
  }

  counters(): NumbersByName {
    const { base } = this;
    return Object.fromEntries(Object.entries(this.options.source.counters()).map(([name, value]) => [name, value - (base[name] ?? 0)]));
  }

  save(): Promise<void> {
    return this.inTurn(async () => {
      await this.endDay();
      await this.write();
    });
  }

  async close(): Promise<void> {
    for (const cancel of this.cancel.splice(0)) cancel();
    await this.save();
  }

  /** One after another: files have one writer. */
  private inTurn(task: () => Promise<void>): Promise<void> {
    const done = this.work.then(task);
    this.work = done.catch(() => undefined);
    return done;
  }

  private wait(): void {
    const { clock } = this.options;
    const untilMidnight = DAY - (clock.now() % DAY);
    const cancel = clock.after(Math.min(untilMidnight, LONGEST_WAIT_MS), () => {
      this.cancel = this.cancel.filter((other) => other !== cancel);
      this.wait();
      this.turn().catch((error: unknown) => this.failed(error));
    });
    this.cancel.push(cancel);
  }

  private failed(error: unknown): void {
    this.options.log.error('statistics cannot be written', { error: errorText(error) });
  }

  private turn(): Promise<void> {
    return this.inTurn(async () => {
      if (await this.endDay()) await this.write();
    });
  }

  /** Writes the line of the day that is over, and begins the next; false while it is not over. */
  private async endDay(): Promise<boolean> {
    const now = new Date(this.options.clock.now());
    if (dateOf(now) <= dateOf(this.from)) return false;
    const day = this.counters();
    const total = this.options.source.counters();
    const { lasting = [] } = this.options.source;
    await this.appendLine(day);
    for (const [name, value] of Object.entries(total)) {
      // What was counted while the line was written is of the new day.
      if (!lasting.includes(name)) this.base[name] = value;
    }
    this.from = now;
    return true;
  }

  private async appendLine(counters: NumbersByName): Promise<void> {
    const date = dateOf(this.from);
    const { source } = this.options;
    const values: Record<string, number | null> = { ...(await this.gauges()), ...counters };
    for (const [name, { ended }] of Object.entries(source.active)) {
      for (const period of ['day', 'week', 'month'] as const) values[`${name}.${period}`] = ended[period];
    }
    const columns = source.columns.map((column) => (column === 0 ? '0' : String(values[column] ?? '')));
    const before = (await readIfThere(this.linesPath)) ?? '';
    if (before.trimEnd().split('\n').at(-1)?.startsWith(`${date},`) === true) return;
    await appendTo(this.linesPath, `${[date, ...columns].join(',')}\n`);
  }

  private async write(): Promise<void> {
    const { source } = this.options;
    const values: NumbersByName = { ...(await this.gauges()), ...this.counters() };
    const lines = source.lines.map((name) => [name, String(values[name] ?? '')] as const);
    const sketches = Object.entries(source.active).flatMap(([name, active]) =>
      Object.entries(active.save()).map(([line, value]) => [`${sketchOf(name)}.${line}`, value] as const),
    );
    await replaceFile(this.statePath, writeStatistics([['fromTime', this.from.toISOString()], ...lines, ...sketches]));
  }

  /** Empty where the store does not answer: the counters are worth writing all the same. */
  private async gauges(): Promise<NumbersByName> {
    return this.options.source.gauges().catch(() => ({}));
  }
}

/** The block of our own that holds a sketch. The reference's lists of hashes are of no use to anybody else. */
function sketchOf(name: string): string {
  return `polyplex-${name}`;
}
