/** How late this process's timers are: a swarm that is late itself measures itself and not the relay. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const WINDOW_MS = 10_000;
const RESOLUTION_MS = 10;

export class LoopLag {
  private readonly histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private last = 0;
  private readonly timer: NodeJS.Timeout;

  constructor() {
    this.histogram.enable();
    this.timer = setInterval(() => {
      this.last = this.now();
      this.histogram.reset();
    }, WINDOW_MS).unref();
  }

  /** p99, milliseconds, of this window or of the last whole one, whichever is worse. */
  get ms(): number {
    return Math.max(this.last, this.now());
  }

  stop(): void {
    clearInterval(this.timer);
    this.histogram.disable();
  }

  private now(): number {
    return this.histogram.count === 0 ? 0 : Math.max(0, this.histogram.percentile(99) / 1e6 - RESOLUTION_MS);
  }
}
