/** What a simulated cluster is made of, and what stands for whom. */
import { Claims } from '../../src/claims.ts';
import { SCRIPT_RULES, type ScriptRules } from './model-queue.ts';

/** Something that the protocol must never do, or must have done by now. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** The parts that mutants replace. */
export interface Parts {
  readonly makeClaims: () => Claims;
  readonly scripts: ScriptRules;
  /** Whether a look at what is subscribed wakes whoever has messages waiting. */
  readonly lookWakes: boolean;
  /** Whether a look believes Redis that a claim ended. */
  readonly lookEnds: boolean;
  /** Whether a session that hears an end while its next SUB is under way asks whose end it was. */
  readonly serverAsks: boolean;
  /** Whether a look that found claims under way is followed by another. */
  readonly looksAgain: boolean;
}

export const REAL_PARTS: Parts = {
  makeClaims: () => new Claims(), scripts: SCRIPT_RULES, lookWakes: true, lookEnds: true, serverAsks: true, looksAgain: true,
};

export interface Shape {
  readonly nodes: number;
  readonly queues: number;
  readonly quota: number;
  /** Words that an inbox holds. */
  readonly inboxCapacity: number;
  /** How many commands, posts and reads may fail. */
  readonly faults: number;
  /** A failover throws away claims only; else anything. */
  readonly keepsContent: boolean;
}

/** Stand for claimants: of a queue that is gone, and where it cannot be said. */
export const DELETED = -1;
export const UNSURE = -2;
