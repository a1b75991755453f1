/** Distributions that cost a search in a few bounds; a metrics endpoint reads them when asked. */
import { SECOND } from '@polyplex/base';

/** Seconds, for what a server does: from a tenth of a millisecond to half a minute. */
export const LATENCY_BOUNDS: readonly number[] = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export class Histogram {
  /** Ascending upper bounds, inclusive. */
  readonly bounds: readonly number[];
  /** Observations by bucket, not added up; the last one is above all bounds. */
  readonly counts: Float64Array;
  sum = 0;
  count = 0;

  constructor(bounds: readonly number[] = LATENCY_BOUNDS) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const { bounds } = this;
    let low = 0;
    let high = bounds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (value > bounds[middle]!) low = middle + 1;
      else high = middle;
    }
    this.counts[low]!++;
    this.sum += value;
    this.count++;
  }
}

/** What `work` answers or throws; its time is observed in either case, in seconds. */
export async function timed<T>(histogram: Histogram, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  try {
    return await work();
  } finally {
    histogram.observe((performance.now() - began) / SECOND);
  }
}

/** Histograms by label value. Label values come from closed sets, never from input. */
export class HistogramFamily<L extends string = string> {
  readonly values = new Map<L, Histogram>();
  private readonly bounds: readonly number[];

  constructor(bounds: readonly number[] = LATENCY_BOUNDS) {
    this.bounds = bounds;
  }

  of(label: L): Histogram {
    let found = this.values.get(label);
    if (found === undefined) this.values.set(label, (found = new Histogram(this.bounds)));
    return found;
  }
}

/**
 * The value below which this share of the observations was, between two readings of `counts`; null without any. Within a
 * bucket values count as spread evenly; above the last bound it is the last bound.
 */
export function quantile(bounds: readonly number[], now: ArrayLike<number>, before: ArrayLike<number> | null, share: number): number | null {
  const counts = Array.from(now, (count, i) => count - (before?.[i] ?? 0));
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all <= 0) return null;
  let left = share * all;
  for (const [i, high] of bounds.entries()) {
    const here = counts[i]!;
    if (here > 0 && left <= here) return between(bounds[i - 1] ?? 0, high, left / here);
    left -= here;
  }
  return bounds.at(-1) ?? null;
}

const between = (low: number, high: number, share: number): number => low + (high - low) * share;
