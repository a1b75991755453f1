/** ChaCha20-Poly1305 of RFC 8439, by the active provider: what records of TLS are sealed with (RFC 8446 §5.2). */
import { CodedError } from '@polyplex/base';
import { cryptoProvider } from './active-provider.ts';
import type { ChaChaKeys } from './provider.ts';

export const CHACHA_TAG_BYTES = 16;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;

/** Writes text and tag into `out`, 16 bytes longer than `plain`; they may begin in the same place. */
export function sealChaChaInto(out: Uint8Array, keys: ChaChaKeys, plain: Uint8Array): void {
  demand(keys, out.length === plain.length + CHACHA_TAG_BYTES);
  cryptoProvider.chaChaSeal(out, plain, keys);
}

/**
 * Writes the text into `out`, 16 bytes shorter than `sealed`; they may begin in the same place. False when `sealed` is too
 * short or the tag does not match: then what `out` holds is worthless.
 */
export function openChaChaInto(out: Uint8Array, keys: ChaChaKeys, sealed: Uint8Array): boolean {
  if (sealed.length < CHACHA_TAG_BYTES) return false;
  demand(keys, out.length === sealed.length - CHACHA_TAG_BYTES);
  return cryptoProvider.chaChaOpen(out, sealed, keys);
}

/** Lengths are fixed by our own code, never by the network: a wrong one is a bug. */
function demand({ key, nonce }: ChaChaKeys, fits: boolean): void {
  if (!fits || key.length !== KEY_BYTES || nonce.length !== NONCE_BYTES) throw new CodedError('BAD_LENGTH', 'ChaCha20-Poly1305 has keys of 32 bytes, nonces of 12 and tags of 16');
}
