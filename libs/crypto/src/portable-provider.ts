/**
 * The provider in JavaScript alone (noble, audited): for platforms without a sodium-native binary, and as the second
 * opinion in tests. Some ten times slower for a block, thirty for a signature.
 */
import { poly1305 } from '@noble/ciphers/_poly1305.js';
import { gcm } from '@noble/ciphers/aes.js';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { hsalsa, salsa20, xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { ed448, x448 } from '@noble/curves/ed448.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { sha3_256, sha3_384 } from '@noble/hashes/sha3.js';
import { randomBytes } from '@noble/hashes/utils.js';
import { concatBytes, utf8 } from '@polyplex/base';
import type { CryptoProvider, Digester } from './provider.ts';

/** Strict verification: canonical encodings and no small-order keys, as libsodium has it. */
const STRICT = { zip215: false };
const SIGMA = words(utf8('expand 32-byte k'));
const ZERO_INPUT = new Uint8Array(16);

export const portableProvider: CryptoProvider = {
  name: 'portable',

  hsalsa20: (key) => hsalsa20Of(key, ZERO_INPUT),
  hsalsa20Of,
  secretboxSeal(out, plain, nonce, key) {
    out.set(xsalsa20poly1305(key, nonce).encrypt(plain));
  },
  secretboxOpen(out, box, nonce, key) {
    let plain: Uint8Array;
    try {
      plain = xsalsa20poly1305(key, nonce).decrypt(box);
    } catch {
      return false; // lengths are right here, so the one cause left is the tag
    }
    out.set(plain);
    return true;
  },
  salsa20Xor(out, input, { key, nonce, block }) {
    salsa20(key, nonce, input, out, block);
  },
  chaChaSeal(out, plain, { key, nonce, associated }) {
    out.set(chacha20poly1305(key, nonce, associated).encrypt(plain));
  },
  chaChaOpen(out, sealed, { key, nonce, associated }) {
    try {
      out.set(chacha20poly1305(key, nonce, associated).decrypt(sealed));
      return true;
    } catch {
      return false; // lengths are right here, so the one cause left is the tag
    }
  },
  aes256GcmSeal({ key, iv, associated }, plain) {
    const sealed = gcm(key, iv, associated).encrypt(plain);
    return { body: sealed.subarray(0, plain.length), tag: sealed.subarray(plain.length) };
  },
  aes256GcmOpen({ key, iv, associated }, { body, tag }) {
    try {
      return gcm(key, iv, associated).decrypt(concatBytes(body, tag));
    } catch {
      return null; // lengths are right here, so the one cause left is the tag
    }
  },
  poly1305: (key) => digester(poly1305.create(key)),

  x25519: (privateKey, publicKey) => secretOrNull(() => x25519.getSharedSecret(privateKey, publicKey)),
  x25519Public: (privateKey) => x25519.getPublicKey(privateKey),
  x448: (privateKey, publicKey) => secretOrNull(() => x448.getSharedSecret(privateKey, publicKey)),
  x448Public: (privateKey) => x448.getPublicKey(privateKey),

  ed25519Sign: (seed, message) => ed25519.sign(message, seed),
  ed25519Verify: (publicKey, message, signature) => ed25519.verify(signature, message, publicKey, STRICT),
  ed25519Public: (seed) => ed25519.getPublicKey(seed),
  ed448Sign: (seed, message) => ed448.sign(message, seed),
  ed448Verify: (publicKey, message, signature) => ed448.verify(signature, message, publicKey, STRICT),
  ed448Public: (seed) => ed448.getPublicKey(seed),

  sha256: (data) => sha256(data),
  sha512: (data) => sha512(data),
  hasher: (algorithm) => digester((algorithm === 'sha256' ? sha256 : sha512).create()),
  sha512Into(out, data) {
    out.set(sha512(data));
  },
  sha3_256: (data) => sha3_256(data),
  sha3_384: (data) => sha3_384(data),
  hkdfSha512: (salt, ikm, info, length) => hkdf(sha512, ikm, salt, info, length),

  randomBytes: (length) => randomBytes(length),
};

/** Also what the native provider uses: sodium-native does not offer it, and it is a microsecond a stream. */
export function hsalsa20Of(key: Uint8Array, input: Uint8Array): Uint8Array {
  const out = new Uint32Array(8);
  const keyWords = words(key);
  hsalsa(SIGMA, keyWords, words(input), out);
  keyWords.fill(0);
  return new Uint8Array(out.buffer);
}

/** noble's objects return themselves from `update`. */
function digester(inner: { update(bytes: Uint8Array): unknown; digest(): Uint8Array }): Digester {
  return { update: (bytes) => void inner.update(bytes), digest: () => inner.digest() };
}

/** Little-endian words in memory of their own; a view would need aligned input. */
function words(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(Uint8Array.from(bytes).buffer);
}

function secretOrNull(agree: () => Uint8Array): Uint8Array | null {
  try {
    return agree();
  } catch {
    return null; // lengths are right here, so the one cause left is a point of low order
  }
}
