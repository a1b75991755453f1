/** The signed session key of SMP §3.3 and §3.5: both algorithms, both kinds of key inside, and what is refused. */
import { concatBytes } from '@polyplex/base';
import {
  decodeSignedKey, encodeSignedKey, generateKeyPair, type PrivateKey, type SessionPublicKey, type SignatureKind, verify,
} from '@polyplex/crypto';
import { describe, expect, test } from 'vitest';
import { toHex } from './hex.ts';

const cases = (['ed25519', 'ed448'] as const).flatMap((leaf) =>
  (['x25519', 'ed25519'] as const).map((inner) => ({ leaf, inner })),
);

describe.each(cases)('a $inner key signed with $leaf', ({ leaf, inner }) => {
  const leafKeys = generateKeyPair<SignatureKind>(leaf);
  const { publicKey } = generateKeyPair(inner);
  const der = encodeSignedKey(publicKey, leafKeys.privateKey);

  test('has the layout of the spec', () => {
    expect(der.length).toBe(leaf === 'ed25519' ? 122 : 173);
    expect(toHex(der).startsWith(leaf === 'ed25519' ? '3078302c302a' : '3081aa302c302a')).toBe(true);
  });

  test('reads back and verifies with the leaf key only', () => {
    const signedKey = decodeSignedKey(der)!;
    expect(signedKey.key).toEqual(publicKey);
    expect(signedKey.algorithm).toBe(leaf);
    expect(verify(leafKeys.publicKey, signedKey.signed, signedKey.signature)).toBe(true);
    expect(verify(generateKeyPair(leaf).publicKey, signedKey.signed, signedKey.signature)).toBe(false);
  });

  test('is refused with a byte more or less', () => {
    expect(decodeSignedKey(concatBytes(der, Uint8Array.of(0)))).toBeNull();
    expect(decodeSignedKey(der.subarray(0, -1))).toBeNull();
  });

  test('is refused when a byte of its frame changes', () => {
    const frame = der.length - (leaf === 'ed25519' ? 64 : 114);
    const keyAt = (leaf === 'ed25519' ? 2 : 3) + 14;
    for (let i = 0; i < frame; i++) {
      if (i >= keyAt && i < keyAt + 32) continue;
      const changed = der.slice();
      changed[i]! ^= 0x40;
      expect(decodeSignedKey(changed)).toBeNull();
    }
  });

  test('keeps nothing of the memory it was read from', () => {
    const memory = der.slice();
    const signedKey = decodeSignedKey(memory)!;
    memory.fill(0);
    expect(signedKey).toEqual(decodeSignedKey(der));
  });
});

test('a leaf key that cannot sign is a bug of the caller', () => {
  const key: SessionPublicKey = generateKeyPair('x25519').publicKey;
  const leafKey: PrivateKey = generateKeyPair('x25519').privateKey;
  expect(() => encodeSignedKey(key, leafKey)).toThrow(expect.objectContaining({ code: 'BAD_KEY' }));
});
