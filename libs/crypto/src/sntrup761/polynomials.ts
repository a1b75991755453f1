/**
 * Arithmetic of Streamlined NTRU Prime 761 (agent §5.8): polynomials of degree below 761 modulo x^761 - x - 1, with coefficients
 * modulo 4591 (`Int16Array`, -2295 to 2295) or modulo 3 (`Int8Array`, -1, 0, 1; `small` and `short` ones are the same).
 *
 * No branch and no index depends on a secret coefficient. That is as constant in time as JavaScript can be made; reductions
 * multiply by a reciprocal, since the time of a division may depend on its operands.
 */

export const DEGREE = 761;
export const MODULUS = 4591;
/** The largest coefficient modulo 4591. One factor of each product is small, so sums of 761 products stay below 2^31. */
export const HALF_MODULUS = 2295;

export type Coefficients = Int16Array;
export type Small = Int8Array;

/** To -2295…2295; exact for any |x| below 2^31. The half keeps the product away from whole numbers, where rounding could err. */
export function modulo(x: number): number {
  return x - MODULUS * Math.floor((x + HALF_MODULUS + 0.5) * (1 / MODULUS));
}

/** To -1, 0, 1. */
function modulo3(x: number): number {
  return x - 3 * Math.floor((x + 1.5) * (1 / 3));
}

/** x^761 = x + 1: folds the upper half of a product of two polynomials into the lower one, in place. */
function fold(product: Int32Array): void {
  for (let i = 2 * DEGREE - 2; i >= DEGREE; i--) {
    product[i - DEGREE]! += product[i]!;
    product[i - DEGREE + 1]! += product[i]!;
  }
}

const ROWS = 4;

/** Four rows at a time, so that each coefficient of `a` is read once for four of `b`, and sums are written a quarter as often. */
function product(a: Coefficients | Small, b: Small): Int32Array {
  const columns = DEGREE + ROWS - 1;
  const wide = new Int32Array(columns);
  const factors = new Int32Array(columns);
  wide.set(a);
  factors.set(b);
  const out = new Int32Array(2 * columns);
  for (let i = 0; i < DEGREE; i += ROWS) {
    const [b0, b1, b2, b3] = [factors[i]!, factors[i + 1]!, factors[i + 2]!, factors[i + 3]!];
    let [a1, a2, a3] = [0, 0, 0];
    for (let j = 0; j < columns; j++) {
      const a0 = wide[j]!;
      out[i + j] = (out[i + j]! + Math.imul(b0, a0) + Math.imul(b1, a1) + Math.imul(b2, a2) + Math.imul(b3, a3)) | 0;
      a3 = a2;
      a2 = a1;
      a1 = a0;
    }
  }
  fold(out);
  return out;
}

/** a·b modulo 4591. */
export function multiply(a: Coefficients, b: Small): Coefficients {
  return Int16Array.from(product(a, b).subarray(0, DEGREE), modulo);
}

/** a·b modulo 3. */
export function multiply3(a: Small, b: Small): Small {
  return Int8Array.from(product(a, b).subarray(0, DEGREE), modulo3);
}

/** 3·a modulo 4591, then modulo 3. */
export function tripledModulo3(a: Coefficients): Small {
  return Int8Array.from(a, (coefficient) => modulo3(modulo(3 * coefficient)));
}

/** Rounds each coefficient to the nearest multiple of 3. */
export function rounded(a: Coefficients): Coefficients {
  return a.map((coefficient) => coefficient - modulo3(coefficient));
}
