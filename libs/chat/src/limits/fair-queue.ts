/**
 * Turns for those who want something of the network: each payer, our address or a group, has its share, so that one who leads us to relays that
 * never answer keeps only itself waiting; and what has failed before has a part of that share, so that it does not keep what is new waiting.
 */

export interface Shares {
  /** Under way at a time, of all. */
  readonly all: number;
  /** Of one payer. */
  readonly each: number;
  /** Of one payer, of what has failed before. */
  readonly eachAgain: number;
}

/** What has its turn; to be given back when that is over. */
export interface Turn<T> {
  readonly payer: string;
  readonly isAgain: boolean;
  readonly item: T;
}

interface Line<T> {
  readonly fresh: T[];
  readonly again: T[];
  active: number;
  activeAgain: number;
}

export class FairQueue<T> {
  readonly #shares: Shares;
  /** In the order of their next turns. */
  readonly #lines = new Map<string, Line<T>>();
  #active = 0;

  constructor(shares: Shares) {
    this.#shares = shares;
  }

  add({ payer, isAgain, item }: Turn<T>): void {
    const line = this.#lines.get(payer) ?? { fresh: [], again: [], active: 0, activeAgain: 0 };
    this.#lines.set(payer, line);
    (isAgain ? line.again : line.fresh).push(item);
  }

  /** Null: nothing may begin now. */
  next(): Turn<T> | null {
    if (this.#active >= this.#shares.all) return null;
    for (const [payer, line] of this.#lines) {
      const turn = this.#turnOf(payer, line);
      if (turn === null) continue;
      this.#lines.delete(payer);
      this.#lines.set(payer, line);
      this.#count(line, turn, 1);
      return turn;
    }
    return null;
  }

  done(turn: Turn<T>): void {
    const line = this.#lines.get(turn.payer);
    if (line === undefined) return;
    this.#count(line, turn, -1);
    if (line.active === 0 && line.fresh.length === 0 && line.again.length === 0) this.#lines.delete(turn.payer);
  }

  #turnOf(payer: string, { fresh, again, active, activeAgain }: Line<T>): Turn<T> | null {
    if (active >= this.#shares.each) return null;
    const isAgain = again.length > 0 && activeAgain < this.#shares.eachAgain;
    const item = isAgain ? again.shift() : fresh.shift();
    return item === undefined ? null : { payer, isAgain, item };
  }

  #count(line: Line<T>, { isAgain }: Turn<T>, more: number): void {
    this.#active += more;
    line.active += more;
    if (isAgain) line.activeAgain += more;
  }
}
