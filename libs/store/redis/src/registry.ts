/**
 * The nodes that live. Each tells so every few seconds; one that has not for a while counts as gone, and its subscriptions
 * as nobody's. A node that finds that it did not tell in time (it was stopped, or cut off) asks what it still has.
 */
import { SECOND } from '@polyplex/base';
import type { Logger } from '@polyplex/telemetry';
import type { Keys } from './keys.ts';
import type { Redis } from './redis.ts';
import { listOf, numberOf, textOfReply } from './redis-reply.ts';

const BEAT_MS = 2 * SECOND;
const LIVE_MS = 15 * SECOND;
const FORGET_MS = 60 * SECOND;
/** A node that nobody knows may have started just now. */
const NEW_FOR_MS = 10 * SECOND;
const MAX_STRANGERS = 1000;
const GAP_MS = 8 * SECOND;

export class Registry {
  private readonly redis: Redis;
  private readonly keys: Pick<Keys, 'nodes'>;
  private readonly node: string;
  private readonly log: Logger;
  private live: ReadonlySet<string> = new Set();
  private readonly strangers = new Map<string, number>();
  private timer: NodeJS.Timeout | null = null;
  private beatAt = performance.now();
  private beating: Promise<void> | null = null;
  /** This node was away for longer than others wait. */
  onGap: () => void = () => undefined;

  constructor(redis: Redis, keys: Pick<Keys, 'nodes'>, node: string, log: Logger) {
    this.redis = redis;
    this.keys = keys;
    this.node = node;
    this.log = log;
  }

  async start(): Promise<void> {
    await this.beat();
    this.timer = setInterval(() => {
      this.beating ??= this.beat().catch(() => undefined).finally(() => (this.beating = null));
    }, BEAT_MS).unref();
  }

  get nodes(): number {
    return Math.max(1, this.live.size);
  }

  /** False for a node that is known to be gone. */
  mayLive(node: string): boolean {
    if (this.live.has(node)) return true;
    const now = performance.now();
    const first = this.strangers.get(node);
    if (first !== undefined) return now - first < NEW_FOR_MS;
    if (this.strangers.size >= MAX_STRANGERS) this.strangers.clear();
    this.strangers.set(node, now);
    return true;
  }

  /** Those that live now, this one left out; asks. */
  async others(): Promise<readonly string[]> {
    await this.beat();
    return [...this.live].filter((node) => node !== this.node);
  }

  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await this.beating;
    await this.redis.write(this.keys.nodes, ['ZREM', this.keys.nodes, this.node]).catch(() => undefined);
  }

  private async beat(): Promise<void> {
    const reply = listOf(await this.redis.run('heartbeat', [this.keys.nodes], [this.node, String(LIVE_MS), String(FORGET_MS)]));
    this.live = new Set(listOf(reply[1]).map((node) => textOfReply(node)));
    for (const node of this.live) this.strangers.delete(node);
    const now = performance.now();
    const silence = Math.max(numberOf(reply[0]), now - this.beatAt);
    this.beatAt = now;
    if (silence <= GAP_MS) return;
    this.log.warn('this node was away from the others: it asks what it still has', { seconds: Math.round(silence / SECOND) });
    this.onGap();
  }
}
