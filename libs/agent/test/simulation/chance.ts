/** Chance that is drawn from a seed: the same seed is the same world. */

export type Chance = () => number;

/** In [0, 1), by xorshift. */
export function chanceOf(seed: number): Chance {
  let state = Math.imul(seed + 1, 2_654_435_761) || 1;
  // Seeds that follow each other begin alike.
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 8; i++) next();
  return next;
}
