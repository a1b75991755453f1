/** The KEM against golden data of the reference implementation, and by itself. */
import { readFileSync } from 'node:fs';
import { decapsulate, encapsulate, generateKemKeyPair, SNTRUP761_BYTES } from '@polyplex/crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packCoefficients, packRounded, packSmall, unpackCoefficients, unpackRounded, unpackSmall } from '../src/sntrup761/packing.ts';
import { DEGREE, multiply, multiply3 } from '../src/sntrup761/polynomials.ts';
import { reciprocal3, reciprocalOfTriple, reciprocalsBy, scalarDivision } from '../src/sntrup761/reciprocals.ts';
import { divisionModule } from '../src/wasm/division-module.ts';
import { sortInConstantTime } from '../src/sntrup761/sorted.ts';
import { hex, toHex } from './hex.ts';

interface Golden {
  readonly pairs: readonly {
    readonly publicKey: string;
    readonly secretKey: string;
    readonly encapsulations: readonly { readonly ciphertext: string; readonly sharedKey: string }[];
    readonly implicitRejections: readonly { readonly ciphertext: string; readonly decapsulated: string }[];
  }[];
  readonly hybridBox: { readonly kemShared: string; readonly kemCiphertext: string; readonly kemSecret: string };
}

const golden = JSON.parse(readFileSync(new URL('vectors/sntrup761.json', import.meta.url), 'utf8')) as Golden;

describe('golden data', () => {
  test.each(golden.pairs.map((pair, i) => [i, pair] as const))('pair %i: ciphertexts open, damaged ones to the key of the rejection', (_, { secretKey, encapsulations, implicitRejections }) => {
    for (const { ciphertext, sharedKey } of encapsulations) expect(toHex(decapsulate(hex(ciphertext), hex(secretKey)))).toBe(sharedKey);
    for (const { ciphertext, decapsulated } of implicitRejections) expect(toHex(decapsulate(hex(ciphertext), hex(secretKey)))).toBe(decapsulated);
  });

  test('of the hybrid box', () => {
    const { kemCiphertext, kemSecret, kemShared } = golden.hybridBox;
    expect(toHex(decapsulate(hex(kemCiphertext), hex(kemSecret)))).toBe(kemShared);
  });

  test('packed keys are what unpacking and packing gives', () => {
    for (const { publicKey, secretKey } of golden.pairs) {
      expect(toHex(packCoefficients(unpackCoefficients(hex(publicKey))))).toBe(publicKey);
      const small = hex(secretKey).subarray(0, 191);
      expect(packSmall(unpackSmall(small))).toEqual(small);
    }
  });
});

describe('own keys', () => {
  test('what was encapsulated is decapsulated, and a changed byte gives another key', () => {
    for (let i = 0; i < 5; i++) {
      const { publicKey, secretKey } = generateKemKeyPair();
      expect([publicKey.length, secretKey.length]).toEqual([SNTRUP761_BYTES.publicKey, SNTRUP761_BYTES.secretKey]);
      const { ciphertext, sharedKey } = encapsulate(publicKey);
      expect(decapsulate(ciphertext, secretKey)).toEqual(sharedKey);
      const damaged = Uint8Array.from(ciphertext);
      damaged[i * 200]! ^= 1;
      expect(decapsulate(damaged, secretKey)).not.toEqual(sharedKey);
      // The reciprocals are reciprocals.
      const g = unpackSmall(secretKey.subarray(191, 382));
      const one = multiply3(g, reciprocal3(g)!);
      expect([one[0], one.subarray(1).every((c) => c === 0)]).toEqual([1, true]);
      const f = unpackSmall(secretKey.subarray(0, 191));
      expect(f.filter((c) => c !== 0)).toHaveLength(286);
      const third = multiply(reciprocalOfTriple(f)!, f);
      expect([third[0], third.subarray(1).every((c) => c === 0)]).toEqual([-1530, true]); // 3 · -1530 = 1 modulo 4591
    }
  });

  test.each([[0], [1157], [1159]])('a public key of %i bytes is refused', (length) => {
    expect(() => encapsulate(new Uint8Array(length))).toThrow('1158 bytes');
  });
  test('ciphertexts and secret keys of a wrong length are refused', () => {
    expect(() => decapsulate(new Uint8Array(1038), new Uint8Array(1763))).toThrow('1039 bytes');
    expect(() => decapsulate(new Uint8Array(1039), new Uint8Array(1762))).toThrow('1763 bytes');
  });
});

