/** What an operator may do to a running log, and see of it. */
import type { LogLevel } from './logger.ts';

export interface RecentLine {
  /** ISO 8601, of the last time. */
  readonly at: string;
  readonly level: 'warn' | 'error';
  readonly message: string;
  readonly count: number;
}

export interface LogControl {
  readonly level: LogLevel;
  setLevel(level: LogLevel): void;
  /** The latest warnings and errors, a line each, oldest first; a bounded number. */
  recent(): readonly RecentLine[];
}
