/** What simulation.spec.ts does a part of: more than a million interleavings. */
import { expect, test } from 'vitest';
import { explore, report } from './simulation/explore.ts';
import { enumerate, LONG_PROGRAMS } from './simulation/programs.ts';

const WANTED = 1_000_000;
/** None that the everyday run makes. */
const FIRST_SEED = 1_000_000;
const IN_ORDER = 150_000;

test('a million different interleavings lose no wake-up and leave no queue with two owners', () => {
  const start = performance.now();
  const { runs, distinct, found } = explore(FIRST_SEED, WANTED + 1000);
  console.log(`${String(distinct)} different interleavings in ${String(runs)} runs, ${((performance.now() - start) / 1000).toFixed(1)} s`);
  expect(found === null ? '' : report(found)).toBe('');
  expect(distinct).toBeGreaterThanOrEqual(WANTED);
});

test.each(LONG_PROGRAMS)('one interleaving after another: $name', (program) => {
  const { runs, found } = enumerate(program, IN_ORDER);
  console.log(`${program.name}: ${String(runs)} interleavings`);
  expect(found === null ? '' : [found.what, ...found.trace].join('\n  ')).toBe('');
});
