/** Runs tasks of one key one after another, in the order given, and tasks of different keys side by side. */

export class KeyedOrder<K> {
  private readonly tails = new Map<K, Promise<unknown>>();

  /** Starts `task` when every earlier task that shares a key has settled; at once when there is none. */
  run<T>(keys: readonly K[], task: () => Promise<T>): Promise<T> {
    const before = keys.map((key) => this.tails.get(key)).filter((tail) => tail !== undefined);
    const result = before.length === 0 ? task() : Promise.allSettled(before).then(task);
    for (const key of keys) this.tails.set(key, result);
    const forget = (): void => {
      for (const key of keys) if (this.tails.get(key) === result) this.tails.delete(key);
    };
    result.then(forget, forget);
    return result;
  }
}