describe('division', () => {
  const scalar = reciprocalsBy(scalarDivision());
  const vectors = reciprocalsBy(divisionModule()!);
  const smallOf = (values: readonly number[]): Int8Array => Int8Array.from({ length: DEGREE }, (_, i) => values[i] ?? 0);
  const isOne = ([first, ...rest]: Iterable<number>, one: number): boolean => first === one && rest.every((c) => c === 0);

  test('by vectors and one by one is the same, and what it should be', () => {
    const smallOnes = fc.array(fc.integer({ min: -1, max: 1 }), { maxLength: DEGREE, size: 'max' }).map(smallOf);
    let without = 0;
    fc.assert(fc.property(smallOnes, (a) => {
      const third = vectors.reciprocal3(a);
      if (third === null) without++;
      else expect(isOne(multiply3(a, third), 1)).toBe(true);
      expect(scalar.reciprocal3(a)).toEqual(third);
      const large = vectors.reciprocalOfTriple(a);
      if (a.some((c) => c !== 0)) expect(isOne(multiply(large!, a), -1530)).toBe(true);
      expect(scalar.reciprocalOfTriple(a)).toEqual(large);
    }), { numRuns: 30, examples: [[smallOf([])], [smallOf([1])], [smallOf([0, -1])], [smallOf(new Array<number>(DEGREE).fill(1))], [smallOf(new Array<number>(DEGREE).fill(-1))]] });
    expect(without).toBeGreaterThan(0);
  });

  test('leaves nothing in the memory that it works in', () => {
    const [three] = divisionModule()!;
    reciprocalsBy([three, three]).reciprocal3(smallOf([1, 1, -1]));
    expect(three.memory.every((c) => c === 0)).toBe(true);
  });
});

describe('any bytes', () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

  test('unpack into coefficients in range', () => {
    fc.assert(fc.property(bytes(1158), bytes(1007), (coefficients, roundedOnes) => {
      expect(unpackCoefficients(coefficients).every((c) => Math.abs(c) <= 2295)).toBe(true);
      expect(unpackRounded(roundedOnes).every((c) => Math.abs(c) <= 2295 && c % 3 === 0)).toBe(true);
    }), { numRuns: 50 });
  });

  test('are opened as a ciphertext to some key, never an error', () => {
    const { secretKey } = generateKemKeyPair();
    fc.assert(fc.property(bytes(1039), (ciphertext) => {
      expect(decapsulate(ciphertext, secretKey)).toHaveLength(32);
    }), { numRuns: 20 });
  });

  test('coefficients come back from their bytes', () => {
    const coefficients = fc.array(fc.integer({ min: -2295, max: 2295 }), { minLength: DEGREE, maxLength: DEGREE });
    fc.assert(fc.property(coefficients, (values) => {
      const a = Int16Array.from(values);
      expect(unpackCoefficients(packCoefficients(a))).toEqual(a);
      const multiples = a.map((value) => Math.trunc(value / 3) * 3);
      expect(unpackRounded(packRounded(multiples))).toEqual(multiples);
    }), { numRuns: 50 });
  });

  test('the network sorts', () => {
    fc.assert(fc.property(fc.array(fc.nat({ max: 2 ** 32 - 1 }), { maxLength: 800, size: 'max' }), (values) => {
      const sorted = Float64Array.from(values);
      sortInConstantTime(sorted);
      expect(sorted).toEqual(Float64Array.from(values).sort());
    }));
  });
});
