/**
 * The session key that a certificate vouches for (SMP §3.3, §3.5): a DER sequence of the key's SPKI, the algorithm and
 * a signature over the SPKI by the key of the TLS leaf certificate. Only 44-byte SPKIs occur (X25519 in hellos, Ed25519
 * for services), so each algorithm has exactly one length and one layout, and reading compares the fixed parts.
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
  /** What the signature covers: the 44 bytes of the SPKI. */
  readonly signed: Uint8Array;
}

interface Layout {
  readonly algorithm: SignatureKind;
  /** Header of the sequence, before the SPKI. */
  readonly head: Uint8Array;
  /** AlgorithmIdentifier and the header of the BIT STRING, before the signature. */
  readonly middle: Uint8Array;
}

const LAYOUTS: readonly Layout[] = [
  {
    algorithm: 'ed25519',
    head: Uint8Array.of(0x30, 0x76),
    middle: Uint8Array.of(0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x41, 0),
  },
  {
    algorithm: 'ed448',
    head: Uint8Array.of(0x30, 0x81, 0xa8),
    middle: Uint8Array.of(0x30, 5, 6, 3, 0x2b, 0x65, 0x71, 3, 0x73, 0),
  },
];

/** 120 bytes with an Ed25519 leaf key, 171 with Ed448. Throws `CodedError` (`BAD_KEY`) for a leaf key that cannot sign. */
export function encodeSignedKey(key: SessionPublicKey, leafPrivateKey: PrivateKey): Uint8Array {
  const layout = LAYOUTS.find((candidate) => candidate.algorithm === leafPrivateKey.kind);
  if (layout === undefined) throw new CodedError('BAD_KEY', 'the key of a leaf certificate is Ed25519 or Ed448');
  const spki = encodePublicKey(key);
  return concatBytes(layout.head, spki, layout.middle, sign(leafPrivateKey as PrivateKey<SignatureKind>, spki));
}

/** Reads a signed key without verifying it; null when it is not exactly one of the forms. Keeps no view of `der`. */
export function decodeSignedKey(der: Uint8Array): SignedKey | null {
  for (const { algorithm, head, middle } of LAYOUTS) {
    const middleAt = head.length + SPKI_25519_BYTES;
    const signatureAt = middleAt + middle.length;
    if (der.length !== signatureAt + SIGNATURE_BYTES[algorithm]) continue;
    if (!equalBytes(der.subarray(0, head.length), head)) continue;
    if (!equalBytes(der.subarray(middleAt, signatureAt), middle)) continue;
    const signed = copyBytes(der.subarray(head.length, middleAt));
    const key = decodePublicKey(signed);
    if (key === null || (key.kind !== 'x25519' && key.kind !== 'ed25519')) return null;
    return { key: key as SessionPublicKey, algorithm, signature: copyBytes(der.subarray(signatureAt)), signed };
  }
  return null;
}
