/** Streamlined NTRU Prime 761, the KEM of the post-quantum ratchet (agent §5.8), in the form of NIST's third round. */
import { CodedError, concatBytes } from '@polyplex/base';
import { equalSecret, sha512 } from '../hashes.ts';
import { randomBytes } from '../random-bytes.ts';
import { COEFFICIENT_BYTES, packCoefficients, packRounded, packSmall, ROUNDED_BYTES, SMALL_BYTES, unpackCoefficients, unpackRounded, unpackSmall } from './packing.ts';
import { DEGREE, multiply, multiply3, rounded, type Small, tripledModulo3 } from './polynomials.ts';
import { reciprocal3, reciprocalOfTriple } from './reciprocals.ts';
import { sortInConstantTime } from './sorted.ts';

/** Coefficients of a short polynomial that are not 0. */
const WEIGHT = 286;
const HASH_BYTES = 32;

export const SNTRUP761_BYTES = {
  publicKey: COEFFICIENT_BYTES,
  secretKey: 2 * SMALL_BYTES + COEFFICIENT_BYTES + SMALL_BYTES + HASH_BYTES,
  ciphertext: ROUNDED_BYTES + HASH_BYTES,
  sharedKey: HASH_BYTES,
} as const;

export interface KemKeyPair {
  /** 1158 bytes. */
  readonly publicKey: Uint8Array;
  /** 1763 bytes, the public key in it. */
  readonly secretKey: Uint8Array;
}

/** The first half of SHA-512, the domain a byte in front. */
function hash(domain: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return sha512(concatBytes(Uint8Array.of(domain), ...parts)).slice(0, HASH_BYTES);
}

/** 761 random numbers of 32 bits. */
function randomWords(): Uint32Array {
  return new Uint32Array(new Uint8Array(randomBytes(4 * DEGREE)).buffer);
}

function randomSmall(): Small {
  return Int8Array.from(randomWords(), (word) => Math.floor(((word & 0x3fff_ffff) * 3) / 2 ** 30) - 1);
}

/** 286 coefficients are 1 or -1; which ones: those that random numbers sorted there. */
function randomShort(): Small {
  const tagged = Float64Array.from(randomWords(), (word, i) => (i < WEIGHT ? word & 0xffff_fffe : (word & 0xffff_fffc) | 1) >>> 0);
  sortInConstantTime(tagged);
  return Int8Array.from(tagged, (word) => (word & 3) - 1);
}

export function generateKemKeyPair(): KemKeyPair {
  let g = randomSmall();
  let gInverse = reciprocal3(g);
  while (gInverse === null) {
    g = randomSmall();
    gInverse = reciprocal3(g);
  }
  const f = randomShort();
  const fInverse = reciprocalOfTriple(f);
  if (fInverse === null) throw new CodedError('BUG', 'a short polynomial is never zero');
  const publicKey = packCoefficients(multiply(fInverse, g));
  const secretKey = concatBytes(packSmall(f), packSmall(gInverse), publicKey, randomBytes(SMALL_BYTES), hash(4, publicKey));
  return { publicKey, secretKey };
}

/** The ciphertext of a short polynomial: deterministic, so that a receiver can make it again and compare. */
function hide(short: Small, packedShort: Uint8Array, { publicKey, keyHash }: { readonly publicKey: Uint8Array; readonly keyHash: Uint8Array }): Uint8Array {
  const body = packRounded(rounded(multiply(unpackCoefficients(publicKey), short)));
  return concatBytes(body, hash(2, hash(3, packedShort), keyHash));
}

function sessionKey(isGenuine: 0 | 1, packedShort: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  return hash(isGenuine, hash(3, packedShort), ciphertext);
}

/** A shared key of 32 bytes and its ciphertext of 1039 bytes. Throws BAD_LENGTH for a public key that has not 1158 bytes. */
export function encapsulate(publicKey: Uint8Array): { readonly ciphertext: Uint8Array; readonly sharedKey: Uint8Array } {
  demand(publicKey, SNTRUP761_BYTES.publicKey);
  const short = randomShort();
  const packedShort = packSmall(short);
  const ciphertext = hide(short, packedShort, { publicKey, keyHash: hash(4, publicKey) });
  return { ciphertext, sharedKey: sessionKey(1, packedShort, ciphertext) };
}

/** f·c, tripled, modulo 3, times 1/g: the short polynomial, or what a wrong ciphertext gives. */
function open(body: Uint8Array, f: Small, gInverse: Small): Small {
  const short = multiply3(tripledModulo3(multiply(unpackRounded(body), f)), gInverse);
  const weight = short.reduce((sum, coefficient) => sum + (coefficient & 1), 0);
  const isWrong = (weight - WEIGHT) | (WEIGHT - weight);
  const mask = isWrong >> 31;
  // A polynomial of another weight is replaced by 286 ones, without a branch.
  return short.map((coefficient, i) => (i < WEIGHT ? ((coefficient ^ 1) & ~mask) ^ 1 : coefficient & ~mask));
}

/**
 * The shared key. A ciphertext that was not made for this key gives a key that nobody else knows, in the same time, so
 * there is no error for it. Throws BAD_LENGTH for arguments of other lengths than 1039 and 1763 bytes.
 */
export function decapsulate(ciphertext: Uint8Array, secretKey: Uint8Array): Uint8Array {
  demand(ciphertext, SNTRUP761_BYTES.ciphertext);
  demand(secretKey, SNTRUP761_BYTES.secretKey);
  let at = 0;
  const take = (bytes: number): Uint8Array => secretKey.subarray(at, (at += bytes));
  const f = unpackSmall(take(SMALL_BYTES));
  const gInverse = unpackSmall(take(SMALL_BYTES));
  const [publicKey, rejection, keyHash] = [take(COEFFICIENT_BYTES), take(SMALL_BYTES), take(HASH_BYTES)];
  const short = open(ciphertext.subarray(0, ROUNDED_BYTES), f, gInverse);
  const packedShort = packSmall(short);
  const isGenuine = equalSecret(hide(short, packedShort, { publicKey, keyHash }), ciphertext);
  const mask = isGenuine ? 0xff : 0;
  const chosen = packedShort.map((byte, i) => (byte & mask) | (rejection[i]! & ~mask));
  return sessionKey(isGenuine ? 1 : 0, chosen, ciphertext);
}

function demand(bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) throw new CodedError('BAD_LENGTH', `${String(length)} bytes are needed here`);
}
