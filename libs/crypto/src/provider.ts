/**
 * What a provider of primitives must offer. Two exist: `native` (sodium-native and node:crypto) for the hot path and
 * `portable` (noble) where native code cannot load; property tests hold them to the same results.
 * Raw keys in, raw bytes out, in fresh plain `Uint8Array`s; no function keeps a reference to its arguments. Lengths of
 * keys, nonces, signatures and buffers are the caller's duty: the functions of `box.ts` and `key-operations.ts` check them.
 */

/** A hash or authenticator that takes its input in pieces. */
export interface Digester {
  update(bytes: Uint8Array): void;
  /** The result, once; the object is not used after it. */
  digest(): Uint8Array;
}

/** Where in which stream of Salsa20. */
interface SalsaPosition {
  readonly key: Uint8Array;
  /** 8 bytes. */
  readonly nonce: Uint8Array;
  /** Counted in blocks of 64 bytes; below 2^32 - 1. */
  readonly block: number;
}

/** What AES-256-GCM works under. */
export interface AeadKeys {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** 16 bytes (agent §5.4), not the usual 12. */
  readonly iv: Uint8Array;
  /** What is authenticated beside the text. */
  readonly associated: Uint8Array;
}

export interface Sealed {
  /** As long as the text. */
  readonly body: Uint8Array;
  /** 16 bytes. */
  readonly tag: Uint8Array;
}

/** What ChaCha20-Poly1305 of RFC 8439 works under. */
export interface ChaChaKeys {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** 12 bytes. */
  readonly nonce: Uint8Array;
  /** What is authenticated beside the text. */
  readonly associated: Uint8Array;
}

/** What a step of the block chain gives. */
interface ChainKeys {
  /** 32 bytes. */
  readonly chainKey: Uint8Array;
  /** 32 bytes, after HSalsa20. */
  readonly boxKey: Uint8Array;
  /** 24 bytes. */
  readonly nonce: Uint8Array;
}

export interface CryptoProvider {
  readonly name: 'native' | 'portable';

  /** HSalsa20(key, 16 zero bytes): turns a shared or chain key into a box key (SMP §1.7). */
  hsalsa20(key: Uint8Array): Uint8Array;
  /** A step of the block chain (SMP §3.6) at once; where there is none, it is made of hashes. */
  readonly chainStep?: (chainKey: Uint8Array) => ChainKeys;
  /** HSalsa20 of any 16-byte input: the first step of XSalsa20, once per stream. */
  hsalsa20Of(key: Uint8Array, input: Uint8Array): Uint8Array;
  /** XSalsa20-Poly1305, tag first: `out` is 16 bytes longer than `plain` and may overlap it at offset 16. */
  secretboxSeal(out: Uint8Array, plain: Uint8Array, nonce: Uint8Array, key: Uint8Array): void;
  /** `out` is 16 bytes shorter than `box` and may be `box.subarray(16)`. False when the tag does not match. */
  secretboxOpen(out: Uint8Array, box: Uint8Array, nonce: Uint8Array, key: Uint8Array): boolean;
  /**
   * The same of padded content (SMP §1.6): its length and what that counts are in `out`, and anything behind that. Where there is
   * none, all is opened.
   */
  readonly secretboxOpenPadded?: (out: Uint8Array, box: Uint8Array, nonce: Uint8Array, key: Uint8Array) => boolean;
  /** Salsa20 from the given 64-byte block on; `out` is as long as `input` and may be the same memory. */
  salsa20Xor(out: Uint8Array, input: Uint8Array, at: SalsaPosition): void;
  /** ChaCha20-Poly1305, tag last: `out` is 16 bytes longer than `plain` and may begin in the same place. */
  chaChaSeal(out: Uint8Array, plain: Uint8Array, keys: ChaChaKeys): void;
  /** `out` is 16 bytes shorter than `sealed` and may begin in the same place. False when the tag does not match; then `out` is worthless. */
  chaChaOpen(out: Uint8Array, sealed: Uint8Array, keys: ChaChaKeys): boolean;
  aes256GcmSeal(keys: AeadKeys, plain: Uint8Array): Sealed;
  /** Null when the tag does not match. */
  aes256GcmOpen(keys: AeadKeys, sealed: Sealed): Uint8Array | null;
  /** Poly1305 under a 32-byte one-time key. */
  poly1305(key: Uint8Array): Digester;

  /** Null when the other key is of low order, so that the secret would be all zero. */
  x25519(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | null;
  x25519Public(privateKey: Uint8Array): Uint8Array;
  /** Null as in `x25519`. */
  x448(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | null;
  x448Public(privateKey: Uint8Array): Uint8Array;

  ed25519Sign(seed: Uint8Array, message: Uint8Array): Uint8Array;
  /** Refuses small-order public keys and encodings that are not canonical, as `ed448Verify` does. */
  ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  ed25519Public(seed: Uint8Array): Uint8Array;
  ed448Sign(seed: Uint8Array, message: Uint8Array): Uint8Array;
  ed448Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  ed448Public(seed: Uint8Array): Uint8Array;

  sha256(data: Uint8Array): Uint8Array;
  sha512(data: Uint8Array): Uint8Array;
  /** The same hashes over pieces. */
  hasher(algorithm: 'sha256' | 'sha512'): Digester;
  /** Writes the 64 bytes into memory of the caller, who can then wipe them. */
  sha512Into(out: Uint8Array, data: Uint8Array): void;
  sha3_256(data: Uint8Array): Uint8Array;
  sha3_384(data: Uint8Array): Uint8Array;
  /** Extract and expand (RFC 5869); at most 16320 bytes. An empty salt is allowed. */
  hkdfSha512(salt: Uint8Array, ikm: Uint8Array, info: Uint8Array, length: number): Uint8Array;

  randomBytes(length: number): Uint8Array;
}
