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
