/**
 * The steps of the division of polynomials (sntrup761, agent §5.8) as WebAssembly, eight coefficients at once: they are nearly all of the
 * time that a key pair takes. Coefficients are 16 bits wide. Nothing depends on their values but values.
 */
import { type Code, const32, get, I32, i16x8, i32, loadVector, set, storeVector, V128, v128, type WasmFunction } from './assembler.ts';
import { instanceOf } from './instance.ts';

/** Coefficients of a polynomial with its head, in whole vectors. */
const VECTORS = 96;
const LANES = 8;
const VECTOR_BYTES = 16;
/** Between polynomials lies a vector of zeros, since each is also read and written one coefficient off. */
const REGION = (VECTORS + 1) * VECTOR_BYTES;
const [F, G, V, R] = [1, 2, 3, 4].map((i) => i * REGION) as [number, number, number, number];
const COEFFICIENT_BYTES = 2;

/** What a product needs to be reduced: of a factor c, c·2^15/modulus as a whole number; of the difference of two products, 2^15/modulus. */
interface Modulus {
  readonly name: string;
  readonly modulus: number;
  /** Whether products are so small that only their difference is reduced. */
  readonly isSmall: boolean;
}

const MODULI: readonly Modulus[] = [{ name: '3', modulus: 3, isSmall: true }, { name: '4591', modulus: 4591, isSmall: false }];

const quotientOf = (factor: number, modulus: number): number => Math.round((factor * 2 ** 15) / modulus);

// Parameters: the mask of the swap, f₀ and g₀, each with its quotient in the upper half. Locals: all that in all lanes, and those of a vector.
const PARAMS = 3;
const [SWAP, F0, G0, F0_QUOTIENT, G0_QUOTIENT] = [0, 1, 2, 3, 4].map((i) => PARAMS + i) as [number, number, number, number, number];
const [MODULUS, UNIT, FIRST, SECOND, SCRATCH] = [5, 6, 7, 8, 9].map((i) => PARAMS + i) as [number, number, number, number, number];
const LOCALS = 10;

const lanes = (value: Code): Code => [...value, ...i16x8.splat];
const prologue = (modulus: number): Code => [
  ...[SWAP, F0, G0].flatMap((local, i) => [...lanes(get(i)), ...set(local)]),
  ...[F0_QUOTIENT, G0_QUOTIENT].flatMap((local, i) => [...lanes([...get(i + 1), ...const32(16), i32.shrU]), ...set(local)]),
  ...lanes(const32(modulus)), ...set(MODULUS), ...lanes(const32(quotientOf(1, modulus))), ...set(UNIT),
];

/** Less its multiple of the modulus, near zero: at most 0.54 of the modulus is left. */
const product = (value: number, factor: number, quotient: number, isSmall: boolean): Code => [
  ...get(value), ...get(factor), ...i16x8.mul,
  ...(isSmall ? [] : [...get(value), ...get(quotient), ...i16x8.mulHigh, ...get(MODULUS), ...i16x8.mul, ...i16x8.sub]),
];

const reduced = (value: Code): Code => [
  ...value, ...set(SCRATCH), ...get(SCRATCH), ...get(SCRATCH), ...get(UNIT), ...i16x8.mulHigh, ...get(MODULUS), ...i16x8.mul, ...i16x8.sub,
];

/** Swaps FIRST and SECOND where the mask says so; then f₀·SECOND - g₀·FIRST. */
function swapAndCombine(isSmall: boolean): { readonly swap: Code; readonly combined: Code } {
  const swap = [
    ...get(FIRST), ...get(SECOND), ...v128.xor, ...get(SWAP), ...v128.and, ...set(SCRATCH),
    ...get(FIRST), ...get(SCRATCH), ...v128.xor, ...set(FIRST), ...get(SECOND), ...get(SCRATCH), ...v128.xor, ...set(SECOND),
  ];
  return { swap, combined: reduced([...product(SECOND, F0, F0_QUOTIENT, isSmall), ...product(FIRST, G0, G0_QUOTIENT, isSmall), ...i16x8.sub]) };
}

const functionOf = (name: string, code: Code): WasmFunction => ({ name, params: new Array<number>(PARAMS).fill(I32), results: [], locals: { count: LOCALS, type: V128 }, code });

/** From the lowest coefficient up, g written one below where it was read. */
function stepDown({ name, modulus, isSmall }: Modulus): WasmFunction {
  const { swap, combined } = swapAndCombine(isSmall);
  const vector = (i: number): Code => [
    ...loadVector(F + VECTOR_BYTES * i), ...set(FIRST), ...loadVector(G + VECTOR_BYTES * i), ...set(SECOND), ...swap,
    ...storeVector(F + VECTOR_BYTES * i, get(FIRST)), ...storeVector(G + VECTOR_BYTES * i - COEFFICIENT_BYTES, combined),
  ];
  return functionOf(`down${name}`, [...prologue(modulus), ...Array.from({ length: VECTORS }, (_, i) => vector(i)).flat()]);
}

/** From the highest coefficient down, v read one below where it is written. */
function stepUp({ name, modulus, isSmall }: Modulus): WasmFunction {
  const { swap, combined } = swapAndCombine(isSmall);
  const vector = (i: number): Code => [
    ...loadVector(V + VECTOR_BYTES * i - COEFFICIENT_BYTES), ...set(FIRST), ...loadVector(R + VECTOR_BYTES * i), ...set(SECOND), ...swap,
    ...storeVector(V + VECTOR_BYTES * i, get(FIRST)), ...storeVector(R + VECTOR_BYTES * i, combined),
  ];
  return functionOf(`up${name}`, [...prologue(modulus), ...Array.from({ length: VECTORS }, (_, i) => vector(VECTORS - 1 - i)).flat()]);
}

/** Polynomials, lowest coefficient first, near zero: at most 0.53 of the modulus in size. The caller sets them, and wipes all of `memory`. */
export interface DivisionSteps {
  readonly memory: Int16Array;
  readonly f: Int16Array;
  readonly g: Int16Array;
  readonly v: Int16Array;
  readonly r: Int16Array;
  /** Swaps f and g where `swap` is -1 and not 0; then g := (f₀·g - g₀·f) / x. The heads are those after the swap. */
  readonly down: (swap: number, f0: number, g0: number) => void;
  /** Swaps v·x and r in the same way; then r := f₀·r - g₀·v. */
  readonly up: (swap: number, f0: number, g0: number) => void;
}

/** Modulo 3 and modulo 4591, in this order, over the same memory; null where there is no WebAssembly with vectors. */
export function divisionModule(): readonly [DivisionSteps, DivisionSteps] | null {
  const instance = instanceOf(MODULI.flatMap((modulus) => [stepDown(modulus), stepUp(modulus)]));
  if (instance === null) return null;
  const { memory: buffer, functions } = instance;
  const region = (at: number) => new Int16Array(buffer, at, VECTORS * LANES);
  const memory = new Int16Array(buffer, 0, (5 * REGION) / COEFFICIENT_BYTES);
  const [three, large] = MODULI.map(({ name, modulus }): DivisionSteps => {
    const withQuotient = (head: number): number => (quotientOf(head, modulus) << 16) | (head & 0xffff);
    const [down, up] = [functions[`down${name}`]!, functions[`up${name}`]!];
    return {
      memory, f: region(F), g: region(G), v: region(V), r: region(R),
      down: (swap, f0, g0) => { down(swap, withQuotient(f0), withQuotient(g0)); },
      up: (swap, f0, g0) => { up(swap, withQuotient(f0), withQuotient(g0)); },
    };
  });
  return [three!, large!];
}
