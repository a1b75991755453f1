/**
 * The points of small order on edwards448 in their canonical encodings (RFC 8032 §5.2.2). OpenSSL takes them as Ed448
 * public keys, although anyone can sign for them; the other verifications here refuse such keys, so this one does too.
 */
import { equalBytes } from '@polyplex/base';

const LENGTH = 57;

/** y = 1 (the neutral element), y = -1 (order 2), y = 0 with either sign of x (order 4). */
const SMALL_ORDER: readonly Uint8Array[] = [encoding(1, 0, 0), minusOne(), encoding(0, 0, 0), encoding(0, 0, 0x80)];

export function isSmallOrderEd448(publicKey: Uint8Array): boolean {
  return SMALL_ORDER.some((point) => equalBytes(point, publicKey));
}

function encoding(first: number, rest: number, last: number): Uint8Array {
  const bytes = new Uint8Array(LENGTH).fill(rest);
  bytes[0] = first;
  bytes[LENGTH - 1] = last;
  return bytes;
}

/** p - 1 = 2^448 - 2^224 - 2, little-endian. */
function minusOne(): Uint8Array {
  const bytes = encoding(0xfe, 0xff, 0);
  bytes[28] = 0xfe;
  return bytes;
}
