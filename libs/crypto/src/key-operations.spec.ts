import { expect, test } from 'vitest';
import { equalSecret } from './hashes.ts';
import { agree, generateKeyPair, publicKeysEqual, sign, verify } from './key-operations.ts';
import { KEY_BYTES, SIGNATURE_BYTES } from './keys.ts';

const message = new Uint8Array(50).fill(5);

test.each(['x25519', 'x448'] as const)('%s pairs agree, and only with their own kind', (kind) => {
  const [one, other] = [generateKeyPair(kind), generateKeyPair(kind)];
  const secret = agree(one.privateKey, other.publicKey)!;
  expect(secret.length).toBe(KEY_BYTES[kind]);
  expect(agree(other.privateKey, one.publicKey)).toEqual(secret);
  expect(agree(one.privateKey, generateKeyPair(kind === 'x448' ? 'x25519' : 'x448').publicKey)).toBeNull();
  expect(agree(one.privateKey, { kind, raw: new Uint8Array(KEY_BYTES[kind]) })).toBeNull();
  expect(agree(one.privateKey, { kind, raw: other.publicKey.raw.subarray(1) })).toBeNull();
});

test.each(['ed25519', 'ed448'] as const)('%s pairs sign, and others do not verify', (kind) => {
  const { privateKey, publicKey } = generateKeyPair(kind);
  const signature = sign(privateKey, message);
  expect(signature.length).toBe(SIGNATURE_BYTES[kind]);
  expect(verify(publicKey, message, signature)).toBe(true);
  expect(verify(publicKey, message.subarray(1), signature)).toBe(false);
  expect(verify(generateKeyPair(kind).publicKey, message, signature)).toBe(false);
  expect(verify(publicKey, message, signature.subarray(1))).toBe(false);
  expect(verify(publicKey, message, new Uint8Array(0))).toBe(false);
  expect(agree(privateKey, publicKey)).toBeNull();
});

test('Ed25519 keys do not agree, X25519 keys do not verify', () => {
  const signing = generateKeyPair('ed25519');
  expect(verify({ kind: 'x25519', raw: signing.publicKey.raw }, message, sign(signing.privateKey, message))).toBe(false);
});

test('public keys are equal by kind and bytes', () => {
  const { publicKey } = generateKeyPair('x25519');
  expect(publicKeysEqual(publicKey, { kind: 'x25519', raw: publicKey.raw.slice() })).toBe(true);
  expect(publicKeysEqual(publicKey, { kind: 'ed25519', raw: publicKey.raw })).toBe(false);
  expect(publicKeysEqual(publicKey, generateKeyPair('x25519').publicKey)).toBe(false);
});

test('secrets are equal by length and bytes', () => {
  expect(equalSecret(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
  expect(equalSecret(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
  expect(equalSecret(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 0))).toBe(false);
  expect(equalSecret(new Uint8Array(0), new Uint8Array(0))).toBe(true);
});
