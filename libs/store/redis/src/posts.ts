/**
 * Words to other nodes. Those of one turn to one node go together. Nobody waits for them, and one that is lost is made
 * up for by the sweep of the node that it was for; so posting never fails.
 */
import { MINUTE } from '@polyplex/base';
import type { Keys } from './keys.ts';
import type { Redis } from './redis.ts';
import { encodeWord, type Word } from './words.ts';

/** What an inbox holds at most; about 2 MB. */
export const INBOX_CAPACITY = 20_000;
/** An inbox that nobody reads goes away. */
const KEEP_MS = 2 * MINUTE;
const MOST_AT_ONCE = 500;

export class Posts {
  private readonly redis: Redis;
  private readonly keys: Keys;
  private readonly waiting = new Map<string, Buffer[]>();
  private readonly capacity: number;
  private flushing: Promise<void> | null = null;
  private scheduled = false;
  posted = 0;
  lost = 0;

  constructor(redis: Redis, keys: Keys, capacity: number) {
    this.redis = redis;
    this.keys = keys;
    this.capacity = capacity;
  }

  post(node: string, word: Word): void {
    const words = this.waiting.get(node);
    if (words === undefined) this.waiting.set(node, [encodeWord(word)]);
    else if (words.length < this.capacity) words.push(encodeWord(word));
    else this.lost++;
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.flushing ??= this.flush().finally(() => (this.flushing = null));
    });
  }

  /** Resolves when what was posted so far is on its way or lost. */
  async settled(): Promise<void> {
    while (this.scheduled || this.flushing !== null) await (this.flushing ?? new Promise((resolve) => setImmediate(resolve)));
  }

  /** One call to a node at a time: what comes meanwhile goes with the next one. */
  private async flush(): Promise<void> {
    while (this.waiting.size > 0) {
      const all = [...this.waiting];
      this.waiting.clear();
      await Promise.all(all.map(([node, words]) => this.send(node, words)));
    }
  }

  private async send(node: string, words: readonly Buffer[]): Promise<void> {
    for (let i = 0; i < words.length; i += MOST_AT_ONCE) {
      const some = words.slice(i, i + MOST_AT_ONCE);
      try {
        await this.redis.run('post', [this.keys.inbox(node)], [String(this.capacity), String(KEEP_MS), ...some]);
        this.posted += some.length;
      } catch {
        this.lost += some.length; // the sweep of that node finds out by itself
      }
    }
  }
}
