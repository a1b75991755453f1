import { describe, expect, test } from 'vitest';
import { estimateFor, kneeOf, saturationOf } from './analysis.ts';
import type { Window } from './windows.ts';

const BOUNDS = { deliveryP99: 500, windowSeconds: 100 };
const at = (second: number, planned: number, given: Partial<Window> = {}): Window => ({
  at: second, planned, offered: planned, done: planned, failed: 0, messages: 2 * planned, p50: 5, p95: 20, p99: 50, ...given,
});

describe('the knee', () => {
  test('of a load that was carried is the most that was tried', () => {
    expect(kneeOf([at(0, 10), at(2, 20), at(4, 30), at(6, 0)], BOUNDS)).toEqual({ rate: 30, messages: 60, at: 4, broke: null });
  });

  test.each([
    ['failures', { failed: 1 }], ['slow', { p99: 501 }], ['behind', { done: 10 }],
  ] as const)('is before the first two windows in a row that are bad: %s', (why, bad) => {
    const windows = [at(0, 10), at(2, 20, bad), at(4, 30), at(6, 50, bad), at(8, 60, bad), at(10, 70)];
    expect(kneeOf(windows, BOUNDS)).toEqual({ rate: 30, messages: 60, at: 4, broke: { at: 6, planned: 50, why } });
  });

  test('does not mind a few less than planned where there are few', () => {
    const few = (done: number) => kneeOf([at(0, 10), at(2, 10, { done }), at(4, 10, { done })], { deliveryP99: 500, windowSeconds: 2 });
    expect(few(6)?.broke).toBeNull();
    expect(few(4)?.broke).toMatchObject({ why: 'behind' });
  });

  test('is not made of what did not begin, as when all virtual users were busy', () => {
    const busy = { offered: 20, done: 20 };
    expect(kneeOf([at(0, 10), at(2, 40, busy), at(4, 60, busy)], BOUNDS)).toMatchObject({ rate: 10, broke: { planned: 40, why: 'behind' } });
  });

  test('is not known where nothing was carried', () => {
    expect(kneeOf([], BOUNDS)).toBeNull();
    expect(kneeOf([at(0, 10, { p99: 900 }), at(2, 20, { p99: 900 })], BOUNDS)).toBeNull();
  });
});

describe('what was used up', () => {
  const samples = (...cores: number[]) => cores.map((each, i) => ({ at: i, cores: each, loopLagMs: 5, storeP99Ms: 3 }));

  test('is what was at its limit for three samples in a row, the first first', () => {
    const late = samples(0.5, 0.5, 0.5, 0.5, 0.5).map((each) => ({ ...each, loopLagMs: 60 }));
    const found = saturationOf([
      { name: 'a', kind: 'node', samples: samples(0.95, 0.95, 0.2, 0.95, 0.95, 0.95) },
      { name: 'swarm 1', kind: 'swarm', samples: late },
      { name: 'b', kind: 'node', samples: late },
      { name: 'c', kind: 'node', samples: samples(1, 1, 1).map((each) => ({ ...each, cores: 0.1, storeP99Ms: 200 })) },
    ], Infinity);
    expect(found).toEqual([
      { name: 'swarm 1', kind: 'swarm', what: 'event loop', at: 0 },
      { name: 'c', kind: 'node', what: 'store', at: 0 },
      { name: 'a', kind: 'node', what: 'processor', at: 3 },
    ]);
  });

  test('does not count after it broke', () => {
    expect(saturationOf([{ name: 'a', kind: 'node', samples: samples(0.1, 0.1, 1, 1, 1) }], 3)).toEqual([]);
  });
});

describe('an estimate', () => {
  test('gives each node half of what it carried, and one node for the case that one dies', () => {
    // 100,000 users × 100 messages × 15 % in an hour = 417 a second; nodes at 200 of 400.
    expect(estimateFor(100_000, { ratePerNode: 400, messagesPerDay: 100, onRedis: true })).toMatchObject({ nodes: 4, shards: 6 });
  });

  test('of what one machine carries is one machine', () => {
    expect(estimateFor(1000, { ratePerNode: 400, messagesPerDay: 100, onRedis: false })).toMatchObject({ nodes: 1, shards: 0 });
  });
});
