/**
 * The fast provider: libsodium where it wins, OpenSSL through node:crypto for what libsodium lacks (Ed448, X448, SHA-3)
 * and for long hashes. `bench/primitives.ts` holds the comparison behind each choice.
 */
import {
  createHash, createPrivateKey, createPublicKey, diffieHellman, hash, hkdfSync, type KeyObject, randomFillSync, sign, verify,
} from 'node:crypto';
import { encodePrivateKey, encodePublicKey } from './key-der.ts';
import type { PrivateKey, PublicKey } from './keys.ts';
import { nativeAead } from './native-aead.ts';
import { hsalsa20Of } from './portable-provider.ts';
import type { CryptoProvider } from './provider.ts';
import { loadSodium, type Sodium } from './sodium.ts';
import { BOX_KEY, CHAIN_KEY, type ChainModule, chainModule, RESULT, RESULT_BYTES } from './wasm/chain-module.ts';

/** Up to these lengths libsodium's cheaper call outweighs OpenSSL's faster hash (measured). */
const SHORT_SHA256_BYTES = 512;
const SHORT_SHA512_BYTES = 2048;
const TAG_BYTES = 16;
/** Of the length that padded content begins with (SMP §1.6). */
const LENGTH_BYTES = 2;

/** Makes the native provider; throws `CodedError` with the code `NATIVE_UNAVAILABLE` when sodium-native cannot load. */
export function nativeProvider(): CryptoProvider {
  const sodium = loadSodium();
  const chain = chainModule();
  return { name: 'native', ...boxes(sodium), ...paddedBoxes(sodium), ...(chain === null ? {} : chains(chain)), ...streams(sodium), ...nativeAead, ...chaCha(sodium), ...curve25519(sodium), ...curve448, ...hashes(sodium), ...derivation };
}

// Small results are made in memory that lives as long as the provider and handed out as copies, and small arguments are copied
// into such memory: what is fresh from JavaScript has to be moved out of its heap before native code can touch it, which costs
// more than the call itself, and leaves the collector something to find.

function boxes(sodium: Sodium): Pick<CryptoProvider, 'hsalsa20' | 'secretboxSeal' | 'secretboxOpen'> {
  const zeroNonce = new Uint8Array(8);
  const block = new Uint8Array(64);
  const words = new DataView(block.buffer);
  const nonceNow = new Uint8Array(new ArrayBuffer(24));
  const keyNow = new Uint8Array(new ArrayBuffer(32));
  /** Subtracts the input word that the Salsa20 core has added, and moves the word to its place in the result. */
  const settle = (to: number, from: number, input: number): void => {
    words.setUint32(to, words.getUint32(from, true) - input, true);
  };
  return {
    hsalsa20(key) {
      // HSalsa20 is eight words of the Salsa20 core, less what the core adds at its end. Salsa20's first block under a
      // zero nonce has the same input as HSalsa20 of zeros: the constant "expand 32-byte k" on the diagonal (words 0,
      // 5, 10, 15), zeros in words 6 to 9. The result is collected at the front, over words no longer needed.
      keyNow.set(key);
      sodium.crypto_stream_salsa20(block, zeroNonce, keyNow);
      keyNow.fill(0);
      settle(0, 0, 0x61707865);
      settle(4, 20, 0x3320646e);
      settle(8, 40, 0x79622d32);
      settle(12, 60, 0x6b206574);
      block.copyWithin(16, 24, 40);
      const out = block.slice(0, 32);
      block.fill(0);
      return out;
    },
    secretboxSeal(out, plain, nonce, key) {
      nonceNow.set(nonce);
      keyNow.set(key);
      sodium.crypto_secretbox_easy(out, plain, nonceNow, keyNow);
      keyNow.fill(0);
    },
    secretboxOpen(out, box, nonce, key) {
      nonceNow.set(nonce);
      keyNow.set(key);
      const opened = sodium.crypto_secretbox_open_easy(out, box, nonceNow, keyNow);
      keyNow.fill(0);
      return opened;
    },
  };
}

/** XSalsa20 begins with this much of its stream: the key of Poly1305. */
const TAG_KEY_BYTES = 32;
/** Of a block of commands and replies that carry no body; with the key of the tag a whole number of Salsa20's blocks, eight at a time. */
const SHORT_CONTENT_BYTES = 480;

