/**
 * Cryptography that is quick and drawn from a seed, and hides nothing: it keeps what agents rely on, which is that nothing opens without its key, its
 * nonce and its associated data, that both sides of an agreement come to the same, and that no two things have the same name. In the place of the real
 * one a life is the same whenever it is lived, and takes milliseconds. What it leaves out is tested with real keys elsewhere.
 */
import type { AeadKeys, BoxKey, KemKeyPair, KeyKind, KeyPair, PrivateKey, PublicKey, Sealed } from '@polyplex/crypto';
import { chanceOf } from './chance.ts';

const KEY_BYTES: Readonly<Record<KeyKind, number>> = { ed25519: 32, x25519: 32, ed448: 57, x448: 56 };
const KEM_BYTES = { publicKey: 1158, secretKey: 1763, ciphertext: 1039 };
const TAG_BYTES = 16;
/** Of long texts only the beginning is looked at: numbers, nonces and tags stand there. */
const LOOKED_AT_BYTES = 512;

let chance = chanceOf(0);

/** Everything that is drawn from here on. */
export function seedCrypto(seed: number): void {
  chance = chanceOf(seed ^ 0x5eed);
}

/** A name of 64 bits, spread over as many bytes as are wanted. */
function digest(length: number, ...parts: readonly Uint8Array[]): Uint8Array {
  let a = 0x6a09e667 ^ parts.length;
  let b = 0xbb67ae85;
  for (const part of parts) {
    a = Math.imul(a ^ part.length, 2_654_435_761);
    const end = Math.min(part.length, LOOKED_AT_BYTES);
    for (let i = 0; i < end; i++) {
      a = Math.imul(a ^ part[i]!, 2_654_435_761);
      b = Math.imul(b ^ part[i]!, 1_597_334_677);
      b ^= a >>> 15;
    }
  }
  return spread(length, a, b);
}

function spread(length: number, first: number, second: number): Uint8Array {
  let [a, b] = [first, second];
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    if ((i & 3) === 0) {
      a = Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ b;
      b = Math.imul(b ^ (b >>> 13), 3_266_489_909) ^ a ^ i;
    }
    out[i] = (a ^ (b >>> 7)) >>> ((i & 3) * 8);
  }
  return out;
}

export function randomBytes(length: number): Uint8Array {
  return spread(length, chance() * 2 ** 32, chance() * 2 ** 32);
}

function publicOf<K extends KeyKind>({ kind, raw }: PrivateKey<K>): PublicKey<K> {
  return { kind, raw: raw.map((byte) => byte ^ 0x55) };
}

export { publicOf as publicKeyOf };

export function generateKeyPair<K extends KeyKind>(kind: K): KeyPair<K> {
  const privateKey = { kind, raw: randomBytes(KEY_BYTES[kind]) };
  return { privateKey, publicKey: publicOf(privateKey) };
}

export function agree(privateKey: PrivateKey, publicKey: PublicKey): Uint8Array | null {
  const own = publicOf(privateKey).raw;
  const [first, second] = Buffer.compare(own, publicKey.raw) < 0 ? [own, publicKey.raw] : [publicKey.raw, own];
  return digest(privateKey.kind === 'x448' ? 56 : 32, first, second);
}

export function sign(privateKey: PrivateKey, message: Uint8Array): Uint8Array {
  return digest(64, publicOf(privateKey).raw, message);
}

export function sha256(data: Uint8Array): Uint8Array {
  return digest(32, data);
}

export function hkdfSha512(salt: Uint8Array, ikm: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  return digest(length, salt, ikm, info);
}

export function boxKeyOf(secret: Uint8Array): BoxKey {
  return digest(32, secret) as BoxKey;
}

function boxTag(key: BoxKey, nonce: Uint8Array, plain: Uint8Array): Uint8Array {
  return digest(TAG_BYTES, key, nonce, plain.subarray(0, 64));
}

export function sealBoxInto(out: Uint8Array, key: BoxKey, nonce: Uint8Array, plain: Uint8Array): void {
  const tag = boxTag(key, nonce, plain);
  // It may be in its place already.
  if (plain.buffer !== out.buffer) out.set(plain, TAG_BYTES);
  out.set(tag);
}

export function sealBox(key: BoxKey, nonce: Uint8Array, plain: Uint8Array): Uint8Array {
  const out = new Uint8Array(plain.length + TAG_BYTES);
  sealBoxInto(out, key, nonce, plain);
  return out;
}

export function openBoxInto(out: Uint8Array, key: BoxKey, nonce: Uint8Array, box: Uint8Array): boolean {
  const plain = box.subarray(TAG_BYTES);
  if (Buffer.compare(boxTag(key, nonce, plain), box.subarray(0, TAG_BYTES)) !== 0) return false;
  out.set(plain);
  return true;
}

export function openBox(key: BoxKey, nonce: Uint8Array, box: Uint8Array): Uint8Array | null {
  const plain = box.subarray(TAG_BYTES);
  return Buffer.compare(boxTag(key, nonce, plain), box.subarray(0, TAG_BYTES)) === 0 ? plain : null;
}

function aeadTag({ key, iv, associated }: AeadKeys, text: Uint8Array): Uint8Array {
  return digest(TAG_BYTES, key, iv, associated, text.subarray(0, 128));
}

export function sealAead(keys: AeadKeys, text: Uint8Array): Sealed {
  return { body: text, tag: aeadTag(keys, text) };
}

export function openAead(keys: AeadKeys, { body, tag }: Sealed): Uint8Array | null {
  return Buffer.compare(aeadTag(keys, body), tag) === 0 ? body : null;
}

export function generateKemKeyPair(): KemKeyPair {
  const publicKey = randomBytes(KEM_BYTES.publicKey);
  const secretKey = new Uint8Array(KEM_BYTES.secretKey);
  secretKey.set(publicKey);
  return { publicKey, secretKey };
}

export function encapsulate(publicKey: Uint8Array): { ciphertext: Uint8Array; sharedKey: Uint8Array } {
  const ciphertext = randomBytes(KEM_BYTES.ciphertext);
  return { ciphertext, sharedKey: digest(32, publicKey, ciphertext) };
}

export function decapsulate(ciphertext: Uint8Array, secretKey: Uint8Array): Uint8Array {
  return digest(32, secretKey.subarray(0, KEM_BYTES.publicKey), ciphertext);
}
