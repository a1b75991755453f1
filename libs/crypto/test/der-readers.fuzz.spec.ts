/** Mutated and random DER: readers of keys, signed keys and certificates answer null or a value, and never throw. */
import { concatBytes, equalBytes } from '@polyplex/base';
import {
  agree, decodePrivateKey, decodePublicKey, decodeSignedKey, encodePrivateKey, encodePublicKey, encodeSignedKey, fingerprintOf,
  generateKeyPair, type KeyKind, leafPublicKey, validateChain, verify,
} from '@polyplex/crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { issue, VALID_AT_MS } from './certificates.ts';
import { helloChain } from './smp-examples.ts';

const kinds: readonly KeyKind[] = ['ed25519', 'ed448', 'x25519', 'x448'];
const pairs = kinds.map((kind) => generateKeyPair(kind));
const anchor = issue('ca', null, { kind: 'ed448' });
const chain = [issue('leaf', anchor).der, anchor.der];

/** Some bytes set, some removed, some inserted, possibly cut: what keeps the structure alive long enough to hurt. */
function mutated(samples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const edits = fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255), how: fc.nat(3) }), { minLength: 1, maxLength: 4 });
  return fc.tuple(fc.constantFrom(...samples), edits).map(([sample, list]) => list.reduce((der, { at, byte, how }) => {
    const position = at % (der.length + 1);
    const rest = how === 0 || how === 3 ? position + 1 : how === 1 ? position : der.length;
    const middle = how <= 1 ? Uint8Array.of(byte) : new Uint8Array(0);
    return concatBytes(der.subarray(0, position), middle, der.subarray(rest));
  }, sample));
}

test('public keys', () => {
  const samples = pairs.map(({ publicKey }) => encodePublicKey(publicKey));
  fc.assert(fc.property(fc.oneof(mutated(samples), fc.uint8Array({ maxLength: 80 })), (der) => {
    const key = decodePublicKey(der);
    if (key !== null) expect(encodePublicKey(key)).toEqual(der);
  }), { numRuns: 3000 });
});

test('private keys', () => {
  const samples = pairs.map(({ privateKey }) => encodePrivateKey(privateKey));
  fc.assert(fc.property(fc.oneof(mutated(samples), fc.uint8Array({ maxLength: 80 })), (der) => {
    const key = decodePrivateKey(der);
    if (key !== null) expect(encodePrivateKey(key)).toEqual(der);
  }), { numRuns: 3000 });
});

test('signed keys, and the verification of what was read', () => {
  const leaf = generateKeyPair('ed25519');
  const leaf448 = generateKeyPair('ed448');
  const { publicKey } = generateKeyPair('x25519');
  const samples = [encodeSignedKey(publicKey, leaf.privateKey), encodeSignedKey(publicKey, leaf448.privateKey)];
  fc.assert(fc.property(fc.oneof(mutated(samples), fc.uint8Array({ maxLength: 180 })), (der) => {
    const signedKey = decodeSignedKey(der);
    if (signedKey !== null) verify(leaf.publicKey, signedKey.signed, signedKey.signature);
  }), { numRuns: 2000 });
});

test('certificates', () => {
  const certificates = mutated([...chain, ...helloChain]);
  const expectedFingerprint = fingerprintOf(chain)!;
  fc.assert(fc.property(certificates, fc.boolean(), (der, asLeaf) => {
    fc.pre(!chain.some((original) => equalBytes(original, der))); // an edit may restore what was there
    const hostile = asLeaf ? [der, chain[1]!] : [chain[0]!, der];
    expect(validateChain(hostile, { now: VALID_AT_MS, expectedFingerprint })).not.toBe('ok');
    validateChain(hostile, { now: VALID_AT_MS });
    validateChain([der], { now: VALID_AT_MS, allowSelfSigned: true });
    leafPublicKey([der]);
    fingerprintOf([der]);
  }), { numRuns: 1500 });
});

test('keys of wrong kinds and lengths, and signatures of wrong lengths', () => {
  const raw = fc.uint8Array({ maxLength: 120 });
  const kind = fc.constantFrom(...kinds);
  fc.assert(fc.property(kind, raw, kind, raw, raw, (ownKind, ownRaw, kindOfOther, rawOfOther, signature) => {
    const other = { kind: kindOfOther, raw: rawOfOther };
    expect(verify(other, ownRaw, signature)).toBe(false);
    const secret = agree({ kind: ownKind, raw: ownRaw }, other);
    if (secret !== null) expect(secret.length).toBe(rawOfOther.length);
  }), { numRuns: 500 });
});
