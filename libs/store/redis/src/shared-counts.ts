/**
 * What the nodes counted in a window: a hash of tags, each the keyed digest of what was counted. The key is random, of
 * this window alone, and goes away with it in a few minutes; addresses are never in Redis.
 */
import { createHmac } from 'node:crypto';
import { randomBytes } from '@polyplex/crypto';
import { storeError } from '@polyplex/store-common';
import type { SharedCounts } from '@polyplex/store-contract';
import type { Keys } from './keys.ts';
import type { Redis } from './redis.ts';
import { bytesOf, listOf, numberOf } from './redis-reply.ts';

const KEEP_MS = '180000';
const TAG_BYTES = 9;

/** One window of one limit, as this node has told it. */
interface Window {
  readonly start: number;
  readonly secret: Uint8Array;
  readonly told: Map<string, number>;
}

export class RedisSharedCounts implements SharedCounts {
  private readonly redis: Redis;
  private readonly keys: Keys;
  private readonly windows = new Map<string, Window>();

  constructor(redis: Redis, keys: Keys) {
    this.redis = redis;
    this.keys = keys;
  }

  async exchange(name: string, windowStart: number, counts: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>> {
    const window = await this.windowOf(name, windowStart);
    const all = [...counts];
    if (all.length === 0) return new Map();
    const args = all.flatMap(([key, count]) => [tagOf(window.secret, key), String(count - (window.told.get(key) ?? 0))]);
    const totals = listOf(await this.redis.run('count', [this.keys.sharedCounts(name, windowStart)], [KEEP_MS, ...args]));
    for (const [key, count] of all) window.told.set(key, count);
    return new Map(all.map(([key, count], i) => [key, Math.max(0, numberOf(totals[i]) - count)]));
  }

  private async windowOf(name: string, start: number): Promise<Window> {
    const known = this.windows.get(name);
    if (known?.start === start) return known;
    const key = this.keys.sharedSecret(name, start);
    const secret = bytesOf(await this.redis.run('secret', [key], [KEEP_MS, Buffer.from(randomBytes(32))]));
    if (secret === null) throw storeError('DAMAGED');
    const window: Window = { start, secret, told: new Map() };
    this.windows.set(name, window);
    return window;
  }
}

function tagOf(secret: Uint8Array, key: string): string {
  return createHmac('sha256', secret).update(key).digest().subarray(0, TAG_BYTES).toString('base64url');
}
