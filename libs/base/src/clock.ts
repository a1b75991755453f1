/** Time as a dependency, so that expiry and timeouts are tested without waiting. */

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const DAY_SECONDS = 86_400;

export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number;
  /** Runs `task` once after `delayMs`; returns what cancels it. Never keeps the process alive. */
  after(delayMs: number, task: () => void): () => void;
  /** Runs `task` every `intervalMs`; returns what cancels it. Never keeps the process alive. */
  every(intervalMs: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    letGo(timer);
    return () => clearTimeout(timer);
  },
  every(intervalMs, task) {
    const timer = setInterval(task, intervalMs);
    letGo(timer);
    return () => clearInterval(timer);
  },
};

/** A browser's timer is a number and keeps nothing alive. */
function letGo(timer: NodeJS.Timeout | number): void {
  if (typeof timer !== 'number') timer.unref();
}

/** Whole seconds since 1970-01-01 UTC, as message timestamps count. */
export function unixSeconds(clock: Clock): number {
  return Math.floor(clock.now() / SECOND);
}

/** Start of the present UTC day in seconds: the precision at which a queue's last use is kept (SMP §5.1). */
export function unixDay(clock: Clock): number {
  const seconds = unixSeconds(clock);
  return seconds - (seconds % DAY_SECONDS);
}
