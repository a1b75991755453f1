/** Numbers as people read them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { counted, duration, type Unit, UNKNOWN, written } from '../../src/browser/model/format.ts';

describe('numbers', () => {
  it.each<[number | null | undefined, Unit, string]>([
    [null, 'count', UNKNOWN], [undefined, 'bytes', UNKNOWN], [NaN, 'seconds', UNKNOWN], [Infinity, 'count', UNKNOWN],
    [0, 'count', '0'], [7, 'count', '7'], [1234, 'count', '1,234'], [99_999, 'count', '99,999'], [1_284_000, 'count', '1.28M'], [0.034, 'perSecond', '0.034/s'], [3.14159, 'perSecond', '3.1/s'], [262.4, 'perSecond', '262/s'],
    [0, 'bytes', '0 B'], [1023, 'bytes', '1023 B'], [1024, 'bytes', '1 KiB'], [1_500_000, 'bytesPerSecond', '1.43 MiB/s'], [184 * 1024 ** 3, 'bytes', '184 GiB'],
    [0, 'seconds', '0 ms'], [0.000_25, 'seconds', '250 µs'], [0.0019, 'seconds', '1.9 ms'], [0.41, 'seconds', '410 ms'], [2.5, 'seconds', '2.5 s'], [90, 'seconds', '1 min 30 s'],
    [0.314, 'share', '31 %'], [0.024, 'share', '2.4 %'], [1, 'share', '100 %'],
  ])('%s as %s are %s', (value, unit, text) => {
    expect(written(value, unit)).toBe(text);
  });

  it.each([[0, '0 s'], [59, '59 s'], [60, '1 min'], [3600, '1 h'], [86_400 * 3 + 4 * 3600 + 59, '3 d 4 h'], [400 * 86_400, '1 y 35 d'], [2700.5 * 365 * 86_400, '2,700 y'], [3600 + 30, '1 h']])('%d seconds are %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  it('are counted', () => {
    expect([counted(1, 'node'), counted(3, 'node'), counted(0, 'node')]).toEqual(['1 node', '3 nodes', '0 nodes']);
  });

  it('are short, whatever they are', () => {
    const units: Unit[] = ['count', 'bytes', 'seconds', 'perSecond', 'bytesPerSecond', 'share'];
    fc.assert(fc.property(fc.double({ min: 0, max: 1e12, noNaN: true }), fc.constantFrom(...units), (value, unit) => {
      expect(written(value, unit).length).toBeLessThanOrEqual(16);
    }));
  });
});
