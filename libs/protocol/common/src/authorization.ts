/**
 * How a command is authorised (SMP §4.3): a signature over `A`, or an X25519 authenticator, which is a box of
 * SHA-512(A) between the queue key and the session key of the server. Boxes are keyed once per key and session.
 */
import {
  agree, BOX_TAG_BYTES, type BoxKey, boxKeyOf, equalSecret, nonceOf, openBoxInto, type PrivateKey, type PublicKey, sealBox, sha512, sign, verify,
} from '@polyplex/crypto';
import type { AuthKey } from './key-codecs.ts';

export const AUTH_LENGTHS = { ed25519: 64, ed448: 114, x25519: 80 } as const;

export type AuthKind = keyof typeof AUTH_LENGTHS;

/** The kind of authorisation that these bytes are by their length; `none` when empty; null for any other length. */
export function authKindOf(auth: Uint8Array): AuthKind | 'none' | null {
  switch (auth.length) {
    case 0:
      return 'none';
    case AUTH_LENGTHS.ed25519:
      return 'ed25519';
    case AUTH_LENGTHS.ed448:
      return 'ed448';
    case AUTH_LENGTHS.x25519:
      return 'x25519';
    default:
      return null;
  }
}

/** The client's side: a signature, or the authenticator by the box key of an X25519 key (`authenticatorKey`), `corrId` its nonce. */
export function authorize(key: PrivateKey<'ed25519' | 'ed448'> | BoxKey, corrId: Uint8Array, authorized: Uint8Array): Uint8Array {
  return key instanceof Uint8Array ? sealBox(key, nonceOf(corrId), sha512(authorized)) : sign(key, authorized);
}

/** The box key between an X25519 queue key and the session key of the other end; null for unusable keys. */
export function authenticatorKey(privateKey: PrivateKey<'x25519'>, publicKey: PublicKey<'x25519'>): BoxKey | null {
  const secret = agree(privateKey, publicKey);
  return secret === null ? null : boxKeyOf(secret);
}

/** Used within one call only: memory that native code does not have to move first. */
const hashInside = new Uint8Array(new ArrayBuffer(AUTH_LENGTHS.x25519 - BOX_TAG_BYTES));

export function verifyAuthenticator(key: BoxKey, corrId: Uint8Array, auth: Uint8Array, authorized: Uint8Array): boolean {
  const opened = auth.length === AUTH_LENGTHS.x25519 && openBoxInto(hashInside, key, nonceOf(corrId), auth);
  // The hash is taken also when the box does not open, so that the time says nothing about the key.
  const expected = sha512(authorized);
  const valid = opened && equalSecret(hashInside, expected);
  hashInside.fill(0);
  return valid;
}

export function verifySignature(key: AuthKey, authorized: Uint8Array, auth: Uint8Array): boolean {
  return (key.kind === 'ed25519' || key.kind === 'ed448') && verify(key, authorized, auth);
}
