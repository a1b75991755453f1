/**
 * How many different things were in use today, this week (from Monday) and this month, by UTC. Of ids only salted hashes
 * go into sketches, from which nobody can list them.
 */
import { type Clock, DAY, fromBase64Url, toBase64Url } from '@polyplex/base';
import { DistinctCount } from './distinct-count.ts';

export interface PeriodCounts {
  readonly day: number;
  /** Null where no week ended. */
  readonly week: number | null;
  readonly month: number | null;
}

const PERIODS = ['day', 'week', 'month'] as const;
type Period = (typeof PERIODS)[number];

/** 1970-01-01 was a Thursday. */
const DAYS_BEFORE_FIRST_MONDAY = 4;

export const SALT_BYTES = 8;

/** The start of a period, in days since 1970. */
function startOf(period: Period, now: number): number {
  const day = Math.floor(now / DAY);
  if (period === 'day') return day;
  if (period === 'week') return day - ((((day - DAYS_BEFORE_FIRST_MONDAY) % 7) + 7) % 7);
  return day - new Date(now).getUTCDate() + 1;
}

/** A mixing of bits in which each of them counts. */
function mixed(bits: number): number {
  let hash = bits ^ (bits >>> 16);
  hash = Math.imul(hash, 0x7feb352d);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x846ca68b);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

export class ActiveCounts {
  private readonly counts: Readonly<Record<Period, DistinctCount>> = { day: new DistinctCount(), week: new DistinctCount(), month: new DistinctCount() };
  private readonly starts: Record<Period, number> = { day: 0, week: 0, month: 0 };
  private salt: Uint8Array;
  private dayEnds = 0;
  private last: PeriodCounts = { day: 0, week: null, month: null };
  private readonly clock: Clock;

  /** `salt`: 8 random bytes. */
  constructor(clock: Clock, salt: Uint8Array) {
    this.clock = clock;
    this.salt = salt;
    this.begin(clock.now());
  }

  /** `id`: 8 bytes or more, of which the first are as good as random. */
  add(id: Uint8Array): void {
    this.turn();
    const high = mixed(wordAt(id, 0) ^ wordAt(this.salt, 0));
    const low = mixed(wordAt(id, 4) ^ wordAt(this.salt, 4) ^ high);
    this.counts.day.add(high, low);
    this.counts.week.add(high, low);
    this.counts.month.add(high, low);
  }

  get day(): number {
    return this.present('day');
  }

  get week(): number {
    return this.present('week');
  }

  get month(): number {
    return this.present('month');
  }

  /** Of the last day that ended, with the week and the month that ended with it. */
  get ended(): PeriodCounts {
    this.turn();
    return this.last;
  }

  private present(period: Period): number {
    this.turn();
    return this.counts[period].count;
  }

  /** Lines for a file, for `restore`. */
  save(): Readonly<Record<string, string>> {
    this.turn();
    const lines: Record<string, string> = { salt: toBase64Url(this.salt) };
    for (const period of PERIODS) {
      lines[`${period}Start`] = String(this.starts[period]);
      lines[period] = toBase64Url(this.counts[period].save());
    }
    return lines;
  }

  /** Goes on from what was saved; periods that ended since are in `ended`. Lines that are not from `save` are left out. */
  restore(lines: Readonly<Record<string, string | undefined>>): void {
    const salt = fromBase64Url(lines.salt ?? '');
    if (salt?.length !== SALT_BYTES) return;
    this.salt = salt;
    for (const period of PERIODS) {
      const saved = fromBase64Url(lines[period] ?? '');
      const start = Number(lines[`${period}Start`] ?? NaN);
      this.counts[period].clear();
      if (saved !== null && Number.isSafeInteger(start) && this.counts[period].restore(saved)) this.starts[period] = start;
    }
    this.dayEnds = 0;
    this.turn();
  }

  private begin(now: number): void {
    for (const period of PERIODS) this.starts[period] = startOf(period, now);
    this.dayEnds = (this.starts.day + 1) * DAY;
  }

  private turn(): void {
    const now = this.clock.now();
    if (now < this.dayEnds) return;
    const over = (period: Period): number | null => {
      if (this.starts[period] === startOf(period, now)) return null;
      const { count } = this.counts[period];
      this.counts[period].clear();
      return count;
    };
    const [day, week, month] = [over('day'), over('week'), over('month')];
    if (day !== null) this.last = { day, week, month };
    this.begin(now);
  }
}
