import { expect, it } from 'vitest';
import { AddressLimits } from './address-limits.ts';

const MINUTE = 60_000;

it('bounds connections open at once, by address', () => {
  const limits = new AddressLimits({ open: 2, handshakes: 1_000_000, perMinute: 100, now: () => 0 });
  expect([limits.admit('a'), limits.admit('a'), limits.admit('a'), limits.admit('b')]).toEqual([true, true, false, true]);
  limits.release('a');
  expect([limits.admit('a'), limits.admit('a')]).toEqual([true, false]);
});

it('bounds new connections in any minute, refused ones included', () => {
  let now = 0;
  const limits = new AddressLimits({ open: 100, handshakes: 1_000_000, perMinute: 3, now: () => now });
  const admit = (): boolean => limits.admit('a');
  expect([admit(), admit(), admit(), admit()]).toEqual([true, true, true, false]);
  now = MINUTE; // the four of the minute before still count whole
  expect(admit()).toBe(false);
  now = 1.9 * MINUTE; // a tenth of them, and the one since
  expect(admit()).toBe(true);
  now = 10 * MINUTE;
  expect([admit(), admit(), admit(), admit()]).toEqual([true, true, true, false]);
});

it('survives a clock that goes back', () => {
  let now = 10 * MINUTE;
  const limits = new AddressLimits({ open: 100, handshakes: 1_000_000, perMinute: 1, now: () => now });
  expect(limits.admit('a')).toBe(true);
  now = 0;
  limits.admit('a');
  now = 3 * MINUTE;
  expect(limits.admit('a')).toBe(true);
});
