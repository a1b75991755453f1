import type { Profiler } from 'node:inspector';
import { expect, it } from 'vitest';
import { flameGraph, framesOf, hottest } from './flame-graph.ts';

const node = (id: number, functionName: string, children: number[] = [], url = 'file:///home/x/libs/a/b.ts'): Profiler.ProfileNode => ({
  id, children, callFrame: { functionName, scriptId: '0', url, lineNumber: 4, columnNumber: 0 },
});

/** 100 us: 30 in `seal` called by `flush`, 20 in `flush`, 10 in `seal` called by `<open>`, 40 asleep. */
const PROFILE: Profiler.Profile = {
  startTime: 0,
  endTime: 100,
  nodes: [node(1, '(root)', [2, 4, 6], ''), node(2, 'flush', [3]), node(3, 'seal'), node(4, '<open>', [5]), node(5, 'seal'), node(6, '(idle)', [], '')],
  samples: [3, 2, 5, 6, 3],
  timeDeltas: [10, 20, 10, 40, 20],
};

it('adds what functions took to those who called them, and leaves out sleep', () => {
  const root = framesOf(PROFILE);
  expect(root.total).toBe(60);
  const flush = root.callees.get('flush libs/a/b.ts:5')!;
  expect([flush.total, flush.self]).toEqual([50, 20]);
});

it('names the hottest functions wherever they were called from', () => {
  expect(hottest(framesOf(PROFILE), 2).map(({ name, share }) => [name, Math.round(share * 60)])).toEqual([['seal libs/a/b.ts:5', 40], ['flush libs/a/b.ts:5', 20]]);
});

it('draws each as wide as it is long, and text as text', () => {
  const svg = flameGraph(framesOf(PROFILE), 'a & b');
  expect(svg).toContain('a &amp; b');
  expect(svg).toContain('<title>flush libs/a/b.ts:5: 83.33 %, itself 33.33 %</title>');
  expect(svg).toContain(`width="${((1600 * 50) / 60).toFixed(2)}"`);
  expect(svg).toContain('&lt;open&gt;');
  expect(svg).not.toContain('<open>');
});

it('draws an empty profile', () => {
  expect(flameGraph(framesOf({ startTime: 0, endTime: 0, nodes: [] }), '')).toContain('<svg');
});
