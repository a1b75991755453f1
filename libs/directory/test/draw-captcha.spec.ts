/** Captchas that the bot draws itself (directory §3.7). */
import * as zlib from 'node:zlib';
import { expect, test } from 'vitest';
import { CAPTCHA_ALPHABET } from '../src/admission/captcha-text.ts';
import { drawCaptcha } from '../src/admission/draw-captcha.ts';
import { readImageOutput } from '../src/admission/generators.ts';
import { begin } from './support/admission.ts';

const bytesOf = (uri: string) => Buffer.from(uri.slice('data:image/png;base64,'.length), 'base64');

test('is a picture that fits a message, another each time', () => {
  const [one, other] = [drawCaptcha('Ab3gyqT')!, drawCaptcha('Ab3gyqT')!];
  expect(one).not.toBe(other);
  expect(readImageOutput(one)).toBe(one);
  const png = bytesOf(one);
  expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const at = png.indexOf('IDAT');
  const lines = zlib.inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
  expect(lines).toHaveLength(height * (1 + width / 8));
  const black = lines.reduce((sum, byte) => sum + (255 - byte === 0 ? 0 : 1), 0);
  expect(black).toBeGreaterThan(200);
});

test('has every letter of the alphabet, and no other', () => {
  for (const letter of CAPTCHA_ALPHABET) expect(drawCaptcha(letter), letter).not.toBeNull();
  expect(drawCaptcha('a b')).toBeNull();
  expect(drawCaptcha('ü')).toBeNull();
});

test('is sent where that is wished and no generator is there; what cannot be drawn is text', () => {
  const { bot, group } = begin({ drawsCaptchas: true, captchaText: () => 'AbdEfgh' });
  const dan = group.joins('dan');
  expect(dan.heardMessages().map(({ content }) => content.type)).toEqual(['text', 'image']);
  dan.says('AbdEfgh');
  expect(dan.member.status).toBe('connected');
  expect(bot.directory.stats.captchas.get('image')).toBe(1);
  const other = begin({ drawsCaptchas: true, captchaText: () => '000' });
  expect(other.group.joins('eve').heard()[1]).toBe('000');
});
