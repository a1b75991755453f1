import { expect, it } from 'vitest';
import { type Baseline, judge, lower } from './verdict.ts';

const baseline: Baseline = { ratios: { new: 8, old: 6 }, tolerance: 0.25 };

it('lets pass what is within the tolerance, and says the bound', () => {
  const { failures, remarks } = judge({ new: 10, old: 5.2 }, baseline);
  expect(failures).toEqual([]);
  expect(remarks[0]).toContain('10.00 bare echoes, 8.00 committed, up to 10.00 allowed');
});

it('fails for what is beyond it, each by itself', () => {
  expect(judge({ new: 10.01, old: 6 }, baseline).failures).toEqual(['new: 10.01 bare echoes, where 8.00 were committed and 10.00 are allowed']);
  expect(judge({ new: 12, old: 8 }, baseline).failures).toHaveLength(2);
});

it('fails for what was not measured, or is no number, or is not in the baseline', () => {
  expect(judge({ new: 8 }, baseline).failures).toEqual([expect.stringContaining('old: not measured')]);
  expect(judge({ new: Number.NaN, old: 6 }, baseline).failures).toHaveLength(1);
  expect(judge({ new: 8, old: 6, other: 1 }, baseline).failures).toEqual([expect.stringContaining('other: not in the baseline')]);
});

it('remarks on what has become so much cheaper that the baseline no longer guards it', () => {
  expect(judge({ new: 6.7, old: 6 }, baseline).remarks[0]).toContain('--update-baseline');
});

it('takes the lower of several measurements', () => {
  expect(lower({ new: 9, old: 6 }, { new: 8, old: 7 })).toEqual({ new: 8, old: 6 });
});
