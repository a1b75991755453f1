/**
 * Who is subscribed and who hears what, between nodes: many interleavings of claims, messages, words, looks and whatever
 * goes wrong, with the real `Claims` on a model of Redis. A run that goes wrong names its seed: `replay(seed)` of
 * simulation/explore.ts makes it again, with what happens in it.
 */
import { expect, test } from 'vitest';
import { explore, replay, report } from './simulation/explore.ts';
import { MUTANTS } from './simulation/mutants.ts';
import { enumerate, PROGRAMS } from './simulation/programs.ts';

const RUNS = 150_000;
/** In so many runs each mistake must be found. */
const RUNS_OF_MUTANT = 100_000;

test('random interleavings lose no wake-up and leave no queue with two owners', () => {
  const { distinct, found } = explore(1, RUNS);
  expect(found === null ? '' : report(found)).toBe('');
  expect(distinct).toBeGreaterThanOrEqual(RUNS * 0.999);
});

test.each(PROGRAMS)('all interleavings: $name', (program) => {
  const { isWhole, found } = enumerate(program, 100_000);
  expect(found === null ? '' : [found.what, ...found.trace].join('\n  ')).toBe('');
  expect(isWhole).toBe(true);
});

test.each(Object.entries(MUTANTS))('the checks find %s', (_name, parts) => {
  const { found } = explore(1, RUNS_OF_MUTANT, parts);
  expect(found?.what).toMatch(/./);
  expect(found?.trace.length).toBeGreaterThan(0);
});

test('a run can be made again from its seed', () => {
  const parts = MUTANTS['heads for anybody']!;
  const { found } = explore(1, RUNS_OF_MUTANT, parts);
  expect(replay(found!.seed, parts)).toEqual(found);
});
