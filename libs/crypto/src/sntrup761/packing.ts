/** Polynomials as bytes: mixed radices packed close to their entropy, as the KEM's specification has it (its `Encode`, `Decode`). */
import { type Coefficients, DEGREE, HALF_MODULUS, MODULUS, type Small } from './polynomials.ts';

export const SMALL_BYTES = 191;
export const COEFFICIENT_BYTES = 1158;
export const ROUNDED_BYTES = 1007;

/** Multiples of 3 from -2295 to 2295. */
const ROUNDED_VALUES = (MODULUS + 2) / 3;
const LIMIT = 16_384;

/** Numbers below their radix, merged two by two, low bytes put out as soon as a radix needs more than 14 bits. */
function pack(values: readonly number[], radices: readonly number[], out: number[]): void {
  if (values.length === 1) {
    let value = values[0]!;
    for (let radix = radices[0]!; radix > 1; radix = (radix + 255) >>> 8) {
      out.push(value & 0xff);
      value >>>= 8;
    }
    return;
  }
  const merged: number[] = [];
  const mergedRadices: number[] = [];
  for (let i = 0; i + 1 < values.length; i += 2) {
    let value = values[i]! + values[i + 1]! * radices[i]!;
    let radix = radices[i]! * radices[i + 1]!;
    for (; radix >= LIMIT; radix = (radix + 255) >>> 8) {
      out.push(value & 0xff);
      value >>>= 8;
    }
    merged.push(value);
    mergedRadices.push(radix);
  }
  if (values.length % 2 === 1) {
    merged.push(values.at(-1)!);
    mergedRadices.push(radices.at(-1)!);
  }
  pack(merged, mergedRadices, out);
}

/** How many low bytes a pair of radices has put out, and the radix that was left. */
function shrunk(product: number): { readonly bytes: number; readonly radix: number } {
  let bytes = 0;
  let radix = product;
  for (; radix >= LIMIT; radix = (radix + 255) >>> 8) bytes++;
  return { bytes, radix };
}

function low(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = count - 1; i >= 0; i--) value = value * 256 + bytes[at + i]!;
  return value;
}

/** The inverse; any bytes give numbers below their radices. */
function unpack(bytes: Uint8Array, at: number, radices: readonly number[]): number[] {
  if (radices.length === 1) {
    const radix = radices[0]!;
    return [radix === 1 ? 0 : low(bytes, at, radix <= 256 ? 1 : 2) % radix];
  }
  const bottoms: { readonly value: number; readonly scale: number }[] = [];
  const mergedRadices: number[] = [];
  let position = at;
  for (let i = 0; i + 1 < radices.length; i += 2) {
    const { bytes: count, radix } = shrunk(radices[i]! * radices[i + 1]!);
    bottoms.push({ value: low(bytes, position, count), scale: 256 ** count });
    position += count;
    mergedRadices.push(radix);
  }
  if (radices.length % 2 === 1) mergedRadices.push(radices.at(-1)!);
  const merged = unpack(bytes, position, mergedRadices);
  const values = bottoms.flatMap(({ value, scale }, i) => {
    const whole = value + scale * merged[i]!;
    const radix = radices[2 * i]!;
    return [whole % radix, Math.floor(whole / radix) % radices[2 * i + 1]!];
  });
  return radices.length % 2 === 1 ? [...values, merged.at(-1)!] : values;
}

const same = (radix: number): number[] => new Array<number>(DEGREE).fill(radix);

function packed(values: number[], radix: number): Uint8Array {
  const out: number[] = [];
  pack(values, same(radix), out);
  return Uint8Array.from(out);
}

/** 1158 bytes. */
export function packCoefficients(a: Coefficients): Uint8Array {
  return packed(Array.from(a, (coefficient) => coefficient + HALF_MODULUS), MODULUS);
}

export function unpackCoefficients(bytes: Uint8Array): Coefficients {
  return Int16Array.from(unpack(bytes, 0, same(MODULUS)), (value) => value - HALF_MODULUS);
}

/** 1007 bytes; of multiples of 3. */
export function packRounded(a: Coefficients): Uint8Array {
  return packed(Array.from(a, (coefficient) => (coefficient + HALF_MODULUS) / 3), ROUNDED_VALUES);
}

export function unpackRounded(bytes: Uint8Array): Coefficients {
  return Int16Array.from(unpack(bytes, 0, same(ROUNDED_VALUES)), (value) => value * 3 - HALF_MODULUS);
}

/** 191 bytes, four to a byte. */
export function packSmall(a: Small): Uint8Array {
  const out = new Uint8Array(SMALL_BYTES);
  for (let i = 0; i < DEGREE; i++) out[i >> 2]! |= (a[i]! + 1) << (2 * (i & 3));
  return out;
}

/** Bits that are no coefficient read as 2, as in the reference implementation of the KEM. */
export function unpackSmall(bytes: Uint8Array): Small {
  return Int8Array.from({ length: DEGREE }, (_, i) => ((bytes[i >> 2]! >> (2 * (i & 3))) & 3) - 1);
}
