import { expect, test } from 'vitest';
import { randomBytes } from './random-bytes.ts';

test.each([0, 1, 24, 256, 257, 5000])('gives %i bytes', (length) => {
  expect(randomBytes(length).length).toBe(length);
});

test('draws across several pools never repeat, share memory or stay zero', () => {
  const draws = Array.from({ length: 1000 }, () => randomBytes(24));
  expect(new Set(draws.map((bytes) => Buffer.from(bytes).toString('hex'))).size).toBe(1000);
  expect(new Set(draws.map((bytes) => bytes.buffer)).size).toBe(1000);
  expect(draws.every((bytes) => bytes.buffer.byteLength === 24)).toBe(true);
  expect(draws.some((bytes) => bytes.every((byte) => byte === 0))).toBe(false);
});

test('every bit is sometimes set', () => {
  const seen = new Uint8Array(24);
  for (let i = 0; i < 200; i++) randomBytes(24).forEach((byte, at) => { seen[at]! |= byte; });
  expect(seen).toEqual(new Uint8Array(24).fill(0xff));
});
