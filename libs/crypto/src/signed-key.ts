/**
 * The session key that a certificate vouches for (SMP §3.3, §3.5): a DER sequence of the signed object, the algorithm
 * and a signature by the key of the TLS leaf certificate. The signed object is a sequence whose only member is the
 * key's SPKI: the signature covers these 46 bytes. Only 44-byte SPKIs occur (X25519 in hellos, Ed25519 for services),
 * so each algorithm has exactly one length and one layout, and reading compares the fixed parts.
 */
import { CodedError, concatBytes, copyBytes, equalBytes } from '@polyplex/base';
import { decodePublicKey, encodePublicKey, SPKI_25519_BYTES } from './key-der.ts';
import { sign } from './key-operations.ts';
import { type PrivateKey, type PublicKey, SIGNATURE_BYTES, type SignatureKind } from './keys.ts';

export type SessionPublicKey = PublicKey<'x25519' | 'ed25519'>;

export interface SignedKey {
  readonly key: SessionPublicKey;
  readonly algorithm: SignatureKind;
  /** 64 or 114 bytes. */
  readonly signature: Uint8Array;
  /** What the signature covers: the SPKI inside a sequence (46 bytes), or bare. */
  readonly signed: Uint8Array;
}

interface Layout {
  readonly algorithm: SignatureKind;
  /** Header of the whole. */
  readonly head: Uint8Array;
  /** Between that and the SPKI: the header of the signed object, or nothing. */
  readonly wrapper: Uint8Array;
  /** AlgorithmIdentifier and the header of the BIT STRING, before the signature. */
  readonly middle: Uint8Array;
}

const WRAPPER = Uint8Array.of(0x30, SPKI_25519_BYTES);
const NO_WRAPPER = new Uint8Array(0);
const MIDDLE_ED25519 = Uint8Array.of(0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x41, 0);
const MIDDLE_ED448 = Uint8Array.of(0x30, 5, 6, 3, 0x2b, 0x65, 0x71, 3, 0x73, 0);

/** The first two are what servers send. The bare ones are read too: libraries differ in whether they wrap the object. */
const LAYOUTS: readonly Layout[] = [
  { algorithm: 'ed25519', head: Uint8Array.of(0x30, 0x78), wrapper: WRAPPER, middle: MIDDLE_ED25519 },
  { algorithm: 'ed448', head: Uint8Array.of(0x30, 0x81, 0xaa), wrapper: WRAPPER, middle: MIDDLE_ED448 },
  { algorithm: 'ed25519', head: Uint8Array.of(0x30, 0x76), wrapper: NO_WRAPPER, middle: MIDDLE_ED25519 },
  { algorithm: 'ed448', head: Uint8Array.of(0x30, 0x81, 0xa8), wrapper: NO_WRAPPER, middle: MIDDLE_ED448 },
];

/** 122 bytes with an Ed25519 leaf key, 173 with Ed448. Throws `CodedError` (`BAD_KEY`) for a leaf key that cannot sign. */
export function encodeSignedKey(key: SessionPublicKey, leafPrivateKey: PrivateKey): Uint8Array {
  const layout = LAYOUTS.find((candidate) => candidate.algorithm === leafPrivateKey.kind);
  if (layout === undefined) throw new CodedError('BAD_KEY', 'the key of a leaf certificate is Ed25519 or Ed448');
  const signed = concatBytes(layout.wrapper, encodePublicKey(key));
  return concatBytes(layout.head, signed, layout.middle, sign(leafPrivateKey as PrivateKey<SignatureKind>, signed));
}

/** Reads a signed key without verifying it; null when it is not exactly one of the forms. Keeps no view of `der`. */
export function decodeSignedKey(der: Uint8Array): SignedKey | null {
  for (const layout of LAYOUTS) {
    const signedKey = readLayout(der, layout);
    if (signedKey !== null) return signedKey;
  }
  return null;
}

function readLayout(der: Uint8Array, { algorithm, head, wrapper, middle }: Layout): SignedKey | null {
  const spkiAt = head.length + wrapper.length;
  const middleAt = spkiAt + SPKI_25519_BYTES;
  const signatureAt = middleAt + middle.length;
  if (der.length !== signatureAt + SIGNATURE_BYTES[algorithm]) return null;
  const framed = equalBytes(der.subarray(0, spkiAt), concatBytes(head, wrapper)) && equalBytes(der.subarray(middleAt, signatureAt), middle);
  const key = framed ? decodePublicKey(der.subarray(spkiAt, middleAt)) : null;
  if (key === null || (key.kind !== 'x25519' && key.kind !== 'ed25519')) return null;
  const signed = copyBytes(der.subarray(head.length, middleAt));
  return { key: key as SessionPublicKey, algorithm, signature: copyBytes(der.subarray(signatureAt)), signed };
}
