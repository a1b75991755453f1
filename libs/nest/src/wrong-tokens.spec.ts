/** Guessing of tokens, by the clock. */
import { beforeEach, describe, expect, it } from 'vitest';
import { MINUTE } from '@polyplex/base';
import { WRONG_TOKENS_A_MINUTE, WrongTokens } from './wrong-tokens.ts';

let now: number;
let wrong: WrongTokens;
beforeEach(() => {
  now = 1_000_000;
  wrong = new WrongTokens({ now: () => now });
});

function guess(address: string, count: number): void {
  for (let i = 0; i < count; i++) wrong.add(address, `guess ${String(i)}`);
}

describe('an address', () => {
  it('may be wrong a few times, then waits until its minute is over', () => {
    guess('192.0.2.1', WRONG_TOKENS_A_MINUTE - 1);
    expect(wrong.secondsToWait('192.0.2.1')).toBe(0);
    now += MINUTE / 2;
    wrong.add('192.0.2.1', 'another');
    expect(wrong.secondsToWait('192.0.2.1')).toBe(30);
    expect(wrong.secondsToWait('192.0.2.2')).toBe(0);
    now += MINUTE / 2;
    expect(wrong.secondsToWait('192.0.2.1')).toBe(0);
  });

  it('may be wrong in the same way for ever', () => {
    for (let i = 0; i < 1000; i++) wrong.add('192.0.2.1', 'an old token');
    expect(wrong.secondsToWait('192.0.2.1')).toBe(0);
  });

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::2', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['2001:db8::1', '2001:db8:0:0:1::', true],
    ['::1', '::2', true],
    ['::ffff:192.0.2.1', '192.0.2.1', true],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.2', false],
  ])('%s and %s: the same is %s', (one, other, same) => {
    guess(one, WRONG_TOKENS_A_MINUTE);
    expect(wrong.secondsToWait(other) > 0).toBe(same);
  });

  it('of very many shares with those that are not known', () => {
    for (let i = 0; i < 1024; i++) wrong.add(`10.0.${String(i >> 8)}.${String(i & 255)}`, 'x');
    guess('192.0.2.1', WRONG_TOKENS_A_MINUTE);
    expect(wrong.secondsToWait('192.0.2.2')).toBeGreaterThan(0);
    expect(wrong.secondsToWait('10.0.0.1')).toBe(0);
    now += MINUTE;
    expect(wrong.secondsToWait('192.0.2.2')).toBe(0);
  });
});
