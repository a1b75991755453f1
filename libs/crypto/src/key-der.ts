/**
 * DER of keys: SubjectPublicKeyInfo and PKCS#8, with the exact prefixes of SMP §1.2 (RFC 8410). Both forms have one
 * encoding per kind, so reading is a comparison of the prefix and the length; anything else is no key.
 */
import { concatBytes, copyBytes, equalBytes } from '@polyplex/base';
import { KEY_BYTES, type KeyKind, type PrivateKey, type PublicKey } from './keys.ts';

interface KeyForm {
  readonly kind: KeyKind;
  readonly publicPrefix: Uint8Array;
  readonly privatePrefix: Uint8Array;
}

const FORMS: readonly KeyForm[] = [
  form('ed25519', '302a300506032b6570032100', '302e020100300506032b657004220420'),
  form('x25519', '302a300506032b656e032100', '302e020100300506032b656e04220420'),
  form('ed448', '3043300506032b6571033a00', '3047020100300506032b6571043b0439'),
  form('x448', '3042300506032b656f033900', '3046020100300506032b656f043a0438'),
];

/** Length of the SPKI of an Ed25519 or X25519 key. */
export const SPKI_25519_BYTES = 44;

/** Reads a SubjectPublicKeyInfo into memory of its own; null when it is not exactly one of the four kinds. */
export function decodePublicKey(der: Uint8Array): PublicKey | null {
  for (const { kind, publicPrefix } of FORMS) {
    const raw = rawAfter(publicPrefix, kind, der);
    if (raw !== null) return { kind, raw };
  }
  return null;
}

/** SubjectPublicKeyInfo: 44 bytes for the 25519 kinds, 69 for Ed448, 68 for X448. */
export function encodePublicKey(key: PublicKey): Uint8Array {
  return concatBytes(formOf(key.kind).publicPrefix, key.raw);
}

/** Reads an unencrypted PKCS#8 key into memory of its own; null when it is not exactly one of the four kinds. */
export function decodePrivateKey(pkcs8Der: Uint8Array): PrivateKey | null {
  for (const { kind, privatePrefix } of FORMS) {
    const raw = rawAfter(privatePrefix, kind, pkcs8Der);
    if (raw !== null) return { kind, raw };
  }
  return null;
}

/** PKCS#8 of version 1, without the public key, as the reference writes it. */
export function encodePrivateKey(key: PrivateKey): Uint8Array {
  return concatBytes(formOf(key.kind).privatePrefix, key.raw);
}

function rawAfter(prefix: Uint8Array, kind: KeyKind, der: Uint8Array): Uint8Array | null {
  if (der.length !== prefix.length + KEY_BYTES[kind]) return null;
  return equalBytes(der.subarray(0, prefix.length), prefix) ? copyBytes(der.subarray(prefix.length)) : null;
}

function formOf(kind: KeyKind): KeyForm {
  return FORMS.find((candidate) => candidate.kind === kind)!;
}

function form(kind: KeyKind, publicPrefix: string, privatePrefix: string): KeyForm {
  return { kind, publicPrefix: hex(publicPrefix), privatePrefix: hex(privatePrefix) };
}

function hex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
