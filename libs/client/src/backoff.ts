/** How long to wait before trying again: growing, bounded, and spread so that clients of a restarted relay do not come back at once. */
import { SECOND } from '@polyplex/base';

export interface BackoffOptions {
  /** Default 1 s. */
  readonly initialMs: number;
  /** Default 10 s. */
  readonly maxMs: number;
  /** Default 1.5. */
  readonly factor: number;
  /** Part of each wait that is random, 0 to 1; default 0.5. */
  readonly jitter: number;
}

export const DEFAULT_BACKOFF: BackoffOptions = { initialMs: SECOND, maxMs: 10 * SECOND, factor: 1.5, jitter: 0.5 };

/** `attempt` counts from 0; `random` is in [0, 1). */
export function backoffMs({ initialMs, maxMs, factor, jitter }: BackoffOptions, attempt: number, random: number): number {
  const full = Math.min(maxMs, initialMs * factor ** attempt);
  return Math.round(full * (1 - jitter * random));
}