/** Most blocks are short transmissions and 16 KiB of padding, of which only the tag needs to be computed. */
function paddedBoxes(sodium: Sodium): Required<Pick<CryptoProvider, 'secretboxOpenPadded'>> {
  const begin = new Uint8Array(new ArrayBuffer(TAG_KEY_BYTES + SHORT_CONTENT_BYTES));
  const tagKey = begin.subarray(0, TAG_KEY_BYTES);
  const content = begin.subarray(TAG_KEY_BYTES);
  const nonceNow = new Uint8Array(new ArrayBuffer(24));
  const keyNow = new Uint8Array(new ArrayBuffer(32));
  const openBegin = (out: Uint8Array, box: Uint8Array): boolean => {
    content.set(box.subarray(TAG_BYTES, TAG_BYTES + SHORT_CONTENT_BYTES));
    sodium.crypto_stream_xor(begin, begin, nonceNow, keyNow);
    // The length is not to be trusted yet, and says only which way to open; nothing is told before the tag has matched.
    const isShort = LENGTH_BYTES + ((content[0]! << 8) | content[1]!) <= SHORT_CONTENT_BYTES;
    if (!isShort) return sodium.crypto_secretbox_open_easy(out, box, nonceNow, keyNow);
    const opened = sodium.crypto_onetimeauth_verify(box.subarray(0, TAG_BYTES), box.subarray(TAG_BYTES), tagKey);
    if (opened) out.set(content);
    return opened;
  };
  return {
    secretboxOpenPadded(out, box, nonce, key) {
      nonceNow.set(nonce);
      keyNow.set(key);
      const opened = out.length < SHORT_CONTENT_BYTES ? sodium.crypto_secretbox_open_easy(out, box, nonceNow, keyNow) : openBegin(out, box);
      keyNow.fill(0);
      begin.fill(0);
      return opened;
    },
  };
}

function chains({ memory, step, hsalsa20 }: ChainModule): Pick<CryptoProvider, 'hsalsa20'> & Required<Pick<CryptoProvider, 'chainStep'>> {
  return {
    hsalsa20(key) {
      memory.set(key, BOX_KEY);
      hsalsa20();
      const out = memory.slice(BOX_KEY, BOX_KEY + 32);
      memory.fill(0, BOX_KEY, BOX_KEY + 32);
      return out;
    },
    chainStep(chainKey) {
      memory.set(chainKey, CHAIN_KEY);
      step();
      const keys = { chainKey: memory.slice(RESULT, BOX_KEY), boxKey: memory.slice(BOX_KEY, BOX_KEY + 32), nonce: memory.slice(BOX_KEY + 32, RESULT + RESULT_BYTES) };
      memory.fill(0, RESULT, RESULT + RESULT_BYTES);
      return keys;
    },
  };
}

function streams(sodium: Sodium): Pick<CryptoProvider, 'hsalsa20Of' | 'salsa20Xor' | 'poly1305'> {
  return {
    hsalsa20Of,
    salsa20Xor(out, input, { key, nonce, block }) {
      sodium.crypto_stream_salsa20_xor_ic(out, input, nonce, block, key);
    },
    poly1305(key) {
      const state = new Uint8Array(sodium.crypto_onetimeauth_STATEBYTES);
      sodium.crypto_onetimeauth_init(state, key);
      return {
        update: (bytes) => sodium.crypto_onetimeauth_update(state, bytes),
        digest() {
          const tag = new Uint8Array(16);
          sodium.crypto_onetimeauth_final(state, tag);
          return tag;
        },
      };
    },
  };
}

function chaCha(sodium: Sodium): Pick<CryptoProvider, 'chaChaSeal' | 'chaChaOpen'> {
  return {
    chaChaSeal(out, plain, { key, nonce, associated }) {
      sodium.crypto_aead_chacha20poly1305_ietf_encrypt(out, plain, associated, null, nonce, key);
    },
    chaChaOpen(out, sealed, { key, nonce, associated }) {
      try {
        sodium.crypto_aead_chacha20poly1305_ietf_decrypt(out, null, sealed, associated, nonce, key);
        return true;
      } catch {
        return false; // lengths are right here, so the one cause left is the tag
      }
    },
  };
}

type Curve25519 = Pick<CryptoProvider, 'x25519' | 'x25519Public' | 'ed25519Sign' | 'ed25519Verify' | 'ed25519Public'>;

