/** Steps of one queue one after another, in the order given; those of different queues side by side. */
import type { IdKey } from '@polyplex/base';

export class Turns {
  private readonly last = new Map<IdKey, Promise<unknown>>();

  run<T>(key: IdKey, step: () => Promise<T>): Promise<T> {
    const before = this.last.get(key);
    const result = before === undefined ? step() : before.then(step, step);
    this.last.set(key, result);
    const forget = (): void => {
      if (this.last.get(key) === result) this.last.delete(key);
    };
    result.then(forget, forget);
    return result;
  }
}
