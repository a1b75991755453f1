import type { FactSource } from '@polyplex/store-contract';

/** How many steps a store has timed so far, on all its parts. */
export function stepsOf(store: FactSource): number {
  return [...store.facts().seconds.values()].reduce((sum, { count }) => sum + count, 0);
}
