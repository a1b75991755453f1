/** What a random step is: a name, some numbers that choose its arguments, and what it does. */
import type { Run } from './run.ts';

export interface Input {
  /** Which queue, connection or whatever else there are many of. */
  readonly a: number;
  readonly b: number;
  /** One of four. */
  readonly c: number;
  readonly x: boolean;
  readonly y: boolean;
  /** By an older record. */
  readonly old: boolean;
}

export type Step = (run: Run, input: Input) => void | Promise<void>;
export type Steps = Readonly<Record<string, Step>>;
