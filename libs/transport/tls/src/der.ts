/** The few DER forms that a certificate of our profile (SMP §9.3) is made of. Writing only; X.690. */
import { concatBytes, utf8 } from '@polyplex/base';

export function tlv(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(...contents);
  return concatBytes(Uint8Array.of(tag, ...lengthBytes(body.length)), body);
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

export const sequence = (...items: readonly Uint8Array[]): Uint8Array => tlv(0x30, ...items);
export const setOf = (...items: readonly Uint8Array[]): Uint8Array => tlv(0x31, ...items);
export const octetString = (content: Uint8Array): Uint8Array => tlv(0x04, content);
export const utf8String = (text: string): Uint8Array => tlv(0x0c, utf8(text));
export const TRUE = Uint8Array.of(0x01, 0x01, 0xff);

/** A positive INTEGER from big-endian magnitude bytes whose first byte is not zero. */
export function positiveInteger(magnitude: Uint8Array): Uint8Array {
  return magnitude[0]! < 0x80 ? tlv(0x02, magnitude) : tlv(0x02, Uint8Array.of(0), magnitude);
}

export function bitString(bytes: Uint8Array, unusedBits = 0): Uint8Array {
  return tlv(0x03, Uint8Array.of(unusedBits), bytes);
}

/** OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tlv(0x06, Uint8Array.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let left = value >> 7; left > 0; left >>= 7) digits.unshift(0x80 | (left & 0x7f));
  return digits;
}

/** Time to the second: UTCTime until 2049, GeneralizedTime from 2050 (RFC 5280 §4.1.2.5). */
export function time(ms: number): Uint8Array {
  const date = new Date(ms);
  const digits = date.toISOString().replace(/\.\d+/, '').replace(/[-:T]/g, '');
  return date.getUTCFullYear() < 2050 ? tlv(0x17, utf8(digits.slice(2))) : tlv(0x18, utf8(digits));
}
