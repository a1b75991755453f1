/** Many runs: how many different ones there were, and the first that went wrong. */
import { type Parts, REAL_PARTS, Violation } from './parts.ts';
import { runSeed } from './random-run.ts';

export interface Found {
  readonly seed: number;
  readonly what: string;
  readonly trace: readonly string[];
}

export interface Explored {
  readonly runs: number;
  /** Runs that chose differently from all others. */
  readonly distinct: number;
  readonly found: Found | null;
}

/** Runs seeds from `first` on, `count` of them or until one goes wrong. */
export function explore(first: number, count: number, parts: Parts = REAL_PARTS): Explored {
  const fingerprints = new Set<number>();
  for (let runs = 1; runs <= count; runs++) {
    const seed = first + runs - 1;
    try {
      fingerprints.add(runSeed(seed, parts));
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      return { runs, distinct: fingerprints.size + 1, found: replay(seed, parts) };
    }
  }
  return { runs: count, distinct: fingerprints.size, found: null };
}

/** The same run again, with what happens in it. */
export function replay(seed: number, parts: Parts = REAL_PARTS): Found {
  const trace: string[] = [];
  try {
    runSeed(seed, parts, trace);
  } catch (error) {
    if (error instanceof Violation) return { seed, what: error.message, trace };
    throw error;
  }
  return { seed, what: 'nothing went wrong', trace };
}

/** For the message of a test. */
export function report({ seed, what, trace }: Found): string {
  return [`seed ${String(seed)}: ${what}`, ...trace].join('\n  ');
}
