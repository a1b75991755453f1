/** ChaCha20-Poly1305 as RFC 8439 §2.8.2 has it, by each provider, and nothing that was changed opens. */
import { nativeProvider, openChaChaInto, portableProvider, sealChaChaInto } from '@polyplex/crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hex, toHex } from './hex.ts';

const RFC8439 = {
  key: hex('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f'),
  nonce: hex('070000004041424344454647'),
  associated: hex('50515253c0c1c2c3c4c5c6c7'),
  plain: new TextEncoder().encode(
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
  ),
  sealed:
    'd31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36' +
    '92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691',
};

describe.each([nativeProvider(), portableProvider])('$name', (provider) => {
  test('RFC 8439, in memory of its own and in place', () => {
    const { plain, sealed, ...keys } = RFC8439;
    const out = new Uint8Array(plain.length + 16);
    provider.chaChaSeal(out, plain, keys);
    expect(toHex(out)).toBe(sealed);
    const place = new Uint8Array(plain.length + 16);
    place.set(plain);
    provider.chaChaSeal(place, place.subarray(0, plain.length), keys);
    expect(place).toEqual(out);
    expect(provider.chaChaOpen(place.subarray(0, plain.length), place, keys)).toBe(true);
    expect(place.subarray(0, plain.length)).toEqual(plain);
  });

  test('nothing that was changed opens', () => {
    const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), bytes(32), bytes(12), fc.uint8Array({ maxLength: 20 }), fc.nat(), (plain, key, nonce, associated, bit) => {
      const sealed = new Uint8Array(plain.length + 16);
      provider.chaChaSeal(sealed, plain, { key, nonce, associated });
      const out = new Uint8Array(plain.length);
      sealed[(bit >> 3) % sealed.length]! ^= 1 << (bit & 7);
      expect(provider.chaChaOpen(out, sealed, { key, nonce, associated })).toBe(false);
      sealed[(bit >> 3) % sealed.length]! ^= 1 << (bit & 7);
      expect(provider.chaChaOpen(out, sealed, { key, nonce, associated: Uint8Array.of(...associated, 0) })).toBe(false);
      expect(provider.chaChaOpen(out, sealed, { key, nonce, associated })).toBe(true);
      expect(out).toEqual(plain);
    }));
  });
});

test('both providers seal alike, a whole record of TLS, too', () => {
  const keys = { key: RFC8439.key, nonce: RFC8439.nonce, associated: RFC8439.associated };
  const plain = new Uint8Array(16_385).map((_, i) => i * 7);
  const [one, other] = [new Uint8Array(plain.length + 16), new Uint8Array(plain.length + 16)];
  nativeProvider().chaChaSeal(one, plain, keys);
  portableProvider.chaChaSeal(other, plain, keys);
  expect(one).toEqual(other);
});

test('what is too short does not open, and wrong lengths of ours are an error', () => {
  const { plain: _plain, sealed: _sealed, ...keys } = RFC8439;
  expect(openChaChaInto(new Uint8Array(0), keys, new Uint8Array(15))).toBe(false);
  expect(() => sealChaChaInto(new Uint8Array(20), keys, new Uint8Array(5))).toThrow();
  expect(() => sealChaChaInto(new Uint8Array(21), { ...keys, nonce: new Uint8Array(24) }, new Uint8Array(5))).toThrow();
});