function curve25519(sodium: Sodium): Curve25519 {
  return {
    x25519(privateKey, publicKey) {
      const secret = new Uint8Array(32);
      try {
        sodium.crypto_scalarmult(secret, privateKey, publicKey);
      } catch {
        return null; // lengths are right here, so the one cause left is a point of low order
      }
      return secret;
    },
    x25519Public(privateKey) {
      const publicKey = new Uint8Array(32);
      sodium.crypto_scalarmult_base(publicKey, privateKey);
      return publicKey;
    },
    ed25519Sign(seed, message) {
      const expanded = new Uint8Array(64);
      sodium.crypto_sign_seed_keypair(new Uint8Array(32), expanded, seed);
      const signature = new Uint8Array(64);
      sodium.crypto_sign_detached(signature, message, expanded);
      expanded.fill(0);
      return signature;
    },
    ed25519Verify: (publicKey, message, signature) => sodium.crypto_sign_verify_detached(signature, message, publicKey),
    ed25519Public(seed) {
      const publicKey = new Uint8Array(32);
      const expanded = new Uint8Array(64);
      sodium.crypto_sign_seed_keypair(publicKey, expanded, seed);
      expanded.fill(0);
      return publicKey;
    },
  };
}

const curve448: Pick<CryptoProvider, 'x448' | 'x448Public' | 'ed448Sign' | 'ed448Verify' | 'ed448Public'> = {
  x448(privateKey, publicKey) {
    const keys = {
      privateKey: privateObject({ kind: 'x448', raw: privateKey }),
      publicKey: publicObject({ kind: 'x448', raw: publicKey }),
    };
    try {
      return plain(diffieHellman(keys));
    } catch {
      return null; // both keys were accepted, so what OpenSSL refuses is an all-zero secret
    }
  },
  x448Public: (privateKey) => publicBytes({ kind: 'x448', raw: privateKey }),
  ed448Sign: (seed, message) => plain(sign(null, message, privateObject({ kind: 'ed448', raw: seed }))),
  ed448Verify(publicKey, message, signature) {
    return verify(null, message, publicObject({ kind: 'ed448', raw: publicKey }), signature);
  },
  ed448Public: (seed) => publicBytes({ kind: 'ed448', raw: seed }),
};

type Hashes = Pick<CryptoProvider, 'sha256' | 'sha512' | 'hasher' | 'sha512Into' | 'sha3_256' | 'sha3_384'>;

function hashes(sodium: Sodium): Hashes {
  const short256 = new Uint8Array(32);
  const short512 = new Uint8Array(64);
  return {
    sha256(data) {
      if (data.length > SHORT_SHA256_BYTES) return plain(hash('sha256', data, 'buffer'));
      sodium.crypto_hash_sha256(short256, data);
      return short256.slice();
    },
    sha512(data) {
      if (data.length > SHORT_SHA512_BYTES) return plain(hash('sha512', data, 'buffer'));
      sodium.crypto_hash_sha512(short512, data);
      return short512.slice();
    },
    hasher(algorithm) {
      const inner = createHash(algorithm);
      return { update: (bytes) => void inner.update(bytes), digest: () => plain(inner.digest()) };
    },
    sha512Into(out, data) {
      sodium.crypto_hash_sha512(out, data);
    },
    sha3_256: (data) => plain(hash('sha3-256', data, 'buffer')),
    sha3_384: (data) => plain(hash('sha3-384', data, 'buffer')),
  };
}

const derivation: Pick<CryptoProvider, 'hkdfSha512' | 'randomBytes'> = {
  hkdfSha512: (salt, ikm, info, length) => new Uint8Array(hkdfSync('sha512', ikm, salt, info, length)),
  randomBytes: (length) => randomFillSync(new Uint8Array(length)),
};

function publicObject(key: PublicKey): KeyObject {
  return createPublicKey({ key: Buffer.from(encodePublicKey(key).buffer), format: 'der', type: 'spki' });
}

function privateObject(key: PrivateKey): KeyObject {
  const der = encodePrivateKey(key);
  const object = createPrivateKey({ key: Buffer.from(der.buffer), format: 'der', type: 'pkcs8' });
  der.fill(0);
  return object;
}

/** The raw public key: the end of the SPKI, which has the length of the private key for both 448 kinds. */
function publicBytes(key: PrivateKey<'x448' | 'ed448'>): Uint8Array {
  const der = createPublicKey(privateObject(key)).export({ format: 'der', type: 'spki' });
  return new Uint8Array(der.subarray(der.length - key.raw.length));
}

/** The same memory without the methods of Buffer, some of which differ from those of Uint8Array (`slice`). */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
