/**
 * Long work in turns of the event loop, one piece each, so that short work gets in between: when thousands of clients
 * subscribe to all their queues again, a message between two others must not wait for all of them.
 */
export class BulkTurns {
  private readonly waiting: (() => void)[] = [];
  private scheduled = false;

  /** Starts `task` in a turn of its own, after those that came before. */
  run<T>(task: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.waiting.push(() => void task().then(resolve, reject));
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.scheduled || this.waiting.length === 0) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.waiting.shift()?.();
      this.schedule();
    });
  }
}
