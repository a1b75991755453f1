/** So many in a second, in the order of asking. Asking for a few at a time shares it fairly between those who ask. */
import { type Clock, SECOND } from '@polyplex/base';

export class Pace {
  private readonly clock: Clock;
  private readonly eachMs: number;
  private readonly burstMs: number;
  private freeAt = 0;

  /** What was not used during the last `burstMs` may be used at once. */
  constructor(clock: Clock, perSecond: number, burstMs = 100) {
    this.clock = clock;
    this.eachMs = SECOND / perSecond;
    this.burstMs = burstMs;
  }

  /** Resolves when `count` more may go. */
  async take(count = 1): Promise<void> {
    const now = this.clock.now();
    const at = Math.max(this.freeAt, now - this.burstMs);
    this.freeAt = at + count * this.eachMs;
    if (at > now) await new Promise<void>((resolve) => this.clock.after(at - now, resolve));
  }
}
