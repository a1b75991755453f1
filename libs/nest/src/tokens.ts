/** Who asks: nobody known, or the bearer of one of the two tokens. Both are compared, in constant time, whatever comes. */
import { createHash, timingSafeEqual } from 'node:crypto';

export type Bearer = 'admin' | 'reader';

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

export class Tokens {
  readonly #admin: Buffer;
  readonly #reader: Buffer | null;

  constructor(admin: string, reader: string | null) {
    this.#admin = digest(`Bearer ${admin}`);
    this.#reader = reader === null ? null : digest(`Bearer ${reader}`);
  }

  /** Of an Authorization header; null for a wrong one. */
  bearerOf(authorization: string): Bearer | null {
    const given = digest(authorization);
    const isAdmin = timingSafeEqual(given, this.#admin);
    const isReader = timingSafeEqual(given, this.#reader ?? this.#admin);
    return isAdmin ? 'admin' : isReader ? 'reader' : null;
  }
}
