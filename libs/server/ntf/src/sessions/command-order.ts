/**
 * The order of one session's commands (NTF §1.5): what it says of tokens, and what it removes, happens after all it said
 * before and ahead of all it says later. What only looks or adds in between runs side by side, since an app sends
 * subscriptions by the hundred.
 */
import type { NtfCommandTag } from '@polyplex/protocol-ntf';

const SIDE_BY_SIDE: ReadonlySet<NtfCommandTag> = new Set(['SNEW', 'SCHK', 'PING']);

export class CommandOrder {
  /** The last command that others wait for; null when it is done. */
  private barrier: Promise<unknown> | null = null;
  private readonly beside = new Set<Promise<unknown>>();

  /** Starts `task`, which never rejects, when it is its turn. */
  run<T>(tag: NtfCommandTag, task: () => Promise<T>): Promise<T> {
    return SIDE_BY_SIDE.has(tag) ? this.runBeside(task) : this.runAlone(task);
  }

  private runBeside<T>(task: () => Promise<T>): Promise<T> {
    const result = this.barrier === null ? task() : this.barrier.then(task);
    this.beside.add(result);
    void result.then(() => this.beside.delete(result));
    return result;
  }

  private runAlone<T>(task: () => Promise<T>): Promise<T> {
    const before = this.barrier === null ? [...this.beside] : [this.barrier, ...this.beside];
    this.beside.clear();
    const result = before.length === 0 ? task() : Promise.all(before).then(task);
    this.barrier = result;
    void result.then(() => {
      if (this.barrier === result) this.barrier = null;
    });
    return result;
  }
}
