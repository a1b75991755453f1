/** Captchas: their letters, and which answers are theirs (directory §3.7). */
import { randomBytes } from '@polyplex/crypto';

/** Without characters that look alike in print. */
export const CAPTCHA_ALPHABET = '23456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghijkmnpqrty';
const CAPTCHA_LENGTH = 7;

/** Below this a byte is as likely any letter as another. */
const FAIR_BYTES = 256 - (256 % CAPTCHA_ALPHABET.length);

export function randomCaptchaText(random: (size: number) => Uint8Array = randomBytes): string {
  let text = '';
  while (text.length < CAPTCHA_LENGTH) {
    for (const byte of random(CAPTCHA_LENGTH)) {
      if (byte < FAIR_BYTES && text.length < CAPTCHA_LENGTH) text += CAPTCHA_ALPHABET[byte % CAPTCHA_ALPHABET.length]!;
    }
  }
  return text;
}

const LOOKS_LIKE: Readonly<Record<string, string>> = { 0: 'O', 1: 'I', c: 'C', l: 'I', o: 'O', s: 'S', u: 'U', v: 'V', w: 'W', x: 'X', z: 'Z' };

function comparable(text: string): string {
  return [...text].map((letter) => (Object.hasOwn(LOOKS_LIKE, letter) ? LOOKS_LIKE[letter]! : letter)).join('');
}

/** Case counts, but for letters that look the same in both. */
export function isCaptchaAnswer(captcha: string, answer: string): boolean {
  return captcha.length === answer.length && comparable(captcha) === comparable(answer);
}
