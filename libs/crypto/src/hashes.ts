/** Hashes, key derivation and comparison of secrets, by the active provider. */
import { cryptoProvider } from './active-provider.ts';
import type { Digester } from './provider.ts';
import { equalInConstantTime } from './constant-time.ts';

export const sha256 = (data: Uint8Array): Uint8Array => cryptoProvider.sha256(data);
export const sha512 = (data: Uint8Array): Uint8Array => cryptoProvider.sha512(data);
export const sha3_256 = (data: Uint8Array): Uint8Array => cryptoProvider.sha3_256(data);
export const sha3_384 = (data: Uint8Array): Uint8Array => cryptoProvider.sha3_384(data);

/** SHA-256 of what comes in pieces. */
export const createSha256 = (): Digester => cryptoProvider.hasher('sha256');
/** SHA-512 of what comes in pieces. */
export const createSha512 = (): Digester => cryptoProvider.hasher('sha512');

/** Extract and expand (RFC 5869). */
export function hkdfSha512(salt: Uint8Array, ikm: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  return cryptoProvider.hkdfSha512(salt, ikm, info, length);
}

/** Compares in a time that depends on the lengths only; false when they differ. */
export function equalSecret(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && equalInConstantTime(a, b);
}
