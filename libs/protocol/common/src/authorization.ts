/**
 * How a command is authorised (SMP §4.3): a signature over `A`, or an X25519 authenticator, which is a box of
 * SHA-512(A) between the queue key and the session key of the server. Boxes are keyed once per key and session.
 */
import {
  agree, type BoxKey, boxKeyOf, equalSecret, nonceOf, openBox, type PrivateKey, type PublicKey, sealBox, sha512, sign, verify,
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

/** Signs `authorized`, or makes the authenticator for the server's session key with `corrId` as nonce. */
export function authorize(key: PrivateKey, serverKey: PublicKey<'x25519'> | null, corrId: Uint8Array, authorized: Uint8Array): Uint8Array | null {
  if (key.kind === 'ed25519' || key.kind === 'ed448') return sign(key as PrivateKey<'ed25519' | 'ed448'>, authorized);
  const secret = serverKey === null ? null : agree(key, serverKey);
  return secret === null ? null : sealBox(boxKeyOf(secret), nonceOf(corrId), sha512(authorized));
}

/** The box key between a client's X25519 key and the session key of the server; null for unusable keys. */
export function authenticatorKey(sessionPrivateKey: PrivateKey<'x25519'>, key: PublicKey<'x25519'>): BoxKey | null {
  const secret = agree(sessionPrivateKey, key);
  return secret === null ? null : boxKeyOf(secret);
}

export function verifyAuthenticator(key: BoxKey, corrId: Uint8Array, auth: Uint8Array, authorized: Uint8Array): boolean {
  const hash = openBox(key, nonceOf(corrId), auth);
  // The hash is taken also when the box does not open, so that the time says nothing about the key.
  const expected = sha512(authorized);
  return hash !== null && equalSecret(hash, expected);
}

export function verifySignature(key: AuthKey, authorized: Uint8Array, auth: Uint8Array): boolean {
  return (key.kind === 'ed25519' || key.kind === 'ed448') && verify(key, authorized, auth);
}
