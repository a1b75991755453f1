import { expect, test } from 'vitest';
import { windowsOf } from './windows.ts';

const cell = (done: number, ...buckets: number[]) => ({ started: done, done, failed: 1, messages: 3 * done, buckets });
const range = { from: 100, to: 104, seconds: 2, planned: (seconds: number) => 10 * seconds };

test('windows add up what all workers counted of the scenario\'s work', () => {
  const one = { bounds: [10, 20], seconds: [{ at: 100, operations: { send: cell(4, 4, 0, 0), connect: cell(9, 0, 0, 9) } }, { at: 103, operations: { send: cell(2, 0, 2, 0) } }] };
  const other = { bounds: [10, 20], seconds: [{ at: 101, operations: { send: cell(4, 4, 0, 0) } }, { at: 99, operations: { send: cell(50, 50, 0, 0) } }] };
  expect(windowsOf([one, other], new Set(['send']), range)).toEqual([
    { at: 100, planned: 10, offered: 4, done: 4, failed: 1, messages: 12, p50: 5, p95: 9.5, p99: 9.9 },
    { at: 102, planned: 30, offered: 1, done: 1, failed: 0.5, messages: 3, p50: 15, p95: 19.5, p99: 19.9 },
  ]);
});

test('a window in which nothing happened has no delays', () => {
  const none = { bounds: [10], seconds: [] };
  expect(windowsOf([none], new Set(['send']), range)).toMatchObject([{ done: 0, p99: null }, { done: 0, p99: null }]);
});
