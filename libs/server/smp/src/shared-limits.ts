/** Limits over all nodes of a relay: each tells the others what it has counted, and counts theirs with its own. */
import { type Clock, SECOND } from '@polyplex/base';
import type { RateLimit } from '@polyplex/server-core';
import type { SharedCounts } from '@polyplex/store-contract';
import type { Logger } from '@polyplex/telemetry';

/** How far behind the others' counts may be. */
const EXCHANGE_MS = SECOND;
const MOST_KEYS = 1000;
/** A client with fewer events is of no interest to others. */
const LEAST_EVENTS = 10;

export interface SharedLimits {
  readonly shared: SharedCounts;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: Readonly<Record<string, RateLimit<string>>>;
}

/** Answers what stops it. While the store does not answer, each node goes by its own counts. */
export function shareLimits({ shared, clock, log, limits }: SharedLimits): () => void {
  let running = false;
  let failing = false;
  const exchange = async (): Promise<void> => {
    for (const [name, limit] of Object.entries(limits)) {
      const { windowStart } = limit;
      limit.learn(windowStart, await shared.exchange(name, windowStart, limit.highest(MOST_KEYS, LEAST_EVENTS)));
    }
  };
  return clock.every(EXCHANGE_MS, () => {
    if (running) return;
    running = true;
    exchange().then(
      () => (failing = false),
      () => {
        if (!failing) log.warn('limits over all nodes go by this one alone: the store does not answer');
        failing = true;
      },
    ).finally(() => (running = false));
  });
}
