/**
 * How far the clock of this machine is from those of the primaries. Leases, ages and heartbeats go by Redis's clock,
 * expiry of messages by that of the node: where they differ, messages go early or late.
 */
import { type Clock, SECOND } from '@polyplex/base';
import { listOf, numberOf } from './redis-reply.ts';
import type { Shard } from './shard.ts';
import type { Topology } from './topology.ts';

const LOOK_MS = 10 * SECOND;
const MICROSECONDS = 1e6;
/** An answer that was under way for longer says too little. */
const SLOW_MS = SECOND;

export class ClockSkew {
  private readonly topology: Topology;
  private readonly clock: Clock;
  private readonly found = new Map<Shard, number>();
  private timer: NodeJS.Timeout | null = null;

  constructor(topology: Topology, clock: Clock) {
    this.topology = topology;
    this.clock = clock;
  }

  async start(): Promise<void> {
    await this.look();
    this.timer = setInterval(() => void this.look(), LOOK_MS).unref();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  /** This machine's clock minus that of the primary that is farthest away from it; null while no primary has told. */
  get seconds(): number | null {
    return [...this.found.values()].reduce<number | null>((most, each) => (most === null || Math.abs(each) > Math.abs(most) ? each : most), null);
  }

  /** Never rejects. */
  async look(): Promise<void> {
    const { primaries } = this.topology;
    await Promise.all(primaries.map(async (shard) => {
      const skew = await this.ask(shard).catch(() => null); // steps on it tell
      if (skew !== null) this.found.set(shard, skew);
    }));
    for (const shard of this.found.keys()) if (!primaries.includes(shard)) this.found.delete(shard);
  }

  /** Null for an answer that came late. The server looked at its clock somewhere between question and answer. */
  private async ask(shard: Shard): Promise<number | null> {
    const asked = this.clock.now();
    const [seconds, microseconds] = listOf(await shard.read(['TIME'])).map(numberOf);
    const answered = this.clock.now();
    if (seconds === undefined || microseconds === undefined || answered - asked > SLOW_MS) return null;
    return (asked + answered) / 2 / SECOND - (seconds + microseconds / MICROSECONDS);
  }
}
