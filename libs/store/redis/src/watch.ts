/** What a store on Redis watches of its servers: their memory and their clocks. */
import type { Clock } from '@polyplex/base';
import type { StoreFacts } from '@polyplex/store-contract';
import { ClockSkew } from './clock-skew.ts';
import type { Redis } from './redis.ts';
import { Room } from './room.ts';
import { nameOf } from './step-times.ts';

export class Watch {
  readonly room: Room;
  private readonly redis: Redis;
  private readonly skew: ClockSkew;

  /** `reserve`: the share of each server's memory that is kept free, 0 to 1. */
  constructor(redis: Redis, { reserve, clock }: { readonly reserve: number; readonly clock: Clock }) {
    this.redis = redis;
    this.room = new Room(redis.topology, reserve);
    this.skew = new ClockSkew(redis.topology, clock);
  }

  async start(): Promise<void> {
    await Promise.all([this.room.start(), this.skew.start()]);
  }

  stop(): Promise<void> {
    this.room.stop();
    this.skew.stop();
    return Promise.resolve();
  }

  facts(): StoreFacts {
    const { topology, stepTimes } = this.redis;
    const shards = topology.primaries.map((shard) => ({
      name: nameOf(shard.address), connected: shard.connected, roomBytes: this.room.of(shard), seconds: stepTimes.of(shard.address),
    }));
    return { engine: 'redis', shards, seconds: stepTimes.byName, clockSkewSeconds: this.skew.seconds };
  }
}
