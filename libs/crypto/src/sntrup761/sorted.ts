/** Sorting by a fixed network: the order of comparisons does not depend on what is sorted. */

/** Ascending, in place (Batcher's odd-even merge sort for any length). */
export function sortInConstantTime(values: Float64Array): void {
  const { length } = values;
  for (let p = 1; p < length; p *= 2) {
    for (let k = p; k >= 1; k /= 2) mergeStep(values, p, k);
  }
}

function mergeStep(values: Float64Array, p: number, k: number): void {
  const { length } = values;
  for (let j = k % p; j + k < length; j += 2 * k) {
    for (let i = 0; i < k && j + i + k < length; i++) {
      if (Math.floor((i + j) / (2 * p)) !== Math.floor((i + j + k) / (2 * p))) continue;
      const [a, b] = [values[i + j]!, values[i + j + k]!];
      values[i + j] = Math.min(a, b);
      values[i + j + k] = Math.max(a, b);
    }
  }
}
