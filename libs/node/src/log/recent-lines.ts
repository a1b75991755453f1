/** The latest warnings and errors, for whoever asks a running server: a line for each message, with how often it came. */
import type { RecentLine } from '@polyplex/telemetry';

/** Messages are constants of the program, and there are a few dozen; more cannot grow the list. */
const MAX_LINES = 50;

export class RecentLines {
  /** In the order of their last times. */
  private readonly lines = new Map<string, RecentLine>();

  note(level: RecentLine['level'], message: string, nowMs: number): void {
    const key = `${level} ${message}`;
    const count = (this.lines.get(key)?.count ?? 0) + 1;
    this.lines.delete(key);
    this.lines.set(key, { at: new Date(nowMs).toISOString(), level, message, count });
    for (const [oldest] of this.lines) {
      if (this.lines.size <= MAX_LINES) break;
      this.lines.delete(oldest);
    }
  }

  /** Oldest first. */
  all(): readonly RecentLine[] {
    return [...this.lines.values()];
  }
}
