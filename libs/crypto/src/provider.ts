/**
 * What a provider of primitives must offer. Two exist: `native` (sodium-native and node:crypto) for the hot path and
 * `portable` (noble) where native code cannot load; property tests hold them to the same results.
 * Raw keys in, raw bytes out, in fresh plain `Uint8Array`s; no function keeps a reference to its arguments. Lengths of
 * keys, nonces, signatures and buffers are the caller's duty: the functions of `box.ts` and `key-operations.ts` check them.
 */
export interface CryptoProvider {
  readonly name: 'native' | 'portable';

  /** HSalsa20(key, 16 zero bytes): turns a shared or chain key into a box key (SMP §1.7). */
  hsalsa20(key: Uint8Array): Uint8Array;
  /** XSalsa20-Poly1305, tag first: `out` is 16 bytes longer than `plain` and may overlap it at offset 16. */
  secretboxSeal(out: Uint8Array, plain: Uint8Array, nonce: Uint8Array, key: Uint8Array): void;
  /** `out` is 16 bytes shorter than `box` and may be `box.subarray(16)`. False when the tag does not match. */
  secretboxOpen(out: Uint8Array, box: Uint8Array, nonce: Uint8Array, key: Uint8Array): boolean;

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
  /** Writes the 64 bytes into memory of the caller, who can then wipe them. */
  sha512Into(out: Uint8Array, data: Uint8Array): void;
  sha3_256(data: Uint8Array): Uint8Array;
  sha3_384(data: Uint8Array): Uint8Array;
  /** Extract and expand (RFC 5869); at most 16320 bytes. An empty salt is allowed. */
  hkdfSha512(salt: Uint8Array, ikm: Uint8Array, info: Uint8Array, length: number): Uint8Array;

  randomBytes(length: number): Uint8Array;
}
