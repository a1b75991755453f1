/**
 * The part of sodium-native that is used here, and its loading. The binary may be missing on a platform (or be made for
 * another C library), which must not stop the process: hence `createRequire` and an error as a value of its own kind.
 */
import { createRequire } from 'node:module';
import { CodedError, errorText } from '@polyplex/base';

/** Functions of sodium-native by their libsodium names; results go into the first argument. */
export interface Sodium {
  crypto_secretbox_easy(c: Uint8Array, m: Uint8Array, n: Uint8Array, k: Uint8Array): void;
  crypto_secretbox_open_easy(m: Uint8Array, c: Uint8Array, n: Uint8Array, k: Uint8Array): boolean;
  /** XSalsa20; `c` may be `m`. */
  crypto_stream_xor(c: Uint8Array, m: Uint8Array, n: Uint8Array, k: Uint8Array): void;
  crypto_stream_salsa20(c: Uint8Array, n: Uint8Array, k: Uint8Array): void;
  crypto_stream_salsa20_xor_ic(c: Uint8Array, m: Uint8Array, n: Uint8Array, ic: number, k: Uint8Array): void;
  readonly crypto_onetimeauth_STATEBYTES: number;
  crypto_onetimeauth_verify(tag: Uint8Array, input: Uint8Array, k: Uint8Array): boolean;
  crypto_onetimeauth_init(state: Uint8Array, k: Uint8Array): void;
  crypto_onetimeauth_update(state: Uint8Array, input: Uint8Array): void;
  crypto_onetimeauth_final(state: Uint8Array, out: Uint8Array): void;
  /** Throws when the result is all zero. */
  crypto_scalarmult(q: Uint8Array, n: Uint8Array, p: Uint8Array): void;
  crypto_scalarmult_base(q: Uint8Array, n: Uint8Array): void;
  crypto_sign_seed_keypair(pk: Uint8Array, sk: Uint8Array, seed: Uint8Array): void;
  crypto_sign_detached(sig: Uint8Array, m: Uint8Array, sk: Uint8Array): void;
  crypto_sign_verify_detached(sig: Uint8Array, m: Uint8Array, pk: Uint8Array): boolean;
  crypto_aead_chacha20poly1305_ietf_encrypt(c: Uint8Array, m: Uint8Array, ad: Uint8Array, nsec: null, npub: Uint8Array, k: Uint8Array): void;
  /** Throws when the tag does not match. */
  crypto_aead_chacha20poly1305_ietf_decrypt(m: Uint8Array, nsec: null, c: Uint8Array, ad: Uint8Array, npub: Uint8Array, k: Uint8Array): void;
  crypto_hash_sha256(out: Uint8Array, input: Uint8Array): void;
  crypto_hash_sha512(out: Uint8Array, input: Uint8Array): void;
}

/** Loads sodium-native; throws `CodedError` with the code `NATIVE_UNAVAILABLE` when it cannot. */
export function loadSodium(): Sodium {
  try {
    return createRequire(import.meta.url)('sodium-native') as Sodium;
  } catch (error) {
    const firstLine = errorText(error).split('\n', 1)[0]!;
    throw new CodedError('NATIVE_UNAVAILABLE', `sodium-native cannot be loaded: ${firstLine}`, { cause: error });
  }
}
