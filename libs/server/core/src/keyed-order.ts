/** Runs tasks of one key one after another, in the order given, and tasks of different keys side by side. */

export class KeyedOrder<K> {
  /** Null while nothing runs: there is an order for each connection, and most of these are idle. */
  private tails: Map<K, Promise<unknown>> | null = null;

  /** Starts `task` when every earlier task that shares a key has settled; at once when there is none. */
  run<T>(keys: readonly K[], task: () => Promise<T>): Promise<T> {
    const before = keys.map((key) => this.tails?.get(key)).filter((tail) => tail !== undefined);
    const result = before.length === 0 ? task() : Promise.allSettled(before).then(task);
    // The task may have begun others.
    const tails = (this.tails ??= new Map());
    for (const key of keys) tails.set(key, result);
    const forget = (): void => {
      for (const key of keys) if (tails.get(key) === result) tails.delete(key);
      if (tails.size === 0 && this.tails === tails) this.tails = null;
    };
    result.then(forget, forget);
    return result;
  }
}
