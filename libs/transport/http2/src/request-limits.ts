/** Requests under way over all connections of a listener: what streams may hold together is their number times a window. */
export interface RequestLimitOptions {
  readonly requests: number;
  readonly requestsPerAddress: number;
}

export class RequestLimits {
  readonly #limits: RequestLimitOptions;
  readonly #byAddress = new Map<string, number>();
  #all = 0;

  constructor(limits: RequestLimitOptions) {
    this.#limits = limits;
  }

  get active(): number {
    return this.#all;
  }

  /** Counts a request; false when there is no room, and then `leave` may not follow. */
  enter(addressKey: string): boolean {
    const count = this.#byAddress.get(addressKey) ?? 0;
    if (this.#all >= this.#limits.requests || count >= this.#limits.requestsPerAddress) return false;
    this.#all++;
    this.#byAddress.set(addressKey, count + 1);
    return true;
  }

  leave(addressKey: string): void {
    const count = this.#byAddress.get(addressKey) ?? 0;
    this.#all--;
    if (count > 1) this.#byAddress.set(addressKey, count - 1);
    else this.#byAddress.delete(addressKey);
  }
}
