/**
 * What a node counted up to a moment, and what lies between two such readings: growth of counters per second, and where the
 * observations of distributions lay.
 */
import type { CounterName, Latency } from '@polyplex/admin-api';
import { SECOND } from '@polyplex/base';
import { quantile } from '@polyplex/telemetry';

export type Counters = Readonly<Partial<Record<CounterName, number>>>;

/** The part of a `Histogram` that is needed. */
export interface Distribution {
  /** Ascending upper bounds, inclusive, in seconds. */
  readonly bounds: readonly number[];
  /** Observations by bucket, not added up; the last one is above all bounds. */
  readonly counts: ArrayLike<number>;
}

export interface Reading {
  /** Milliseconds of the clock. */
  readonly at: number;
  readonly counters: Counters;
  readonly distributions: ReadonlyMap<string, Distribution>;
}

/** One distribution of all; those of other bounds than the first are left out. Copies: the observed ones go on. */
export function merged(all: readonly Distribution[]): Distribution {
  const bounds = all[0]?.bounds ?? [];
  const counts = new Float64Array(bounds.length + 1);
  for (const each of all) {
    if (each.bounds.length !== bounds.length) continue;
    for (let i = 0; i < counts.length; i++) counts[i]! += each.counts[i] ?? 0;
  }
  return { bounds, counts };
}

/** Growth of each counter per second; none for readings of one moment. A counter that was not there before grew from 0. */
export function rates(now: Reading, before: Reading): Counters {
  const seconds = (now.at - before.at) / SECOND;
  if (seconds <= 0) return {};
  const names = Object.keys(now.counters) as CounterName[];
  return Object.fromEntries(names.map((name) => [name, Math.max(0, (now.counters[name] ?? 0) - (before.counters[name] ?? 0)) / seconds]));
}

/** Where the observations since `before` lay; null for a distribution that is not known. */
export function latency(name: string, now: Reading, before: Reading | null): Latency | null {
  const { bounds, counts } = now.distributions.get(name) ?? {};
  if (bounds === undefined || counts === undefined) return null;
  const base = before?.distributions.get(name)?.counts ?? null;
  const below = (share: number): number | null => quantile(bounds, counts, base, share);
  let count = 0;
  for (let i = 0; i < counts.length; i++) count += counts[i]! - (base?.[i] ?? 0);
  return { count, p50: below(0.5), p95: below(0.95), p99: below(0.99) };
}
