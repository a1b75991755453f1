/**
 * Reciprocals of polynomials (agent §5.8), by Bernstein and Yang's division: the same 2·761 - 1 steps for every input. WebAssembly takes a
 * step for eight coefficients at once; where there is none (`--jitless`), it is taken here, one by one.
 */
import { type DivisionSteps, divisionModule } from '../wasm/division-module.ts';
import { type Coefficients, DEGREE, modulo, MODULUS, type Small } from './polynomials.ts';

/** 1/x modulo 4591 by Fermat; x is not 0. */
function reciprocal(x: number): number {
  let result = 1;
  for (let i = 0; i < MODULUS - 2; i++) result = modulo(result * x);
  return result;
}

/** -1 where x is negative, else 0. */
const negativeMask = (x: number): number => x >> 31;
/** -1 where x is not 0, else 0. */
const nonZeroMask = (x: number): number => (x | -x) >> 31;

/** x of -2…2, to -1, 0, 1. */
const smallModulo3 = (x: number): number => x - 3 * ((((x + 4) * 11) >> 5) - 1);

/** Coefficients one by one, as `DivisionSteps` says, with a reduction of differences of products. */
function scalarSteps(reduce: (x: number) => number): DivisionSteps {
  const memory = new Int16Array(4 * (DEGREE + 1));
  const [f, g, v, r] = [0, 1, 2, 3].map((i) => memory.subarray(i * (DEGREE + 1), (i + 1) * (DEGREE + 1))) as [Int16Array, Int16Array, Int16Array, Int16Array];
  return {
    memory, f, g, v, r,
    down(swap, f0, g0) {
      for (let i = 0; i <= DEGREE; i++) {
        const difference = swap & (f[i]! ^ g[i]!);
        f[i]! ^= difference;
        g[Math.max(i - 1, 0)] = reduce(f0 * (g[i]! ^ difference) - g0 * f[i]!);
      }
      g[DEGREE] = 0;
    },
    up(swap, f0, g0) {
      for (let i = DEGREE; i >= 0; i--) {
        const below = i === 0 ? 0 : v[i - 1]!;
        const difference = swap & (below ^ r[i]!);
        v[i] = below ^ difference;
        r[i] = reduce(f0 * (r[i]! ^ difference) - g0 * v[i]!);
      }
    },
  };
}

/** The quotient's field: its steps, the coefficient that a division begins with, and a / f₀. */
interface Field {
  readonly steps: DivisionSteps;
  readonly one: number;
  readonly scale: (f0: number) => (a: number) => number;
}

/** `reciprocal3` and `reciprocalOfTriple`, by steps modulo 3 and modulo 4591. */
export function reciprocalsBy([three, large]: readonly [DivisionSteps, DivisionSteps]) {
  const field3: Field = { steps: three, one: 1, scale: (f0) => (a) => f0 * a };
  const fieldTimes3: Field = {
    steps: large, one: reciprocal(3),
    scale(f0) {
      const factor = reciprocal(f0);
      return (a) => modulo(factor * a);
    },
  };
  return {
    reciprocal3: (a: Small): Small | null => {
      const found = divide(a, field3);
      return found && Int8Array.from(found);
    },
    reciprocalOfTriple: (a: Small): Coefficients | null => {
      const found = divide(a, fieldTimes3);
      return found && Int16Array.from(found);
    },
  };
}

/** The reciprocal of a small polynomial in `field`; null where it has none. */
function divide(input: Small, { steps, one, scale }: Field): Int32Array | null {
  const { memory, f, g, v, r } = steps;
  memory.fill(0);
  f[0] = 1;
  f[DEGREE - 1] = -1;
  f[DEGREE] = -1;
  for (let i = 0; i < DEGREE; i++) g[i] = input[DEGREE - 1 - i]!;
  r[0] = one;
  let delta = 1;
  for (let step = 0; step < 2 * DEGREE - 1; step++) {
    const swap = negativeMask(-delta) & nonZeroMask(g[0]!);
    delta = (delta ^ (swap & (delta ^ -delta))) + 1;
    const difference = swap & (f[0] ^ g[0]!);
    const [f0, g0] = [f[0] ^ difference, g[0]! ^ difference];
    steps.down(swap, f0, g0);
    steps.up(swap, f0, g0);
  }
  const scaled = scale(f[0]);
  const quotient = delta === 0 ? Int32Array.from({ length: DEGREE }, (_, i) => scaled(v[DEGREE - 1 - i]!)) : null;
  memory.fill(0);
  return quotient;
}

/** The steps of this file. */
export const scalarDivision = (): readonly [DivisionSteps, DivisionSteps] => [scalarSteps(smallModulo3), scalarSteps(modulo)];

/** Those of this process: made when the first key pair is, which most processes never make. */
let own: ReturnType<typeof reciprocalsBy> | null = null;
const ownReciprocals = () => (own ??= reciprocalsBy(divisionModule() ?? scalarDivision()));

/** 1/a modulo 3; null where there is none, which is for about one in three. */
export function reciprocal3(a: Small): Small | null {
  return ownReciprocals().reciprocal3(a);
}

/** 1/(3·a) modulo 4591; null for 0 alone, the ring being a field. */
export function reciprocalOfTriple(a: Small): Coefficients | null {
  return ownReciprocals().reciprocalOfTriple(a);
}
