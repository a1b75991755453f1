/**
 * The board on which nodes tell how they are, relays and file servers of one network on the same: what one told counts until
 * a time by the clock of Redis, the same for all. Everything is in one slot. It is for people to look at, and no step of a
 * queue or file depends on it.
 */
import { storeError } from '@polyplex/store-common';
import type { FleetBoard } from '@polyplex/store-contract';
import type { Redis } from './redis.ts';
import { listOf } from './redis-reply.ts';

/** An overview has some 5 KiB. */
const MAX_TEXT_BYTES = 64 * 1024;

/** What a node of this network is told of at once. */
const MAX_TOLD = 1000;

export class RedisFleetBoard implements FleetBoard {
  private readonly redis: Redis;
  private readonly node: string;
  private readonly keys: readonly [until: string, told: string];

  /** `prefix`: of the network's keys; `node`: no other node's, in no run. */
  constructor(redis: Redis, prefix: string, node: string) {
    this.redis = redis;
    this.node = node;
    this.keys = [`${prefix}:{fleet}:until`, `${prefix}:{fleet}:told`];
  }

  async publish(text: string, ttlMs: number): Promise<void> {
    const bytes = Buffer.from(text);
    if (bytes.length > MAX_TEXT_BYTES) throw storeError('FAILED', undefined, 'what this node tells of itself is too long');
    await this.redis.run('fleet-tell', this.keys, [this.node, bytes, String(Math.floor(ttlMs))]);
  }

  async others(): Promise<readonly string[]> {
    const told = listOf(await this.redis.run('fleet-told', this.keys, [this.node, String(MAX_TOLD)]));
    return told.flatMap((text) => (text instanceof Buffer ? [text.toString()] : []));
  }

  /** So that others need not wait for what this node told to run out. Never rejects. */
  async leave(): Promise<void> {
    await this.redis.run('fleet-leave', this.keys, [this.node]).catch(() => undefined);
  }
}
