import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Introduced, introductionOrder } from '../../src/groups/host/introduction-order.ts';

const members = fc.uniqueArray(
  fc.record({ memberNumber: fc.integer({ min: 1, max: 500 }), isAdmin: fc.boolean(), hasImage: fc.boolean() }), { selector: ({ memberNumber }) => memberNumber, maxLength: 60 },
);

const rank = ({ isAdmin, hasImage }: Introduced): number => [isAdmin, hasImage].reduce((sum, is, at) => sum + (is ? 0 : 2 - at), 0);

describe('the order of introductions', () => {
  it('has who runs the group first, those with an avatar first among equals, and everybody once', () => {
    fc.assert(fc.property(members, fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })), (all, numbers) => {
      const order = introductionOrder(all, () => Number(numbers.next().value));
      expect([...order].sort((a, b) => a - b)).toEqual(all.map(({ memberNumber }) => memberNumber).sort((a, b) => a - b));
      const ranks = order.map((number) => rank(all.find(({ memberNumber }) => memberNumber === number)!));
      expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
    }));
  });

  it('is by chance among equals', () => {
    const equals = Array.from({ length: 5 }, (_, at) => ({ memberNumber: at + 1, isAdmin: false, hasImage: false }));
    const firsts = new Set(Array.from({ length: 400 }, () => introductionOrder(equals, Math.random)[0]));
    expect(firsts).toEqual(new Set([1, 2, 3, 4, 5]));
  });
});
