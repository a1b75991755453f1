/** A clock that stands still until a test moves it. Timers fall due in the order of their times. */
import type { Clock } from '@polyplex/base';

export interface FakeClock extends Clock {
  /** Moves time forward, running every timer that falls due on the way, those set meanwhile included. */
  advance(ms: number): void;
  /** Timers that are set; 0 when everything was cancelled or has run. */
  readonly pending: number;
}

interface Timer {
  at: number;
  readonly order: number;
  readonly everyMs: number | null;
  readonly task: () => void;
}

/** 2023-11-14T22:13:20Z, the time of the worked example in SMP §11.2. */
export const FAKE_START_MS = 1_700_000_000_000;

export function createFakeClock(startMs = FAKE_START_MS): FakeClock {
  const timers = new Set<Timer>();
  let now = startMs;
  let order = 0;

  function set(delayMs: number, everyMs: number | null, task: () => void): () => void {
    const timer: Timer = { at: now + Math.max(0, delayMs), order: order++, everyMs, task };
    timers.add(timer);
    return () => timers.delete(timer);
  }

  function nextDue(until: number): Timer | null {
    let next: Timer | null = null;
    for (const timer of timers) {
      const isSooner = next === null || timer.at < next.at || (timer.at === next.at && timer.order < next.order);
      if (timer.at <= until && isSooner) next = timer;
    }
    return next;
  }

  return {
    now: () => now,
    after: (delayMs, task) => set(delayMs, null, task),
    every: (intervalMs, task) => set(intervalMs, Math.max(1, intervalMs), task),
    advance(ms) {
      const until = now + ms;
      for (let timer = nextDue(until); timer !== null; timer = nextDue(until)) {
        now = Math.max(now, timer.at);
        if (timer.everyMs === null) timers.delete(timer);
        else timer.at += timer.everyMs;
        timer.task();
      }
      now = until;
    },
    get pending() {
      return timers.size;
    },
  };
}
