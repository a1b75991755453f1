/**
 * What is done with keys, by their kind. Keys and signatures come from the network: a wrong kind, a wrong length or an
 * unusable point is an answer (null, false), never an exception.
 */
import { equalBytes } from '@polyplex/base';
import { cryptoProvider } from './active-provider.ts';
import {
  KEY_BYTES, type KeyKind, type KeyPair, type PrivateKey, type PublicKey, SIGNATURE_BYTES, type SignatureKind,
} from './keys.ts';
import { randomBytes } from './random-bytes.ts';

/** A fresh random key pair. */
export function generateKeyPair<K extends KeyKind>(kind: K): KeyPair<K> {
  const privateKey: PrivateKey<K> = { kind, raw: randomBytes(KEY_BYTES[kind]) };
  return { privateKey, publicKey: publicKeyOf(privateKey) };
}

/** The public half; 20 us for the 25519 kinds. */
export function publicKeyOf<K extends KeyKind>(privateKey: PrivateKey<K>): PublicKey<K> {
  return { kind: privateKey.kind, raw: publicBytes(privateKey) };
}

function publicBytes({ kind, raw }: PrivateKey): Uint8Array {
  switch (kind) {
    case 'ed25519':
      return cryptoProvider.ed25519Public(raw);
    case 'ed448':
      return cryptoProvider.ed448Public(raw);
    case 'x25519':
      return cryptoProvider.x25519Public(raw);
    case 'x448':
      return cryptoProvider.x448Public(raw);
  }
}

/** Same kind and same bytes; for public values, it returns early. */
export function publicKeysEqual(a: PublicKey, b: PublicKey): boolean {
  return a.kind === b.kind && equalBytes(a.raw, b.raw);
}

/**
 * The raw Diffie-Hellman secret, 32 or 56 bytes; null when the kinds differ or are no agreement kinds, and when the
 * public key is of low order (the secret would be all zero, known to anyone).
 */
export function agree(privateKey: PrivateKey, publicKey: PublicKey): Uint8Array | null {
  if (privateKey.kind !== publicKey.kind || !hasKeyLength(privateKey) || !hasKeyLength(publicKey)) return null;
  if (privateKey.kind === 'x25519') return cryptoProvider.x25519(privateKey.raw, publicKey.raw);
  if (privateKey.kind === 'x448') return cryptoProvider.x448(privateKey.raw, publicKey.raw);
  return null;
}

/** Ed25519 (64 bytes) or Ed448 (114 bytes, empty context) signature over the message. */
export function sign(privateKey: PrivateKey<SignatureKind>, message: Uint8Array): Uint8Array {
  return privateKey.kind === 'ed25519'
    ? cryptoProvider.ed25519Sign(privateKey.raw, message)
    : cryptoProvider.ed448Sign(privateKey.raw, message);
}

/** False for a signature that is wrong in any way, its length included, and for keys of another kind or of small order. */
export function verify(publicKey: PublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  if (!hasKeyLength(publicKey)) return false;
  if (publicKey.kind === 'ed25519') {
    return signature.length === SIGNATURE_BYTES.ed25519 && cryptoProvider.ed25519Verify(publicKey.raw, message, signature);
  }
  if (publicKey.kind === 'ed448') {
    return signature.length === SIGNATURE_BYTES.ed448 && cryptoProvider.ed448Verify(publicKey.raw, message, signature);
  }
  return false;
}

function hasKeyLength(key: PublicKey | PrivateKey): boolean {
  return key.raw.length === KEY_BYTES[key.kind];
}
