/**
 * Limits by client address (design §4): connections open at once and new ones a minute, per IPv4 address or IPv6 /64.
 * Counts live in memory only and are never logged; those of a minute without connections are forgotten whole.
 */
import { MINUTE } from '@polyplex/base';

export interface AddressLimitOptions {
  /** Connections open at once from one address. */
  readonly open: number;
  /** New connections from one address in about a minute (a sliding estimate over two fixed minutes). */
  readonly perMinute: number;
  readonly now: () => number;
}

/** Beyond this many addresses in a minute the older counts are dropped early, so that spoofing cannot grow the heap. */
const MAX_TRACKED_ADDRESSES = 200_000;

export class AddressLimits {
  readonly #limits: AddressLimitOptions;
  readonly #open = new Map<string, number>();
  #current = new Map<string, number>();
  #previous = new Map<string, number>();
  #currentSince: number;

  constructor(limits: AddressLimitOptions) {
    this.#limits = limits;
    this.#currentSince = limits.now();
  }

  /** Counts a new connection. False: over a limit; then it is not counted as open and `release` must not follow. */
  admit(addressKey: string): boolean {
    const rate = this.#countNew(addressKey);
    const open = this.#open.get(addressKey) ?? 0;
    if (rate > this.#limits.perMinute || open >= this.#limits.open) return false;
    this.#open.set(addressKey, open + 1);
    return true;
  }

  /** Takes back one admitted connection that has closed. */
  release(addressKey: string): void {
    const open = this.#open.get(addressKey) ?? 0;
    if (open > 1) this.#open.set(addressKey, open - 1);
    else this.#open.delete(addressKey);
  }

  #countNew(addressKey: string): number {
    const age = this.#rotate();
    const count = (this.#current.get(addressKey) ?? 0) + 1;
    this.#current.set(addressKey, count);
    return count + (this.#previous.get(addressKey) ?? 0) * (1 - age / MINUTE);
  }

  /** Starts a new minute where one has passed; returns the age of the present one. */
  #rotate(): number {
    const now = this.#limits.now();
    const age = now - this.#currentSince;
    if (age >= 0 && age < MINUTE && this.#current.size < MAX_TRACKED_ADDRESSES) return age;
    this.#previous = age >= 2 * MINUTE ? new Map<string, number>() : this.#current;
    this.#current = new Map();
    this.#currentSince = now;
    return 0;
  }
}
