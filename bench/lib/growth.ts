/**
 * Does something grow? The slope of samples over time as Theil and Sen take it: the median of the slopes between all pairs.
 * A few samples that are far off, as after a collection or a stall, do not move it.
 */

export interface Sample {
  /** Any unit of time. */
  readonly at: number;
  readonly value: number;
}

/** Units of value for each unit of time; 0 for less than two samples. */
export function slopeOf(samples: readonly Sample[]): number {
  const slopes: number[] = [];
  for (const [i, a] of samples.entries()) {
    for (const b of samples.slice(i + 1)) if (b.at !== a.at) slopes.push((b.value - a.value) / (b.at - a.at));
  }
  return slopes.toSorted((a, b) => a - b)[slopes.length >> 1] ?? 0;
}

/** By how much the value has grown from the first sample to the last, by that slope. */
export function growthOf(samples: readonly Sample[]): number {
  const [first, last] = [samples[0], samples.at(-1)];
  return first === undefined || last === undefined ? 0 : slopeOf(samples) * (last.at - first.at);
}
