/** The store as its users see it: after it is closed nothing more is taken, and closing waits for what was. */
import { storeError } from '@polyplex/store-common';

type Step = (...args: readonly unknown[]) => Promise<unknown>;

export class Guard {
  private closed = false;
  private underWay = 0;
  private idle: (() => void) | null = null;

  get isClosed(): boolean {
    return this.closed;
  }

  around<Steps extends object>(steps: Steps): Steps {
    const guarded = Object.entries(steps).map(([name, step]) => [name, this.step(step as Step)] as const);
    return Object.fromEntries(guarded) as unknown as Steps;
  }

  /** Resolves when nothing is under way. */
  async close(): Promise<void> {
    this.closed = true;
    if (this.underWay > 0) await new Promise<void>((resolve) => (this.idle = resolve));
  }

  private step(step: Step): Step {
    return (...args) => {
      if (this.closed) return Promise.reject(storeError('UNAVAILABLE', undefined, 'the store is closed'));
      this.underWay++;
      return step(...args).finally(() => {
        if (--this.underWay === 0) this.idle?.();
      });
    };
  }
}
