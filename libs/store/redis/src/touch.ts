/** Days of last use, written by one small command each. */
import { idOfKey } from '@polyplex/base';
import { gatherUsedDays } from '@polyplex/store-common';
import type { Queues } from '@polyplex/store-contract';
import type { Engine } from './engine.ts';

const QUEUES_PER_STEP = 200;

export function createTouch({ redis, keys, clock }: Engine): Queues['touch'] {
  return gatherUsedDays(clock, QUEUES_PER_STEP, async (days) => {
    await Promise.allSettled(days.map(([key, day]) => redis.run('touch', [keys.queue(idOfKey(key))], [String(day)])));
  });
}
