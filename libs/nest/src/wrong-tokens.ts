/**
 * How often one address may guess: after some wrong tokens it is not listened to until its minute is over, not with the
 * right one either, or guessing would go on. The same wrong token again is no guess: a page or a Prometheus that still has
 * an old one must not shut out the operator beside it. Addresses are in memory only, and not for longer than that.
 */
import { createHash } from 'node:crypto';
import { type Clock, MINUTE } from '@polyplex/base';

export const WRONG_TOKENS_A_MINUTE = 10;

/** More addresses than these are one to us: whoever has so many shares its guesses among them. */
const MAX_ADDRESSES = 1024;
const THE_REST = '';

interface Guesses {
  /** Digests of the tokens. */
  readonly tokens: Set<string>;
  /** When they are forgotten. */
  readonly until: number;
}

export class WrongTokens {
  readonly #guesses = new Map<string, Guesses>();
  readonly #clock: Pick<Clock, 'now'>;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** Seconds until this address is listened to again; 0 when it is now. */
  secondsToWait(address: string): number {
    const guesses = this.#of(address);
    if (guesses === undefined || guesses.tokens.size < WRONG_TOKENS_A_MINUTE) return 0;
    return Math.max(1, Math.ceil((guesses.until - this.#clock.now()) / 1000));
  }

  add(address: string, token: string): void {
    const digest = createHash('sha256').update(token).digest('base64');
    const known = this.#of(address);
    if (known !== undefined) known.tokens.add(digest);
    else this.#guesses.set(this.#name(address), { tokens: new Set([digest]), until: this.#clock.now() + MINUTE });
  }

  #of(address: string): Guesses | undefined {
    const now = this.#clock.now();
    for (const [name, { until }] of this.#guesses) {
      if (until > now) break; // in the order of their ends
      this.#guesses.delete(name);
    }
    return this.#guesses.get(this.#name(address));
  }

  #name(address: string): string {
    const source = sourceOf(address);
    return this.#guesses.has(source) || this.#guesses.size < MAX_ADDRESSES ? source : THE_REST;
  }
}

/** Of IPv6 the /64, which is what one machine has. */
function sourceOf(address: string): string {
  if (!address.includes(':')) return address;
  const mapped = /^::ffff:(\d+(?:\.\d+){3})$/i.exec(address);
  return mapped?.[1] ?? prefixOf(address);
}

const PREFIX_GROUPS = 4;
const GROUPS = 8;

function prefixOf(address: string): string {
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, GROUPS - before.length - after.length)).fill('0');
  return [...before, ...zeros, ...after].slice(0, PREFIX_GROUPS).join(':');
}
