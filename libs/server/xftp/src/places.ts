/**
 * Places for transfers: a bound on those under way in all, of one client address and of one connection. Who finds none
 * waits in line; one who waits for its own bound does not hold up those behind it.
 */
export interface PlaceLimits {
  readonly all: number;
  readonly perAddress: number;
  readonly perConnection: number;
}

/** Whose transfer it is. */
export interface Transferring {
  readonly addressKey: string;
  /** Any object that stands for the connection. */
  readonly connection: object;
}

interface Waiting extends Transferring {
  readonly enter: () => void;
}

export class Places {
  readonly #limits: PlaceLimits;
  readonly #byAddress = new Map<string, number>();
  readonly #byConnection = new Map<object, number>();
  readonly #line = new Set<Waiting>();
  #taken = 0;

  constructor(limits: PlaceLimits) {
    this.#limits = limits;
  }

  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#line.size;
  }

  /** Resolves with what gives the place back (to be called once), or with null when `signal` aborts first. */
  take(who: Transferring, signal: AbortSignal): Promise<(() => void) | null> {
    if (signal.aborted) return Promise.resolve(null);
    if (this.#fits(who)) return Promise.resolve(this.#enter(who));
    return new Promise((resolve) => {
      const waiting: Waiting = {
        ...who,
        enter: () => {
          signal.removeEventListener('abort', leave);
          resolve(this.#enter(who));
        },
      };
      const leave = (): void => {
        this.#line.delete(waiting);
        resolve(null);
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#line.add(waiting);
    });
  }

  #fits({ addressKey, connection }: Transferring): boolean {
    const { all, perAddress, perConnection } = this.#limits;
    const ofAddress = this.#byAddress.get(addressKey) ?? 0;
    const ofConnection = this.#byConnection.get(connection) ?? 0;
    return this.#taken < all && ofAddress < perAddress && ofConnection < perConnection;
  }

  #enter({ addressKey, connection }: Transferring): () => void {
    this.#taken++;
    change(this.#byAddress, addressKey, 1);
    change(this.#byConnection, connection, 1);
    return () => {
      this.#taken--;
      change(this.#byAddress, addressKey, -1);
      change(this.#byConnection, connection, -1);
      this.#letNextEnter();
    };
  }

  #letNextEnter(): void {
    for (const waiting of this.#line) {
      if (this.#taken >= this.#limits.all) return;
      if (!this.#fits(waiting)) continue;
      this.#line.delete(waiting);
      waiting.enter();
    }
  }
}

function change<K>(counts: Map<K, number>, key: K, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
