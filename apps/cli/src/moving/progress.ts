/** How far something long has come: one line that is written over on a terminal, else a line every few seconds. */
import { type Clock, SECOND, systemClock } from '@polyplex/base';

const REDRAW_MS = 200;
const LINE_MS = 5 * SECOND;
const BAR_WIDTH = 16;
const DEFAULT_COLUMNS = 80;
const CLEAR_LINE = '\r\x1b[2K';
/** Before this much is done, nobody can tell how long the rest takes. */
const LEAST_SHARE = 0.005;

/** The part of `process.stderr` that is needed. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface Sample {
  /** What was done, such as "12 queues". */
  readonly done: readonly string[];
  readonly bytes: number;
  /** How much of all is done, 0 to 1; null where nobody knows. */
  readonly share: number | null;
}

export class Progress {
  private readonly stream: ProgressStream;
  private readonly what: string;
  private readonly clock: Clock;
  private readonly startedAt: number;
  private first: Sample | null = null;
  private shownAt: number;
  private isShown = false;

  /** `what` is under way, such as "exporting". */
  constructor(what: string, stream: ProgressStream = process.stderr, clock: Clock = systemClock) {
    this.what = what;
    this.stream = stream;
    this.clock = clock;
    this.startedAt = this.shownAt = clock.now();
  }

  update(sample: Sample): void {
    this.first ??= sample;
    const now = this.clock.now();
    if (now - this.shownAt < (this.stream.isTTY === true ? REDRAW_MS : LINE_MS)) return;
    this.shownAt = now;
    const parts = this.parts(sample, (now - this.startedAt) / SECOND);
    if (this.stream.isTTY !== true) {
      this.stream.write(`${parts.join(', ')}\n`);
      return;
    }
    const line = [parts[0], bar(sample.share), ...parts.slice(1)].filter((part) => part !== '').join('  ');
    this.stream.write(CLEAR_LINE + line.slice(0, (this.stream.columns ?? DEFAULT_COLUMNS) - 1));
    this.isShown = true;
  }

  /** Makes room for what comes next. */
  end(): void {
    if (this.isShown) this.stream.write(CLEAR_LINE);
    this.isShown = false;
  }

  private parts({ done: counts, bytes, share }: Sample, seconds: number): string[] {
    const begun = this.first!;
    const perSecond = (bytes - begun.bytes) / Math.max(seconds, 0.001);
    const done = share === null ? 0 : share - (begun.share ?? 0);
    const left = share === null || done < LEAST_SHARE ? [] : [`${durationText((seconds / done) * (1 - share))} left`];
    return [
      this.what, ...(share === null ? [] : [`${Math.floor(share * 100)} %`]), ...left,
      ...counts, `${sizeText(perSecond)}/s`,
    ];
  }
}

function bar(share: number | null): string {
  if (share === null) return '';
  const full = Math.round(share * BAR_WIDTH);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}]`;
}

export function countText(count: number): string {
  return count.toLocaleString('en');
}

const SIZES = ['B', 'kB', 'MB', 'GB', 'TB'];

export function sizeText(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < SIZES.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(size) : size.toFixed(1)} ${SIZES[unit]!}`;
}

export function durationText(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
