/** Keeps back what stores tell a node, as if the words of other nodes were still on their way. */
import type { QueueStore, StoreListener } from '@polyplex/store-contract';

export class HeldEvents {
  private waiting: (() => void)[] | null = null;

  /** To stand between the node and its store. */
  around(store: QueueStore): QueueStore {
    return { ...store, listen: (listener) => store.listen(this.behind(listener)) };
  }

  hold(): void {
    this.waiting = [];
  }

  release(): void {
    const waiting = this.waiting ?? [];
    this.waiting = null;
    for (const tell of waiting) tell();
  }

  private behind(listener: StoreListener): StoreListener {
    return {
      ended: (...given) => this.pass(() => listener.ended(...given)),
      deleted: (...given) => this.pass(() => listener.deleted(...given)),
      serviceEnded: (...given) => this.pass(() => listener.serviceEnded(...given)),
      blocked: (...given) => this.pass(() => listener.blocked(...given)),
      wake: (...given) => this.pass(() => listener.wake(...given)),
      wakeNotifier: (...given) => this.pass(() => listener.wakeNotifier(...given)),
    };
  }

  private pass(tell: () => void): void {
    if (this.waiting === null) tell();
    else this.waiting.push(tell);
  }
}
