/** How often somebody may do something: so many at once, and then at a steady rate. In memory: who is forgotten, or was before a restart, begins full. */
import { SECOND } from '@polyplex/base';

export interface BucketSize {
  /** At once. */
  readonly burst: number;
  readonly perSecond: number;
}

interface Bucket {
  readonly tokens: number;
  /** Unix milliseconds. */
  readonly at: number;
}

/** Of those remembered; who has been silent the longest is forgotten first. */
const MAX_BUCKETS = 20_000;

export class TokenBuckets {
  readonly #size: BucketSize;
  readonly #buckets = new Map<string, Bucket>();

  constructor(size: BucketSize) {
    this.#size = size;
  }

  /** How many are remembered. */
  get count(): number {
    return this.#buckets.size;
  }

  /** What is there now. A clock that goes back fills nothing. */
  tokens(key: string, now: number): number {
    const { burst, perSecond } = this.#size;
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return burst;
    return Math.min(burst, bucket.tokens + (Math.max(0, now - bucket.at) / SECOND) * perSecond);
  }

  take(key: string, now: number): void {
    const tokens = Math.max(0, this.tokens(key, now) - 1);
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens, at: now });
    if (this.#buckets.size > MAX_BUCKETS) this.#buckets.delete(this.#buckets.keys().next().value!);
  }
}
