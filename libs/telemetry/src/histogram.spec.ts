import { describe, expect, test } from 'vitest';
import { Histogram, HistogramFamily, quantile } from './histogram.ts';

describe('a histogram', () => {
  test('counts each value in the bucket whose bound it does not exceed', () => {
    const histogram = new Histogram([1, 2, 5]);
    for (const value of [0, 1, 1.5, 2, 5, 5.1, 1000]) histogram.observe(value);
    expect([...histogram.counts]).toEqual([2, 2, 1, 2]);
    expect([histogram.count, histogram.sum]).toEqual([7, 1014.6]);
  });

  test('of a label is one and the same', () => {
    const family = new HistogramFamily<'a' | 'b'>([1]);
    family.of('a').observe(1);
    family.of('a').observe(2);
    expect([...family.of('a').counts]).toEqual([1, 1]);
    expect([...family.values.keys()]).toEqual(['a']);
  });
});

describe('a quantile', () => {
  const bounds = [1, 2, 4];
  test('lies within its bucket, as if values were spread evenly', () => {
    expect(quantile(bounds, [0, 10, 0, 0], null, 0.5)).toBe(1.5);
    expect(quantile(bounds, [5, 0, 5, 0], null, 0.5)).toBe(1);
    expect(quantile(bounds, [5, 0, 5, 0], null, 0.9)).toBeCloseTo(3.6);
  });

  test('is of what came since, the last bound above all bounds, and null without any', () => {
    expect(quantile(bounds, [9, 10, 0, 0], [9, 0, 0, 0], 0.5)).toBe(1.5);
    expect(quantile(bounds, [0, 0, 0, 3], null, 0.5)).toBe(4);
    expect(quantile(bounds, [3, 3, 3, 3], [3, 3, 3, 3], 0.5)).toBeNull();
  });
});
