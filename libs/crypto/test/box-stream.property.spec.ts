/**
 * Streams of the box give the bytes of the box at once, wherever pieces begin and end, in both providers; and nothing
 * damaged passes (XFTP §4.2).
 */
import { concatBytes } from '@polyplex/base';
import {
  type BoxKey, boxKeyOf, createBoxOpener, createBoxSealer, createSha256, createSha512, type CryptoProvider, nativeProvider,
  portableProvider, sealBox, sha256, sha512,
} from '@polyplex/crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boxOpener, boxSealer } from '../src/box-stream.ts';
import { boxes } from './golden.ts';
import { hex, toHex } from './hex.ts';

const providers: readonly CryptoProvider[] = [nativeProvider(), portableProvider];
const sized = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const keys = sized(32).map(boxKeyOf);
const nonces = sized(24);
/** Long enough for several Salsa20 blocks, with the lengths around them. */
const contents = fc.oneof(fc.uint8Array({ maxLength: 600, size: 'max' }), fc.constantFrom(0, 31, 32, 33, 63, 64, 96, 128, 160).map((n) => new Uint8Array(n).fill(7)));
/** Where the content is cut: many tiny pieces or few long ones. */
const cuts = fc.array(fc.oneof(fc.nat(3), fc.nat(200), fc.constantFrom(32, 64, 96, 128)), { minLength: 1, maxLength: 8 });

/** Copies of the pieces that the lengths, over and over, cut; zero makes an empty piece. */
function pieces(content: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const out: Uint8Array[] = [];
  for (let at = 0, i = 0; at < content.length; i++) {
    const length = lengths[i % lengths.length]! || i % 2;
    out.push(content.slice(at, at + length));
    at += length;
  }
  return out;
}

const inPlace = (update: (piece: Uint8Array) => Uint8Array) => (piece: Uint8Array): Uint8Array => {
  const result = update(piece);
  expect(result).toBe(piece);
  return result;
};

const apart = (update: (piece: Uint8Array, out: Uint8Array) => Uint8Array) => (piece: Uint8Array): Uint8Array => {
  const before = piece.slice();
  const result = update(piece, new Uint8Array(piece.length).fill(9));
  expect(piece).toEqual(before);
  return result;
};

test('sealed and opened in pieces, in place and apart, is the box at once', () => {
  fc.assert(fc.property(contents, keys, nonces, cuts, cuts, (content, key, nonce, sealCuts, openCuts) => {
    const box = sealBox(key, nonce, content);
    for (const provider of providers) {
      for (const mode of [inPlace, apart]) {
        const sealer = boxSealer(provider, key, nonce);
        const cipher = concatBytes(...pieces(content, sealCuts).map(mode(sealer.update.bind(sealer))));
        expect(toHex(concatBytes(sealer.finish(), cipher))).toBe(toHex(box));

        const opener = boxOpener(provider, key, nonce);
        const plain = concatBytes(...pieces(cipher, openCuts).map(mode(opener.update.bind(opener))));
        expect(toHex(plain)).toBe(toHex(content));
        expect(opener.finish(box.subarray(0, 16))).toBe(true);
      }
    }
  }), { numRuns: 300 });
});

test.each(providers.map((provider) => [provider.name, provider] as const))('%s: two cuts at every place of a Salsa20 block', (_, provider) => {
  const [key, nonce, content] = [boxKeyOf(new Uint8Array(32)), new Uint8Array(24), new Uint8Array(200).fill(7)];
  const cipher = toHex(sealBox(key, nonce, content).subarray(16));
  for (let first = 0; first <= 65; first++) {
    for (let second = first; second <= first + 65; second++) {
      const sealer = boxSealer(provider, key, nonce);
      const cut = [content.slice(0, first), content.slice(first, second), content.slice(second)];
      if (toHex(concatBytes(...cut.map((piece) => sealer.update(piece)))) !== cipher) expect([first, second]).toBe('the same bytes');
    }
  }
});

