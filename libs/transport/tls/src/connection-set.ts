/** The open connections of a listener, and their orderly end. */
import { type Clock, SECOND } from '@polyplex/base';
import type { CloseReason } from '@polyplex/protocol-common';

/** A drain closes this often; each time as many as are due. */
const DRAIN_STEP_MS = 50;
/** Beyond the grace, for connections that are closing but whose other end does not answer. */
const CUT_OFF_MS = 6 * SECOND;

interface Closable {
  close(reason: CloseReason): void;
  destroy(reason: CloseReason): void;
}

export class ConnectionSet<C extends Closable> {
  readonly #open = new Set<C>();
  #whenEmpty: (() => void) | null = null;

  get open(): ReadonlySet<C> {
    return this.#open;
  }

  add(connection: C): void {
    this.#open.add(connection);
  }

  delete(connection: C): void {
    this.#open.delete(connection);
    if (this.#open.size === 0) this.#whenEmpty?.();
  }

  /**
   * Closes all connections, spread evenly over `graceMs`, so that clients do not reconnect elsewhere in one moment;
   * resolves when the last is gone, at the latest some seconds after the grace.
   */
  async drain(graceMs: number, clock: Clock): Promise<void> {
    if (this.#open.size === 0) return;
    const empty = new Promise<void>((resolve) => (this.#whenEmpty = resolve));
    const started = clock.now();
    const waiting = [...this.#open];
    const all = waiting.length;
    const closeDue = (): void => {
      const share = graceMs <= 0 ? 1 : Math.min(1, (clock.now() - started) / graceMs);
      while (all - waiting.length < Math.floor(all * share)) waiting.pop()!.close('drain');
    };
    closeDue();
    const stopClosing = clock.every(DRAIN_STEP_MS, closeDue);
    const stopCutOff = clock.after(graceMs + CUT_OFF_MS, () => {
      for (const connection of this.#open) connection.destroy('drain');
    });
    await empty;
    stopClosing();
    stopCutOff();
  }
}
