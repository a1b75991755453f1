/**
 * Limits by client address (design §4): connections open and handshakes in flight at once, and new connections a minute,
 * per IPv4 address or IPv6 /64.
 * Counts live in memory only and are never logged; those of a minute without connections are forgotten whole.
 */
import { MINUTE } from '@polyplex/base';

export interface AddressLimitOptions {
  /** Connections open at once from one address. */
  readonly open: number;
  /** Of these, how many may be in their handshake. */
  readonly handshakes: number;
  /** New connections from one address in about a minute (a sliding estimate over two fixed minutes). */
  readonly perMinute: number;
  readonly now: () => number;
}

/** Beyond this many addresses in a minute the older counts are dropped early, so that spoofing cannot grow the heap. */
const MAX_TRACKED_ADDRESSES = 200_000;

export class AddressLimits {
  readonly #limits: AddressLimitOptions;
  readonly #open = new Map<string, number>();
  readonly #handshakes = new Map<string, number>();
  #current = new Map<string, number>();
  #previous = new Map<string, number>();
  #currentSince: number;

  constructor(limits: AddressLimitOptions) {
    this.#limits = limits;
    this.#currentSince = limits.now();
  }

  /**
   * Counts a new connection, in its handshake. False: over a limit; then it is not counted as open, and neither
   * `handshakeOver` nor `release` may follow.
   */
  admit(addressKey: string): boolean {
    const rate = this.#countNew(addressKey);
    const open = this.#open.get(addressKey) ?? 0;
    const handshakes = this.#handshakes.get(addressKey) ?? 0;
    if (rate > this.#limits.perMinute || open >= this.#limits.open || handshakes >= this.#limits.handshakes) return false;
    this.#open.set(addressKey, open + 1);
    this.#handshakes.set(addressKey, handshakes + 1);
    return true;
  }

  /** One admitted connection is through with its handshake, or closed in it. */
  handshakeOver(addressKey: string): void {
    takeBack(this.#handshakes, addressKey);
  }

  /** Takes back one admitted connection that has closed. */
  release(addressKey: string): void {
    takeBack(this.#open, addressKey);
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

function takeBack(counts: Map<string, number>, key: string): void {
  const count = counts.get(key) ?? 0;
  if (count > 1) counts.set(key, count - 1);
  else counts.delete(key);
}
