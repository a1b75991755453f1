/** How long room lasts: said where it falls evenly, and never otherwise. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Room, untilFull } from '../../src/browser/model/until-full.ts';

const GIB = 1024 ** 3;
const STEP_MS = 5000;

/** `steps` observations, from `bytes` by `change` each. */
function rooms(steps: number, bytes: number, change: (step: number) => number): Room[] {
  let room = bytes;
  return Array.from({ length: steps }, (_, i) => ({ at: i * STEP_MS, bytes: (room += i === 0 ? 0 : change(i)) }));
}

describe('room', () => {
  it('that falls evenly lasts as long as the division says', () => {
    const lasts = untilFull(rooms(720, 10 * GIB, () => -5 * 1024 * 1024));
    expect(lasts).toMatchObject({ kind: 'falling', bytesPerSecond: 1024 * 1024 });
    expect(lasts.kind === 'falling' && lasts.seconds).toBeCloseTo((10 * GIB - 719 * 5 * 1024 * 1024) / (1024 * 1024), 3);
  });

  it.each([
    ['was not looked at', [], 'early'],
    ['was looked at for less than a quarter of an hour', rooms(179, GIB, () => -1000), 'early'],
    ['was looked at twice, an hour apart', [{ at: 0, bytes: GIB }, { at: 3_600_000, bytes: 0 }], 'early'],
    ['stays', rooms(720, GIB, () => 0), 'steady'],
    ['grows', rooms(720, GIB, () => 1000), 'steady'],
    ['fell by one jump', rooms(720, GIB, (i) => (i === 360 ? -GIB / 2 : 0)), 'uneven'],
    ['fell, and then stopped falling', rooms(720, GIB, (i) => (i < 300 ? -1000 : 0)), 'uneven'],
    ['goes up and down', rooms(720, GIB, (i) => (i % 240 < 120 ? -1000 : 1000)), 'steady'],
  ] as const)('that %s gives no time', (_what, observed, kind) => {
    expect(untilFull(observed)).toEqual({ kind });
  });

  it('that falls with noise lasts about as long as without', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 1000 }), fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 720, maxLength: 720 }), (kib, noise) => {
      const perStep = kib * 1024;
      const even = rooms(720, 100 * GIB, () => -perStep);
      const lasts = untilFull(even.map(({ at, bytes }, i) => ({ at, bytes: bytes + noise[i]! * perStep * 10 })));
      expect(lasts.kind).toBe('falling');
      if (lasts.kind === 'falling') expect(lasts.bytesPerSecond / (perStep / 5)).toBeCloseTo(1, 0);
    }), { numRuns: 50 });
  });
});
