/**
 * What nodes tell each other: that a relay has NEW subscriptions, that something may be due. Each node has an inbox. Words
 * are hints, which may be lost with a node or a primary: each node looks for itself now and then, and takes what is due.
 */
import { MINUTE, SECOND } from '@polyplex/base';
import type { Redis } from '../redis.ts';
import { listOf } from '../redis-reply.ts';
import type { Registry } from '../registry.ts';
import type { TokenKeys } from './token-keys.ts';

/** Words that an inbox holds at most; where they would be more, it holds `!` alone. */
const CAPACITY = 10_000;
const KEEP_MS = 2 * MINUTE;
/** Seconds that Redis holds a read open; less than a stall of the connection. */
const BLOCK_SECONDS = '1';
const MOST_AT_ONCE = 500;
const PAUSE_MS = 200;
/** Others hear that something is due once in this time at most. */
const DUE_MS = SECOND;

/** No relay is called so. */
const DUE = '*';
const OVERFLOW = '!';

export interface HintListeners {
  readonly due: () => void;
  readonly fresh: (relay: string) => void;
  /** Words may have been lost. */
  readonly missed: () => void;
}

interface Parts {
  readonly redis: Redis;
  readonly keys: TokenKeys;
  readonly registry: Registry;
  readonly node: string;
}

export class Hints {
  private readonly parts: Parts;
  private readonly listeners: HintListeners;
  private stopped = false;
  private done: Promise<void> = Promise.resolve();
  private telling: NodeJS.Timeout | null = null;
  private isDueUntold = false;

  constructor(parts: Parts, listeners: HintListeners) {
    this.parts = parts;
    this.listeners = listeners;
  }

  start(): void {
    this.done = this.read();
  }

  /** Resolves when the last read has ended: the connections are to be dropped by then, or it takes a second. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.telling !== null) clearTimeout(this.telling);
    await this.done;
  }

  /** Tells this node, and the others: at once, and once more for all that came in a second. */
  tellDue(): void {
    this.listeners.due();
    if (this.telling !== null) {
      this.isDueUntold = true;
      return;
    }
    this.telling = setTimeout(() => {
      this.telling = null;
      if (this.isDueUntold) this.tellDue();
    }, DUE_MS).unref();
    this.isDueUntold = false;
    void this.tellOthers(DUE);
  }

  /** Tells the node that has the relay; where nobody has it (''), all, so that somebody claims it. */
  tellNew(relay: string, holder: string): void {
    this.listeners.fresh(relay);
    if (holder === '') void this.tellOthers(relay);
    else if (holder !== this.parts.node) void this.post(holder, relay);
  }

  private async tellOthers(word: string): Promise<void> {
    const others = await this.parts.registry.others().catch(() => []);
    await Promise.all(others.map((node) => this.post(node, word)));
  }

  private async post(node: string, word: string): Promise<void> {
    const { redis, keys } = this.parts;
    await redis.run('post', [keys.inbox(node)], [String(CAPACITY), String(KEEP_MS), word]).catch(() => undefined);
  }

  private async read(): Promise<void> {
    const { redis, keys, node } = this.parts;
    const key = keys.inbox(node);
    let isBroken = false;
    while (!this.stopped) {
      try {
        const reply = await redis.block(key, ['BLMPOP', BLOCK_SECONDS, '1', key, 'LEFT', 'COUNT', String(MOST_AT_ONCE)]);
        if (isBroken) this.listeners.missed();
        isBroken = false;
        for (const word of new Set(listOf(listOf(reply)[1]).map(String))) this.hear(word);
      } catch {
        if (this.stopped) return;
        // What was read may be lost with the connection.
        isBroken = true;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  }

  private hear(word: string): void {
    if (word === OVERFLOW) this.listeners.missed();
    else if (word === DUE) this.listeners.due();
    else this.listeners.fresh(word);
  }
}
