/** Captcha texts and their answers (directory §3.7; §6 "captcha matching and length"). */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CAPTCHA_ALPHABET, isCaptchaAnswer, randomCaptchaText } from '../src/admission/captcha-text.ts';

test('seven characters of the alphabet, each as likely', () => {
  const counts = new Map<string, number>();
  for (let number = 0; number < 3000; number++) {
    const text = randomCaptchaText();
    expect(text).toHaveLength(7);
    for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  expect([...counts.keys()].sort()).toEqual(Array.from(CAPTCHA_ALPHABET).sort());
  const expected = (3000 * 7) / CAPTCHA_ALPHABET.length;
  for (const count of counts.values()) expect(Math.abs(count - expected)).toBeLessThan(expected / 2);
});

test.each([
  ['23456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghijkmnpqrty', 8 + 26 + 17],
])('the alphabet is the one of the sheet', (alphabet, size) => {
  expect(CAPTCHA_ALPHABET).toBe(alphabet);
  expect(new Set(CAPTCHA_ALPHABET).size).toBe(size);
});

test.each([
  ['AbC2345', 'AbC2345', true], ['AbC2345', 'Abc2345', true], ['AbC2345', 'abC2345', false], ['OOIICSS', '0o1lcsS', true], ['UVWXZZZ', 'uvwxzZz', true],
  ['AbC2345', 'AbC234', false], ['AbC2345', 'AbC2345 ', false], ['AbC2345', '', false], ['KKKKKKK', 'kkkkkkk', false], ['AAAAAAA', 'AAAAAA4', false],
])('%s answered with %s: %s', (captcha, answer, right) => {
  expect(isCaptchaAnswer(captcha, answer)).toBe(right);
});

test('an answer to a text is never of another length', () => {
  fc.assert(fc.property(fc.string(), fc.string(), (captcha, answer) => captcha.length === answer.length || !isCaptchaAnswer(captcha, answer)));
});
