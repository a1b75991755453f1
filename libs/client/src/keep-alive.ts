/**
 * Notices a relay that went silent (SMP §10.9): once there are subscriptions, a connection on which nothing arrived
 * for a while is pinged; when several commands in a row ran out of time and nothing arrived for longer, it is given up.
 */
import { type Clock, MINUTE } from '@polyplex/base';

export interface KeepAliveOptions {
  /** Silence after which PING is sent; 0 for never. Default 10 minutes. */
  readonly pingAfterMs: number;
  /** Silence after which the connection is given up. Default 15 minutes. */
  readonly giveUpAfterMs: number;
  /** … and only if this many commands in a row ran out of time. Default 3. */
  readonly giveUpAfterTimeouts: number;
}

export const DEFAULT_KEEP_ALIVE: KeepAliveOptions = { pingAfterMs: 10 * MINUTE, giveUpAfterMs: 15 * MINUTE, giveUpAfterTimeouts: 3 };

export interface KeepAliveActions {
  ping(): void;
  giveUp(): void;
}

export class KeepAlive {
  private readonly clock: Clock;
  private readonly options: KeepAliveOptions;
  private readonly actions: KeepAliveActions;
  private receivedAt: number;
  private timeoutsInRow = 0;
  private cancel: (() => void) | null = null;
  private stopped = false;

  constructor(clock: Clock, options: KeepAliveOptions, actions: KeepAliveActions) {
    this.clock = clock;
    this.options = options;
    this.actions = actions;
    this.receivedAt = clock.now();
  }

  received(): void {
    this.receivedAt = this.clock.now();
    this.timeoutsInRow = 0;
  }

  timedOut(): void {
    const { giveUpAfterMs, giveUpAfterTimeouts } = this.options;
    this.timeoutsInRow++;
    if (this.timeoutsInRow >= giveUpAfterTimeouts && this.silentMs() >= giveUpAfterMs) this.actions.giveUp();
  }

  /** There are subscriptions: from now on silence is looked into. */
  begin(): void {
    if (this.cancel === null && !this.stopped && this.options.pingAfterMs > 0) this.look(this.options.pingAfterMs);
  }

  stop(): void {
    this.stopped = true;
    this.cancel?.();
  }

  private silentMs(): number {
    return this.clock.now() - this.receivedAt;
  }

  private look(afterMs: number): void {
    this.cancel = this.clock.after(afterMs, () => {
      const { pingAfterMs } = this.options;
      const silentMs = this.silentMs();
      if (silentMs >= pingAfterMs) this.actions.ping();
      if (!this.stopped) this.look(silentMs >= pingAfterMs ? this.pingAgainMs() : pingAfterMs - silentMs);
    });
  }

  /** While the silence lasts, often enough to count the timeouts that decide. */
  private pingAgainMs(): number {
    const { pingAfterMs, giveUpAfterMs, giveUpAfterTimeouts } = this.options;
    return Math.max(1, Math.min(pingAfterMs, Math.ceil(Math.max(0, giveUpAfterMs - pingAfterMs) / giveUpAfterTimeouts)));
  }
}
