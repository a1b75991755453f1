import { describe, expect, test } from 'vitest';
import { BOX_TAG_BYTES, boxKeyOf, nonceOf, openBox, openBoxInto, openPaddedBoxInto, sealBox, sealBoxInto } from './box.ts';
import { randomBytes } from './random-bytes.ts';

const key = boxKeyOf(randomBytes(32));
const nonce = randomBytes(24);
const plain = randomBytes(100);
const badLength = expect.objectContaining({ code: 'BAD_LENGTH' }) as Error;

test('a box is 16 bytes longer and opens with the same key and nonce only', () => {
  const box = sealBox(key, nonce, plain);
  expect(box.length).toBe(plain.length + BOX_TAG_BYTES);
  expect(openBox(key, nonce, box)).toEqual(plain);
  expect(openBox(boxKeyOf(randomBytes(32)), nonce, box)).toBeNull();
  expect(openBox(key, randomBytes(24), box)).toBeNull();
});

test('seals and opens in place', () => {
  const block = new Uint8Array(plain.length + BOX_TAG_BYTES);
  const content = block.subarray(BOX_TAG_BYTES);
  content.set(plain);
  sealBoxInto(block, key, nonce, content);
  expect(block).toEqual(sealBox(key, nonce, plain));
  expect(openBoxInto(content, key, nonce, block)).toBe(true);
  expect(content).toEqual(plain);
});

test('padded content opens as far as it counts', () => {
  const padded = new Uint8Array(1000).fill(0x23);
  padded.set([0, 3, 1, 2, 3]);
  const box = sealBox(key, nonce, padded);
  const out = new Uint8Array(padded.length);
  expect(openPaddedBoxInto(out, key, nonce, box)).toBe(true);
  expect(out.subarray(0, 5)).toEqual(padded.subarray(0, 5));
  expect(openPaddedBoxInto(out, key, randomBytes(24), box)).toBe(false);
  expect(openPaddedBoxInto(new Uint8Array(0), key, nonce, new Uint8Array(15))).toBe(false);
  expect(() => openPaddedBoxInto(new Uint8Array(999), key, nonce, box)).toThrow(badLength);
});

describe('lengths', () => {
  test('the empty content has a box', () => {
    const box = sealBox(key, nonce, new Uint8Array(0));
    expect(openBox(key, nonce, box)).toEqual(new Uint8Array(0));
  });

  test.each([0, 1, 15])('a box of %i bytes does not open', (length) => {
    expect(openBox(key, nonce, new Uint8Array(length))).toBeNull();
    expect(openBoxInto(new Uint8Array(0), key, nonce, new Uint8Array(length))).toBe(false);
  });

  test('wrong buffers, nonces and secrets are bugs of the caller', () => {
    expect(() => sealBoxInto(new Uint8Array(115), key, nonce, plain)).toThrow(badLength);
    expect(() => openBoxInto(new Uint8Array(99), key, nonce, new Uint8Array(116))).toThrow(badLength);
    expect(() => sealBox(key, new Uint8Array(23), plain)).toThrow(badLength);
    expect(() => openBox(key, new Uint8Array(25), new Uint8Array(116))).toThrow(badLength);
    expect(() => boxKeyOf(new Uint8Array(31))).toThrow(badLength);
  });
});

test('a nonce is always a copy', () => {
  const id = randomBytes(24);
  const made = nonceOf(id);
  id.fill(0);
  expect(made).not.toEqual(id);
});
