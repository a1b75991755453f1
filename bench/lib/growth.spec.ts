/** Growth is told from noise, and a soak that grows fails. */
import { expect, test } from 'vitest';
import { judge, TOLERANCES, type Watched } from '../scenarios/soak.ts';
import { growthOf, slopeOf } from './growth.ts';

const KIB = 1024;

/** A noise that is the same in every run. */
function noise(i: number): number {
  return Math.sin(i * 12.9898) * 0.5;
}

const line = (perStep: number, spread: number): { at: number; value: number }[] =>
  Array.from({ length: 100 }, (_, i) => ({ at: i, value: 1000 + perStep * i + spread * noise(i) }));

test('the slope is that of the line, whatever the noise, and a few samples far off do not move it', () => {
  expect(slopeOf(line(3, 0))).toBeCloseTo(3);
  expect(growthOf(line(3, 0))).toBeCloseTo(297);
  expect(Math.abs(slopeOf(line(0, 100)))).toBeLessThan(0.3);
  const spiked = line(0, 10).map((sample, i) => (i % 9 === 0 ? { ...sample, value: 1e6 } : sample));
  expect(Math.abs(slopeOf(spiked))).toBeLessThan(0.1);
  expect([slopeOf([]), growthOf([{ at: 1, value: 5 }])]).toEqual([0, 0]);
});

function samples(of: (i: number) => Partial<Record<Watched, number>>) {
  const steady = { heap: 33_000 * KIB, external: 34_000 * KIB, anonymous: 200_000 * KIB, handles: 212, descriptors: 240 };
  return Array.from({ length: 80 }, (_, i) => ({ at: i * 1000, ...steady, ...of(i) }));
}

test('what warms up in the first quarter and then stays is no growth', () => {
  const { failures } = judge(samples((i) => ({ heap: 33_000 * KIB + Math.min(i, 20) * 500 * KIB + noise(i) * 200 * KIB, handles: 212 + (i % 3) })));
  expect(failures).toEqual([]);
});

test.each(Object.keys(TOLERANCES) as Watched[])('%s that grows beyond its tolerance is a failure', (watched) => {
  const base = samples(() => ({}))[0]![watched];
  const grown = (by: number) => judge(samples((i) => ({ [watched]: base + (by * i) / 60 }))).failures;
  expect(grown(TOLERANCES[watched] * 1.2)).toEqual([watched]);
  expect(grown(TOLERANCES[watched] * 0.7)).toEqual([]);
});
