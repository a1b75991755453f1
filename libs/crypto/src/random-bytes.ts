/**
 * Random bytes of the system's generator. Ids and nonces of 24 bytes are drawn for every message, and a call into the
 * generator costs the same for 24 bytes as for 4096: small draws come from a pool. What was handed out is wiped there.
 */
import { cryptoProvider } from './active-provider.ts';

const POOL_BYTES = 4096;
const LARGEST_POOLED_BYTES = 256;

let pool = new Uint8Array(0);
let used = 0;

/** Memory of the caller's own, filled from the system's generator. */
export function randomBytes(length: number): Uint8Array {
  if (length > LARGEST_POOLED_BYTES) return cryptoProvider.randomBytes(length);
  if (used + length > pool.length) {
    pool = cryptoProvider.randomBytes(POOL_BYTES) as Uint8Array<ArrayBuffer>;
    used = 0;
  }
  const bytes = pool.slice(used, used + length);
  pool.fill(0, used, used + length);
  used += length;
  return bytes;
}
