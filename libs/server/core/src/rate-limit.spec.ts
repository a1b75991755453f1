import { MINUTE } from '@polyplex/base';
import { createFakeClock } from '@polyplex/testing';
import { expect, test } from 'vitest';
import { RateLimit } from './rate-limit.ts';

test('counts each key by itself, and anew in the next window', () => {
  const clock = createFakeClock();
  const limit = new RateLimit<string>(clock, 2, MINUTE);
  expect([limit.take('a'), limit.take('a'), limit.take('a'), limit.take('b')]).toEqual([true, true, false, true]);
  clock.advance(MINUTE);
  expect(limit.take('a')).toBe(true);
});

test('0 is no limit', () => {
  const limit = new RateLimit<string>(createFakeClock(), 0, MINUTE);
  expect(Array.from({ length: 1000 }, () => limit.take('a')).every(Boolean)).toBe(true);
});

test('a flood of keys does not grow it without bound', () => {
  const limit = new RateLimit<number>(createFakeClock(), 1, MINUTE);
  const taken = Array.from({ length: 150_000 }, (_, key) => limit.take(key)).filter(Boolean).length;
  expect(taken).toBe(100_000);
});

test('what others have counted counts, in its window alone', () => {
  const clock = createFakeClock();
  const limit = new RateLimit<string>(clock, 3, MINUTE);
  expect(limit.take('a')).toBe(true);
  limit.learn(limit.windowStart, new Map([['a', 1]]));
  expect([limit.take('a'), limit.take('a'), limit.take('b')]).toEqual([true, false, true]);
  const before = limit.windowStart;
  clock.advance(MINUTE);
  limit.learn(before, new Map([['a', 3]])); // came too late
  expect(limit.take('a')).toBe(true);
});

test('others are told of the highest', () => {
  const limit = new RateLimit<string>(createFakeClock(), 100, MINUTE);
  for (const [key, count] of [['a', 5], ['b', 9], ['c', 1], ['d', 7]] as const) for (let i = 0; i < count; i++) limit.take(key);
  expect(limit.highest(2, 1)).toEqual(new Map([['b', 9], ['d', 7]]));
  expect(limit.highest(9, 6)).toEqual(new Map([['b', 9], ['d', 7]]));
});
