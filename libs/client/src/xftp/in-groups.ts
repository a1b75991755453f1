/** Work on chunks as clients do it (XFTP §8.1, §8.2): server by server at the same time, chunk after chunk for each of them. */

/** At most so many groups at once. */
export const MAX_GROUPS_AT_ONCE = 16;

/**
 * Does `task` for every item: groups at the same time, the items of a group one after the other. The first failure stops
 * all, through the signal that tasks get, and is what this rejects with.
 */
export async function inGroups<T>(
  groups: Iterable<readonly T[]>, signal: AbortSignal | undefined, task: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const all = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const waiting = [...groups];
  let failure: { readonly error: unknown } | null = null;
  const work = async (): Promise<void> => {
    for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
      for (const item of group) {
        if (stop.signal.aborted) return;
        await task(item, all);
      }
    }
  };
  const fail = (error: unknown): void => {
    failure ??= { error };
    stop.abort();
  };
  await Promise.all(Array.from({ length: Math.min(MAX_GROUPS_AT_ONCE, waiting.length) }, () => work().catch(fail)));
  if (failure !== null) throw (failure as { readonly error: unknown }).error;
}

/** Items with the same key together, in the order in which they come. */
export function grouped<T>(items: Iterable<T>, keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
