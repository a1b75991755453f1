/** How many sockets each port has seen (SMP §9.7 sockets_*). */

/** Since the listener was opened; all sockets, also those that were turned away. */
export interface PortCounts {
  readonly port: number;
  readonly accepted: number;
  readonly closed: number;
  /** Open now, counted one by one: what was accepted and neither is nor was closed has leaked. */
  readonly active: number;
}

export class PortCounter implements PortCounts {
  port = 0;
  accepted = 0;
  closed = 0;
  readonly #open = new Set<object>();

  get active(): number {
    return this.#open.size;
  }

  /** Counts a socket; the answer is to be called when it is gone. */
  enter(socket: object): () => void {
    this.accepted++;
    this.#open.add(socket);
    return () => {
      if (this.#open.delete(socket)) this.closed++;
    };
  }
}
