/**
 * How long one request may take (XFTP §8.3): without progress, and in all. A slow line that moves keeps its transfer up to
 * the five minutes that servers give an upload (§5.3); a server that lets bytes trickle gains nothing by it.
 */
import type { Clock } from '@polyplex/base';
import { XftpClientError } from './xftp-error.ts';

export interface RequestLimits {
  /** Without a byte moving either way. */
  readonly idleMs: number;
  readonly totalMs: number;
}

export class RequestTimer {
  private readonly clock: Clock;
  private readonly limits: RequestLimits;
  private readonly controller = new AbortController();
  private readonly outer: AbortSignal | undefined;
  private readonly deadline: number;
  private movedAt: number;
  private cancel: () => void = () => undefined;

  constructor(clock: Clock, limits: RequestLimits, outer: AbortSignal | undefined) {
    this.clock = clock;
    this.limits = limits;
    this.outer = outer;
    this.movedAt = clock.now();
    this.deadline = this.movedAt + limits.totalMs;
    outer?.addEventListener('abort', this.giveUp);
    if (outer?.aborted === true) this.giveUp();
    else this.watch();
  }

  /** Aborted when time is up, or with the signal of whoever asked; its reason is an `XftpClientError`. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Bytes moved. */
  moved(): void {
    this.movedAt = this.clock.now();
  }

  /** Ends the watch; `unfinished` breaks off what is still under way. */
  end(unfinished: boolean): void {
    this.cancel();
    this.outer?.removeEventListener('abort', this.giveUp);
    if (unfinished) this.controller.abort(new XftpClientError('CLOSED', 'the request was broken off'));
  }

  private readonly giveUp = (): void => {
    this.cancel();
    this.controller.abort(new XftpClientError('CLOSED', 'the request was given up'));
  };

  /** One timer a request, not one a piece: it looks again when it fires. */
  private watch(): void {
    const now = this.clock.now();
    const left = Math.min(this.movedAt + this.limits.idleMs, this.deadline) - now;
    if (left > 0) this.cancel = this.clock.after(left, () => this.watch());
    else this.controller.abort(new XftpClientError('TIMEOUT', 'no answer in time'));
  }
}