test('any bit changed in the cipher or the tag is noticed', () => {
  fc.assert(fc.property(contents, keys, nonces, fc.nat(), (content, key, nonce, bit) => {
    const box = sealBox(key, nonce, content);
    box[(bit >> 3) % box.length]! ^= 1 << (bit & 7);
    for (const provider of providers) {
      const opener = boxOpener(provider, key, nonce);
      opener.update(box.slice(16));
      expect(opener.finish(box.subarray(0, 16))).toBe(false);
    }
  }));
});

test('a tag of another length does not fit', () => {
  for (const length of [0, 15, 17, 32]) {
    expect(createBoxOpener(boxKeyOf(new Uint8Array(32)), new Uint8Array(24)).finish(new Uint8Array(length))).toBe(false);
  }
});

describe('boxes of the reference with the tag at the end', () => {
  const { key, samples } = boxes.secretBoxTailTag;
  // The length as eight bytes, the message, `#` (XFTP §4.5).
  const padded = (message: Uint8Array, length: number): Uint8Array => {
    const out = new Uint8Array(length).fill(0x23);
    new DataView(out.buffer).setBigInt64(0, BigInt(message.length));
    out.set(message, 8);
    return out;
  };
  // Long messages are told as `70000 x 0x77`.
  const messageOf = (text: string): Uint8Array => {
    const repeated = /^(\d+) x 0x(..)$/.exec(text);
    return repeated === null ? hex(text) : new Uint8Array(Number(repeated[1])).fill(Number.parseInt(repeated[2]!, 16));
  };
  test.each(samples.map((sample, i) => [i, sample] as const))('%i', (_, sample) => {
    const sealer = createBoxSealer(boxKeyOf(hex(key)), hex(sample.nonce));
    const content = padded(messageOf(sample.message), sample.paddedLength);
    const cipher = concatBytes(...pieces(content, [100, 1000, 64]).map((piece) => sealer.update(piece)));
    const encrypted = concatBytes(cipher, sealer.finish());
    expect(toHex(sha256(encrypted))).toBe(sample.encryptedSha256);
    if (sample.encrypted !== null) expect(toHex(encrypted)).toBe(sample.encrypted);
  });
});

describe('misuse is a bug of the caller', () => {
  const key: BoxKey = boxKeyOf(new Uint8Array(32));
  const badLength = expect.objectContaining({ code: 'BAD_LENGTH' }) as Error;
  test('lengths', () => {
    expect(() => createBoxSealer(key, new Uint8Array(23))).toThrow(badLength);
    expect(() => createBoxSealer(key, new Uint8Array(24)).update(new Uint8Array(2), new Uint8Array(3))).toThrow(badLength);
    expect(() => createBoxOpener(key, new Uint8Array(24)).update(new Uint8Array(3), new Uint8Array(2))).toThrow(badLength);
  });

  test('nothing is encrypted after the end', () => {
    const sealer = createBoxSealer(key, new Uint8Array(24));
    sealer.update(new Uint8Array(5));
    sealer.finish();
    expect(() => sealer.update(new Uint8Array(5))).toThrow(expect.objectContaining({ code: 'BAD_STATE' }) as Error);
  });
});

test('hashes in pieces are the hashes at once, and both providers agree', () => {
  fc.assert(fc.property(contents, cuts, (content, lengths) => {
    for (const [algorithm, create, whole] of [['sha256', createSha256, sha256(content)], ['sha512', createSha512, sha512(content)]] as const) {
      for (const hasher of [create(), ...providers.map((provider) => provider.hasher(algorithm))]) {
        for (const piece of pieces(content, lengths)) hasher.update(piece);
        const digest = hasher.digest();
        expect(Object.getPrototypeOf(digest)).toBe(Uint8Array.prototype);
        expect(toHex(digest)).toBe(toHex(whole));
      }
    }
  }));
});
