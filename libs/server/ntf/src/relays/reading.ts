/**
 * Whether a relay is read from: not while too much of what it said waits for the store. What it cannot send it keeps, and a
 * relay that talks without end fills its own buffers, not ours.
 */
import type { LinkContext } from './link-context.ts';

/** Of all relays together. */
export class WaitingTotal {
  count = 0;
}

/** What is read from, or not. */
export interface Readable {
  pause(): void;
  resume(): void;
}

/** A relay with fewer waiting is read from even when all together have too many. */
const ALWAYS_ALLOWED = 64;

export class Reading {
  private readonly link: Pick<LinkContext, 'options' | 'relayStats' | 'waiting'>;
  private waiting = 0;
  private source: Readable | null = null;
  private paused = false;

  constructor(link: Pick<LinkContext, 'options' | 'relayStats' | 'waiting'>) {
    this.link = link;
  }

  /** The connection of now; null: none. */
  from(source: Readable | null): void {
    this.source = source;
    this.paused = false;
    this.look();
  }

  /** More, or with a negative count less, of what it said waits. */
  wait(count: number): void {
    this.waiting += count;
    this.link.waiting.count += count;
    this.look();
  }

  private look(): void {
    const { options, relayStats, waiting: { count } } = this.link;
    const full = this.waiting >= options.waitingPerRelay || (count >= options.waiting && this.waiting >= ALWAYS_ALLOWED);
    if (this.source === null || full === this.paused) return;
    // Read on only when half is done, or each batch would pause and resume it.
    if (!full && this.waiting > options.waitingPerRelay / 2) return;
    this.paused = full;
    if (full) {
      relayStats.pauses.add();
      this.source.pause();
    } else this.source.resume();
  }
}
