/** Lives of two agents drawn from seeds: the same seed is the same life. A few with real keys; the many, with quick ones, are `simulation.long.ts` and `run.ts`. */
import { describe, expect, test } from 'vitest';
import { live } from './simulate.ts';
import { TROUBLES } from './troubles.ts';

describe.each(TROUBLES)('%s', (_, troubles) => {
  test.each([[0]])('seed %i', async (seed) => {
    expect((await live(seed, troubles)).faults).toEqual([]);
  });
});
