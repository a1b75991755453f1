/** Blocked words and fragments (directory §3.7), against the plain way of making every spelling. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BlockedNames, type BlockedNameLists, variantsOf } from '../src/admission/blocked-names.ts';

const SPELLING = [{ character: '0', meant: ['o'] }, { character: '1', meant: ['i', 'l'] }, { character: '@', meant: ['a'] }, { character: '$', meant: ['s'] }];

describe('a name', () => {
  const blocked = new BlockedNames({ words: ['scam', 'bitcoin'], fragments: ['casino'], spelling: SPELLING, rules: [{ pattern: 'c', replacements: ['k'] }, { pattern: 'oi', replacements: ['oy', 'y'] }] });

  test.each([
    ['scam', true], ['SCAM', true], ['Scam', true], ['$c@m', true], ['skam', true], ['s-c.a_m', true], ['s c a m', true], ['big  s c a m', true], ['a scam here', true], ['scaaaam', false],
    ['sccccam', false], ['śçàm', true], ['ｓｃａｍ', true], ['scams', false], ['scamper', false], ['big s c a m', false], ['bitcoin', true], ['b1tc01n', true], ['bitkoyn', true], ['bitkyn', true],
    ['mycasinohere', true], ['my cas ino', true], ['c@s1n0', true], ['kasino', false], ['casin', false], ['', false], ['   ', false], ['dan', false], ['🎲 casino 🎲', true],
  ])('%j: %s', (name, expected) => {
    expect(blocked.isBlocked(name)).toBe(expected);
  });
});

test('without lists nothing is blocked', () => {
  expect(new BlockedNames({}).isBlocked('anything')).toBe(false);
  expect(new BlockedNames({ words: [''], fragments: ['', ' '] }).isBlocked('anything')).toBe(false);
});

test('rules make all spellings of a word, the word among them', () => {
  expect([...variantsOf('aba', [{ pattern: 'a', replacements: ['x', 'yy'] }])].sort()).toEqual(['aba', 'abx', 'abyy', 'xba', 'xbx', 'xbyy', 'yyba', 'yybx', 'yybyy'].sort());
});

test('rules that make too many are refused at once', () => {
  const rules = [{ pattern: 'a', replacements: ['b', 'c', 'd', 'e'] }];
  expect(() => new BlockedNames({ words: ['a'.repeat(40)], rules })).toThrow(expect.objectContaining({ code: 'OPTIONS' }));
});

/** Every spelling, one after the other. */
function plainly({ fragments = [], words = [], spelling = [] }: Partial<BlockedNameLists>, name: string): boolean {
  const text = name.normalize('NFKD').toLowerCase().replace(/(.)\1{2,}/gsu, '$1$1');
  const drop = (one: string) => one.replace(/[\p{P}\p{M}\s\p{Z}\p{C}]/gu, '');
  const spellings = (one: string): string[] => [...one].reduce<string[]>((all, character) => {
    const meant = spelling.find((entry) => entry.character === character)?.meant ?? [];
    return all.flatMap((begun) => [character, ...meant].map((next) => begun + next));
  }, ['']).map(drop);
  const parts = text.split(/\s+/u).filter((part) => part !== '');
  const wide = parts.length < 2 ? [] : text.split(/\s{2,}/u).filter((part) => part !== '');
  return spellings(text).some((one) => fragments.some((fragment) => one.includes(fragment)))
    || [...parts, ...wide].some((part) => spellings(part).some((one) => words.includes(one)));
}

test('is blocked exactly when one of its spellings is', () => {
  const letters = fc.constantFrom('a', 'b', 's', 'o', '0', '1', 'i', 'l', '@', '$', ' ', '.', 'B', 'é');
  const name = fc.array(letters, { maxLength: 9 }).map((all) => all.join(''));
  const word = fc.array(fc.constantFrom('a', 'b', 's', 'o', 'i', 'l', 'e'), { minLength: 1, maxLength: 3 }).map((all) => all.join(''));
  fc.assert(fc.property(fc.array(word, { maxLength: 3 }), fc.array(word, { maxLength: 3 }), name, (words, fragments, tried) => {
    const lists = { words, fragments, spelling: SPELLING };
    expect(new BlockedNames(lists).isBlocked(tried)).toBe(plainly(lists, tried));
  }), { numRuns: 500 });
});

test('a name of a thousand characters with ten meanings each takes no time', () => {
  const spelling = Array.from('0123456789', (character) => ({ character, meant: Array.from('abcdefghij') }));
  const blocked = new BlockedNames({ words: ['abcdefghij'.repeat(20)], fragments: ['jihgfedcba'.repeat(20), ...Array.from({ length: 500 }, (_, n) => `x${n}abc`)], spelling });
  const before = process.cpuUsage();
  expect(blocked.isBlocked('0123456789'.repeat(100))).toBe(true);
  expect(blocked.isBlocked(`${'01234567'.repeat(125)}!`)).toBe(true);
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(3000);
});
