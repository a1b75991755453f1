/** Counts events in fixed windows; in memory only. A key is never logged or exported (design: abuse limits). */
import type { Clock } from '@polyplex/base';

const MAX_KEYS = 100_000;

export class RateLimit<K> {
  private readonly counts = new Map<K, number>();
  private windowStart = 0;
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
    const now = this.clock.now();
    if (now - this.windowStart >= this.windowMs) {
      this.windowStart = now;
      this.counts.clear();
    }
    const count = this.counts.get(key) ?? 0;
    // A flood of distinct keys must not grow the map: beyond its size, new keys wait for the next window.
    if (count >= this.limit || (count === 0 && this.counts.size >= MAX_KEYS)) return false;
    this.counts.set(key, count + 1);
    return true;
  }
}
