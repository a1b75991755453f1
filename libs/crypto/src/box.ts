/**
 * The one box of SMP §1.7: XSalsa20-Poly1305 under HSalsa20(secret), tag first, for Diffie-Hellman secrets and for
 * derived keys alike. The type `BoxKey` holds the invariant that the HSalsa20 step was done exactly once.
 */
import { CodedError } from '@polyplex/base';
import { cryptoProvider } from './active-provider.ts';

declare const boxKeyBrand: unique symbol;

/** HSalsa20 of a 32-byte secret. Made once per secret and kept; worth as much as the secret itself. */
export type BoxKey = Uint8Array & { readonly [boxKeyBrand]: true };

/** By how much a box is longer than its content. */
export const BOX_TAG_BYTES = 16;
export const BOX_NONCE_BYTES = 24;
const BOX_KEY_BYTES = 32;

/** Makes the key of a box from a raw secret of 32 bytes. */
export function boxKeyOf(secret: Uint8Array): BoxKey {
  demand(secret.length === BOX_KEY_BYTES, 'a box secret has 32 bytes');
  return cryptoProvider.hsalsa20(secret) as BoxKey;
}

/** The box of `plain`, in fresh memory. */
export function sealBox(key: BoxKey, nonce: Uint8Array, plain: Uint8Array): Uint8Array {
  const out = new Uint8Array(plain.length + BOX_TAG_BYTES);
  sealBoxInto(out, key, nonce, plain);
  return out;
}

/** Writes the box into `out`, 16 bytes longer than `plain`, which may be `out.subarray(16)`: then it is sealed in place. */
export function sealBoxInto(out: Uint8Array, key: BoxKey, nonce: Uint8Array, plain: Uint8Array): void {
  demand(nonce.length === BOX_NONCE_BYTES, 'a box nonce has 24 bytes');
  demand(out.length === plain.length + BOX_TAG_BYTES, 'a box is 16 bytes longer than its content');
  cryptoProvider.secretboxSeal(out, plain, nonce, key);
}

/** The content of a box, in fresh memory; null when it is too short or the tag does not match. */
export function openBox(key: BoxKey, nonce: Uint8Array, box: Uint8Array): Uint8Array | null {
  if (box.length < BOX_TAG_BYTES) return null;
  const out = new Uint8Array(box.length - BOX_TAG_BYTES);
  return openBoxInto(out, key, nonce, box) ? out : null;
}

/**
 * Writes the content into `out`, 16 bytes shorter than `box`; it may be `box.subarray(16)`: then it is opened in place.
 * False, with `out` as it was, when the box is too short or the tag does not match.
 */
export function openBoxInto(out: Uint8Array, key: BoxKey, nonce: Uint8Array, box: Uint8Array): boolean {
  if (!isBox(out, nonce, box)) return false;
  return cryptoProvider.secretboxOpen(out, box, nonce, key);
}

/**
 * The same of padded content (SMP §1.6), whose padding need not be deciphered: `out` has its length and what that counts, and
 * anything behind that. The tag is checked over all of it.
 */
export function openPaddedBoxInto(out: Uint8Array, key: BoxKey, nonce: Uint8Array, box: Uint8Array): boolean {
  if (!isBox(out, nonce, box)) return false;
  const padded = cryptoProvider.secretboxOpenPadded;
  return padded === undefined ? cryptoProvider.secretboxOpen(out, box, nonce, key) : padded(out, box, nonce, key);
}

function isBox(out: Uint8Array, nonce: Uint8Array, box: Uint8Array): boolean {
  demand(nonce.length === BOX_NONCE_BYTES, 'a box nonce has 24 bytes');
  if (box.length < BOX_TAG_BYTES) return false;
  demand(out.length === box.length - BOX_TAG_BYTES, 'the content of a box is 16 bytes shorter than the box');
  return true;
}

/** The nonce made of an id: its first 24 bytes, or the id filled up with zeros. Always a copy. */
export function nonceOf(bytes: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(BOX_NONCE_BYTES);
  nonce.set(bytes.length > BOX_NONCE_BYTES ? bytes.subarray(0, BOX_NONCE_BYTES) : bytes);
  return nonce;
}

/** Lengths are fixed by our own code, never by the network: a wrong one is a bug. */
function demand(condition: boolean, message: string): void {
  if (!condition) throw new CodedError('BAD_LENGTH', message);
}
