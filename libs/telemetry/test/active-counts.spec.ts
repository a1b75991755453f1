/** Sketches of what was in use, against sets that keep everything. */
import { DAY } from '@polyplex/base';
import { createFakeClock } from '@polyplex/testing';
import { describe, expect, test } from 'vitest';
import { ActiveCounts, DistinctCount } from '../src/index.ts';

/** Ids as random as a seeded generator makes them. */
function* ids(seed: number): Generator<Uint8Array, never> {
  let state = seed;
  for (;;) {
    yield Uint8Array.from({ length: 24 }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    });
  }
}

const SALT = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const MONDAY = Date.parse('2024-01-29T10:00:00Z');

describe('counting', () => {
  test.each([0, 1, 2, 10, 50])('%i different ids are counted exactly, however often they come', (count) => {
    const active = new ActiveCounts(createFakeClock(MONDAY), SALT);
    const source = ids(7);
    const known = Array.from({ length: count }, () => source.next().value);
    for (let time = 0; time < 3; time++) for (const id of known) active.add(id);
    expect(active.day).toBe(count);
  });

  test.each([1000, 20_000, 60_000, 300_000])('%i different ids are counted within 3 percent', (count) => {
    const distinct = new ActiveCounts(createFakeClock(MONDAY), SALT);
    const source = ids(count);
    for (let i = 0; i < count; i++) distinct.add(source.next().value);
    expect(Math.abs(distinct.day / count - 1)).toBeLessThan(0.03);
  });

  test('what is no sketch is not restored', () => {
    const count = new DistinctCount();
    count.add(1, 1);
    expect(count.restore(new Uint8Array(5))).toBe(false);
    expect(count.restore(new Uint8Array(1 << 14).fill(200))).toBe(false);
    expect(count.count).toBe(1);
  });
});

describe('periods', () => {
  test('a day ends at midnight by UTC, a week with Sunday, a month with its last day', () => {
    const clock = createFakeClock(MONDAY);
    const active = new ActiveCounts(clock, SALT);
    const source = ids(1);
    const seen: unknown[] = [];
    // Monday the 29th to Monday the 5th: the month ends with the 31st.
    for (let day = 0; day < 8; day++) {
      active.add(source.next().value);
      seen.push([active.day, active.week, active.month, active.ended]);
      clock.advance(DAY);
    }
    expect(seen).toEqual([
      [1, 1, 1, { day: 0, week: null, month: null }],
      [1, 2, 2, { day: 1, week: null, month: null }],
      [1, 3, 3, { day: 1, week: null, month: null }],
      [1, 4, 1, { day: 1, week: null, month: 3 }],
      [1, 5, 2, { day: 1, week: null, month: null }],
      [1, 6, 3, { day: 1, week: null, month: null }],
      [1, 7, 4, { day: 1, week: null, month: null }],
      [1, 1, 5, { day: 1, week: 7, month: null }],
    ]);
  });

  test('goes on from what was saved, and counts again what it knew as the same', () => {
    const clock = createFakeClock(MONDAY);
    const first = new ActiveCounts(clock, SALT);
    const source = ids(1);
    const [known, other] = [source.next().value, source.next().value];
    first.add(known);
    const second = new ActiveCounts(clock, Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1));
    second.restore(first.save());
    second.add(known);
    second.add(other);
    expect([second.day, second.week, second.month]).toEqual([2, 2, 2]);
    const saved = second.save();
    clock.advance(DAY);
    const third = new ActiveCounts(clock, SALT);
    third.restore(saved);
    expect([third.day, third.week, third.ended.day]).toEqual([0, 2, 2]);
  });

  test('lines that it did not write change nothing', () => {
    const active = new ActiveCounts(createFakeClock(MONDAY), SALT);
    active.add(ids(1).next().value);
    active.restore({ day: 'x', salt: 'x' });
    active.restore({});
    expect(active.day).toBe(1);
  });

  test('no part of an id is in what is saved', () => {
    const active = new ActiveCounts(createFakeClock(MONDAY), SALT);
    const id = ids(3).next().value;
    active.add(id);
    const saved = Object.values(active.save()).map((text) => Buffer.from(text, 'base64url').toString('hex')).join(' ');
    for (let at = 0; at + 3 <= 8; at++) expect(saved).not.toContain(Buffer.from(id.subarray(at, at + 3)).toString('hex'));
  });
});
