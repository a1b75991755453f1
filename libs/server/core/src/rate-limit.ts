/**
 * Counts events in fixed windows, which begin at the same time in every process; in memory only. Where several nodes are
 * one relay, each is told what the others have counted. A key is never logged or exported (design: abuse limits).
 */
import type { Clock } from '@polyplex/base';

const MAX_KEYS = 100_000;

export class RateLimit<K> {
  private readonly counts = new Map<K, number>();
  private others: ReadonlyMap<K, number> = new Map();
  private start = 0;
  private readonly clock: Clock;
  private readonly limit: number;
  private readonly windowMs: number;

  /** At most `limit` events a key in a window; 0 means no limit. */
  constructor(clock: Clock, limit: number, windowMs: number) {
    this.clock = clock;
    this.limit = limit;
    this.windowMs = windowMs;
  }

  /** Counts one event; false when it is over the limit. */
  take(key: K): boolean {
    if (this.limit === 0) return true;
    this.turn();
    const count = this.counts.get(key) ?? 0;
    // A flood of distinct keys must not grow the map: beyond its size, new keys wait for the next window.
    if (count + (this.others.get(key) ?? 0) >= this.limit || (count === 0 && this.counts.size >= MAX_KEYS)) return false;
    this.counts.set(key, count + 1);
    return true;
  }

  /** The start of the present window. */
  get windowStart(): number {
    this.turn();
    return this.start;
  }

  /** The `most` keys with the highest counts, from `least` up: what others have to know. */
  highest(most: number, least: number): ReadonlyMap<K, number> {
    this.turn();
    const counts = [...this.counts].filter(([, count]) => count >= least);
    return new Map(counts.length <= most ? counts : counts.toSorted(([, a], [, b]) => b - a).slice(0, most));
  }

  /** What other nodes have counted in this window. */
  learn(windowStart: number, others: ReadonlyMap<K, number>): void {
    if (windowStart === this.windowStart) this.others = others;
  }

  private turn(): void {
    const now = this.clock.now();
    if (now - this.start < this.windowMs) return;
    this.start = now - (now % this.windowMs);
    this.counts.clear();
    this.others = new Map();
  }
}
