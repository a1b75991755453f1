/**
 * What a store knows of itself, for metrics and overviews. Reading it asks nobody and costs the same however much is stored.
 */

/** How long steps took, in seconds, since the store was opened: what a `Histogram` of libs/telemetry holds. */
export interface StepSeconds {
  /** Ascending upper bounds, inclusive. */
  readonly bounds: readonly number[];
  /** Steps by bucket, not added up; the last one is above all bounds. It grows as steps are taken. */
  readonly counts: Float64Array;
  readonly sum: number;
  readonly count: number;
}

/** A part of a store that can be away, be full or be slow by itself. */
export interface ShardFacts {
  /** `disk`, `s3`, or `host:port` of a Redis primary. */
  readonly name: string;
  readonly connected: boolean;
  /** Bytes left before writes are refused, as far as it knows by itself; null where unbounded or unknown, as for `disk`. */
  readonly roomBytes: number | null;
  /** The one that `seconds` of the store has under this name. */
  readonly seconds: StepSeconds;
}

export interface StoreFacts {
  readonly engine: 'embedded' | 'redis' | 's3';
  /** Those of now, at least one unless none is known. */
  readonly shards: readonly ShardFacts[];
  /**
   * By name, those that are shards no more included: a step is a group's commit on a disk, a command or script until it is
   * durable on Redis, a request to S3. A bounded number: later ones count together as `other`.
   */
  readonly seconds: ReadonlyMap<string, StepSeconds>;
  /** This machine's clock minus that of the shard which is farthest away from it; null without another clock. */
  readonly clockSkewSeconds: number | null;
}

export interface FactSource {
  facts(): StoreFacts;
}
