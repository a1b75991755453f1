/** Some hundred lives with quick cryptography, one lived again and ended at each of its commits, and what makes that worth something. */
import { describe, expect, test, vi } from 'vitest';
import { Coverage } from './coverage.ts';
import { live } from './simulate.ts';
import { NONE, TROUBLES } from './troubles.ts';

vi.mock('@polyplex/crypto', async (importActual) => ({ ...(await importActual<object>()), ...(await import('./fake-crypto.ts')) }));

const LIVES = 15;
const LONG_MS = 300_000;

describe.each(TROUBLES)('%s', (_, troubles) => {
  test(`${String(LIVES)} lives`, async () => {
    for (let seed = 100; seed < 100 + LIVES; seed++) expect((await live(seed, troubles)).faults, `seed ${String(seed)}`).toEqual([]);
  }, LONG_MS);
});

test('a life goes on wherever a process dies: before each of its commits, and after', async () => {
  const coverage = new Coverage();
  const { commits } = await live(1, NONE);
  expect(commits).toBeGreaterThan(60);
  for (let at = 0; at < commits; at++) {
    for (const fate of ['dies before', 'dies after'] as const) {
      const life = await live(1, NONE, { at, fate });
      coverage.add(life.coverage);
      expect(life.faults, `commit ${String(at)}, ${fate}`).toEqual([]);
    }
  }
  // Not at those of the last words, by which it is seen that all is well.
  for (const when of ['deaths before a commit', 'deaths after a commit'] as const) expect(coverage.counts[when]).toBeGreaterThan(commits * 0.7);
}, LONG_MS);

test('the same seed is the same life', async () => {
  for (const [, troubles] of TROUBLES) expect((await live(7, troubles)).trace).toBe((await live(7, troubles)).trace);
}, LONG_MS);
