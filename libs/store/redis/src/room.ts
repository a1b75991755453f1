/**
 * The memory of the primaries. A queue is refused more messages before Redis would refuse or evict: what frees memory
 * must go on working, and replicas and buffers need some, too.
 */
import { SECOND } from '@polyplex/base';
import type { Shard } from './shard.ts';
import type { Topology } from './topology.ts';
import { textOfReply } from './redis-reply.ts';

const LOOK_MS = 2 * SECOND;

export class Room {
  private readonly topology: Topology;
  private readonly reserve: number;
  private readonly left = new Map<Shard, number | null>();
  private timer: NodeJS.Timeout | null = null;
  private bounded = false;

  /** `reserve`: the share of the memory that is kept free, 0 to 1. */
  constructor(topology: Topology, reserve: number) {
    this.topology = topology;
    this.reserve = reserve;
  }

  async start(): Promise<void> {
    await this.look();
    this.timer = setInterval(() => void this.look(), LOOK_MS).unref();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  /** Whether any server has a `maxmemory`, as far as is known. */
  get isBounded(): boolean {
    return this.bounded;
  }

  /** Whether the shard of this slot takes more. What is not known is not refused. */
  has(slot: number): boolean {
    const shard = this.topology.shardOf(slot);
    return shard === null || (this.left.get(shard) ?? 1) > 0;
  }

  /** Bytes left by the fullest shard, times their number; null when not bounded. */
  get bytes(): number | null {
    const known = this.topology.primaries.map((shard) => this.left.get(shard) ?? null);
    const bounded = known.filter((left) => left !== null);
    return bounded.length === 0 ? null : Math.max(0, Math.min(...bounded)) * known.length;
  }

  /** Bytes left on this shard; null when not bounded or not known. */
  of(shard: Shard): number | null {
    const left = this.left.get(shard) ?? null;
    return left === null ? null : Math.max(0, left);
  }

  async look(): Promise<void> {
    const { primaries } = this.topology;
    await Promise.all(primaries.map(async (shard) => {
      try {
        const info = textOfReply(await shard.read(['INFO', 'memory']));
        const used = numberIn(info, 'used_memory');
        const most = numberIn(info, 'maxmemory');
        this.left.set(shard, most === 0 ? null : most * (1 - this.reserve) - used);
      } catch {
        this.left.delete(shard); // steps on it tell
      }
    }));
    this.bounded = [...this.left.values()].some((left) => left !== null);
    for (const shard of this.left.keys()) if (!primaries.includes(shard)) this.left.delete(shard);
  }
}

function numberIn(info: string, name: string): number {
  return Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
}
