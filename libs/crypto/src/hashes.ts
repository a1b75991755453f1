/** Hashes, key derivation and comparison of secrets, by the active provider. */
import { timingSafeEqual } from 'node:crypto';
import { cryptoProvider } from './active-provider.ts';

export const { sha256, sha512, sha3_256, sha3_384, hkdfSha512 } = cryptoProvider;

/** Compares in a time that depends on the lengths only; false when they differ. */
export function equalSecret(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
