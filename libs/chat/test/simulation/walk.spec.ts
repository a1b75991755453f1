/** Some lives of groups, from seeds. */
import { expect, test } from 'vitest';
import { live } from './walk.ts';

test.each([[1], [2], [3]])('a group lives through its troubles, seed %i', async (seed) => {
  const { faults, deaths } = await live(seed, { loss: 0.03, breaks: 0.005, deaths: 0.01 });
  expect(faults).toEqual([]);
  expect(deaths).toBeGreaterThan(0);
});
