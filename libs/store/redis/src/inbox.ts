/** The words for this node, as they come. Whenever some may have been lost, the node has to look for itself. */
import { type Logger } from '@polyplex/telemetry';
import type { Redis } from './redis.ts';
import { listOf, type Reply, textOfReply } from './redis-reply.ts';
import { decodeWord, type Word } from './words.ts';

const MOST_AT_ONCE = 500;
/** Seconds that Redis holds a read open; less than a stall of the connection. */
const BLOCK_SECONDS = '1';
const PAUSE_MS = 200;

export interface InboxReader {
  readonly heard: (word: Word) => void;
  /** Words may have been lost. */
  readonly missed: () => void;
}

export class Inbox {
  private readonly redis: Redis;
  private readonly key: string;
  private readonly reader: InboxReader;
  private readonly log: Logger;
  private stopped = false;
  private done: Promise<void> = Promise.resolve();
  /** How often words may have been lost: too many, or the connection. */
  overflows = 0;
  interruptions = 0;

  constructor(redis: Redis, key: string, reader: InboxReader, log: Logger) {
    this.redis = redis;
    this.key = key;
    this.reader = reader;
    this.log = log;
  }

  start(): void {
    this.done = this.read();
  }

  /** Resolves when the last read has ended; the store's connections are to be dropped by then, or it takes a second. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.done;
  }

  private async read(): Promise<void> {
    let broken = false;
    while (!this.stopped) {
      try {
        const reply = await this.redis.block(this.key, ['BLMPOP', BLOCK_SECONDS, '1', this.key, 'LEFT', 'COUNT', String(MOST_AT_ONCE)]);
        if (broken) this.missed('interruptions');
        broken = false;
        for (const word of listOf(listOf(reply)[1])) this.hear(word);
      } catch {
        if (this.stopped) return;
        // What was read may be lost with the connection.
        broken = true;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  }

  private hear(reply: Reply): void {
    if (textOfReply(reply) === '!') {
      this.missed('overflows');
      return;
    }
    let word: Word;
    try {
      word = decodeWord(new Uint8Array(reply as Buffer));
    } catch {
      this.log.warn('a word from another node could not be read: do all nodes run the same release?');
      return;
    }
    this.reader.heard(word);
  }

  private missed(why: 'overflows' | 'interruptions'): void {
    this[why]++;
    this.reader.missed();
  }
}
