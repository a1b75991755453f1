/** What decides which of several possible things happens next: a seed, or every possibility one after another. */

export interface Chooser {
  /** One of 0 … limit - 1. */
  next(limit: number): number;
  /** Names the choices made so far; two runs that chose differently differ in it, but for collisions of 52 bits. */
  readonly fingerprint: number;
}

/** mulberry32. */
export class SeededChooser implements Chooser {
  private state: number;
  private high = 0;
  private low = 0;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  next(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    const choice = Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit);
    // What was chosen, not the state: different seeds may lead to the same run.
    const made = choice * 64 + limit;
    this.high = (Math.imul(this.high ^ made, 0x9e3779b1) + 0x7f4a7c15) | 0;
    this.high ^= this.high >>> 15;
    this.low = (Math.imul(this.low ^ made, 0x85ebca6b) + 0x165667b1) | 0;
    this.low ^= this.low >>> 13;
    return choice;
  }

  get fingerprint(): number {
    return (this.high >>> 0) * 2 ** 20 + ((this.low >>> 0) % 2 ** 20);
  }
}

/** Goes through all choices that can be made, depth first; a run for each. */
export class EveryChooser implements Chooser {
  private readonly path: number[] = [];
  private readonly limits: number[] = [];
  private at = 0;
  readonly fingerprint = 0;
  /** Makes the first choice always, which is not counted as one. */
  isIdle = false;

  next(limit: number): number {
    if (this.isIdle) return 0;
    if (this.at === this.path.length) {
      this.path.push(0);
      this.limits.push(limit);
    }
    return this.path[this.at++]!;
  }

  /** To the start of the run that was made last. */
  again(): void {
    this.at = 0;
    this.isIdle = false;
  }

  /** To the next run; false when all were made. */
  advance(): boolean {
    this.again();
    while (this.path.length > 0) {
      const last = this.path.length - 1;
      if (++this.path[last]! < this.limits[last]!) return true;
      this.path.pop();
      this.limits.pop();
    }
    return false;
  }
}
