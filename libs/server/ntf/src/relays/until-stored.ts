/** Steps of the store that must happen: repeated, with growing waits, until they do or nobody wants them any more. */
import type { Clock } from '@polyplex/base';
import { backoffMs, DEFAULT_BACKOFF } from '@polyplex/client';

export interface Insistence {
  readonly clock: Clock;
  readonly random: () => number;
  /** Told of each failure. Also what no store should reject with is one: there is no better answer to it than to go on. */
  readonly failed: (error: unknown) => void;
  readonly wanted: () => boolean;
}

/** Null when it is not wanted any more. Never rejects. */
export async function untilStored<T>(step: () => Promise<T>, { clock, random, failed, wanted }: Insistence): Promise<T | null> {
  for (let attempt = 0; wanted(); attempt++) {
    try {
      return await step();
    } catch (error) {
      failed(error);
    }
    await new Promise<void>((resolve) => clock.after(backoffMs(DEFAULT_BACKOFF, attempt, random()), resolve));
  }
  return null;
}
