/** Human forms: what is written reads back. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, formatSize, readDuration, readSize } from '../src/index.ts';

describe('durations and sizes', () => {
  it('read back as they were', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 45 }), (value) => {
      expect(readDuration(formatDuration(value))).toBe(value);
      expect(readSize(formatSize(value))).toBe(value);
    }), { numRuns: 2000, examples: [[4_398_046_511_100]] });
  });

  it('are written in the largest unit that is exact', () => {
    expect([1500, 90_000, 1_814_400_000, 999].map(formatDuration)).toEqual(['1.5s', '1.5m', '21d', '999ms']);
    expect([65_536, 1536, 1_000_000].map(formatSize)).toEqual(['64KiB', '1.5KiB', '1000000B']);
  });

  it.each(['', '15', '-1s', '1.0001ms', '1e3s', '5 weeks', 's', '9999999999999999d'])('refuse %j', (text) => {
    expect(readDuration(text)).toBeNull();
    expect(readSize(text)).toBeNull();
  });
});
