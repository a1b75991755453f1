/**
 * One direction of a TLS 1.3 connection with TLS_CHACHA20_POLY1305_SHA256: its key, and the number of the next record
 * (RFC 8446 §5.3, §7.3). What one connection holds is small arrays in the heap; native code works on memory of the process.
 */
import { createHmac } from 'node:crypto';
import { concatBytes, utf8 } from '@polyplex/base';
import { CHACHA_TAG_BYTES, openChaChaInto, sealChaChaInto } from '@polyplex/crypto';
import { RECORD_HEADER_BYTES } from './record-splitter.ts';

const KEY_BYTES = 32;
const IV_BYTES = 12;
const SECRET_BYTES = 32;
const TWO_TO_32 = 2 ** 32;

/** Used within one call only. */
const now = { key: new Uint8Array(KEY_BYTES), nonce: new Uint8Array(IV_BYTES), associated: new Uint8Array(RECORD_HEADER_BYTES) };
const nonceWords = new DataView(now.nonce.buffer);

export class TrafficKeys {
  #secret: Uint8Array;
  /** Key and fixed nonce, one after the other: arrays of up to 64 bytes have no memory of their own beside the heap. */
  #keys!: Uint8Array;
  #next = 0;

  /** `secret`: client_ or server_application_traffic_secret_0, 32 bytes. */
  constructor(secret: Uint8Array) {
    this.#secret = secret;
    this.#derive();
  }

  /** Seals the content of a record in place: its header is made, and its last 16 bytes become the tag. */
  seal(record: Uint8Array): void {
    writeHeader(record);
    this.#prepare(record);
    const sealed = record.subarray(RECORD_HEADER_BYTES);
    sealChaChaInto(sealed, now, sealed.subarray(0, sealed.length - CHACHA_TAG_BYTES));
  }

  /** Opens a record in place: what was inside of it, as a view; null when it was not made with these keys. */
  open(record: Uint8Array): Uint8Array | null {
    if (record.length < RECORD_HEADER_BYTES + CHACHA_TAG_BYTES) return null;
    this.#prepare(record);
    const plain = record.subarray(RECORD_HEADER_BYTES, record.length - CHACHA_TAG_BYTES);
    return openChaChaInto(plain, now, record.subarray(RECORD_HEADER_BYTES)) ? plain : null;
  }

  /** The next generation (RFC 8446 §7.2). */
  update(): void {
    this.#secret = expandLabel(this.#secret, 'traffic upd', SECRET_BYTES);
    this.#derive();
  }

  #derive(): void {
    this.#keys = concatBytes(expandLabel(this.#secret, 'key', KEY_BYTES), expandLabel(this.#secret, 'iv', IV_BYTES));
    this.#next = 0;
  }

  /** The nonce is the record's number, which is never used twice, over the fixed one (RFC 8446 §5.3). */
  #prepare(record: Uint8Array): void {
    const number = this.#next++;
    for (let i = 0; i < KEY_BYTES; i++) now.key[i] = this.#keys[i]!;
    for (let i = 0; i < IV_BYTES; i++) now.nonce[i] = this.#keys[KEY_BYTES + i]!;
    nonceWords.setUint32(4, nonceWords.getUint32(4) ^ Math.floor(number / TWO_TO_32));
    nonceWords.setUint32(8, nonceWords.getUint32(8) ^ (number % TWO_TO_32));
    for (let i = 0; i < RECORD_HEADER_BYTES; i++) now.associated[i] = record[i]!;
  }
}

function writeHeader(record: Uint8Array): void {
  const length = record.length - RECORD_HEADER_BYTES;
  record[0] = 23;
  record[1] = 3;
  record[2] = 3;
  record[3] = length >> 8;
  record[4] = length & 0xff;
}

/** HKDF-Expand-Label with an empty context (RFC 8446 §7.1); one round of SHA-256 gives up to 32 bytes. */
function expandLabel(secret: Uint8Array, label: string, length: number): Uint8Array {
  const name = utf8(`tls13 ${label}`);
  const info = concatBytes(Uint8Array.of(0, length, name.length), name, Uint8Array.of(0, 1));
  // A copy in the heap: what Node hands out has memory of its own elsewhere.
  return Uint8Array.from(createHmac('sha256', secret).update(info).digest().subarray(0, length));
}
