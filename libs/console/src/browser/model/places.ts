/** The stores of several nodes as one list: who reaches which shard, how much room is left, and how slow it is. */
import type { ShardOverview, StoreOverview } from '@polyplex/admin-api';
import type { KnownNode } from './network.ts';
import { roomName, type Sample } from './sample.ts';
import { type UntilFull, untilFull } from './until-full.ts';

export interface ShardPlace {
  readonly name: string;
  /** Nodes that reach it, and those that should. */
  readonly reachedBy: number;
  readonly usedBy: number;
  readonly roomBytes: number | null;
  /** Of the slowest node. */
  readonly p99Seconds: number | null;
}

export interface StorePlace {
  readonly name: StoreOverview['name'];
  readonly engine: StoreOverview['engine'];
  /** Nodes to which it answers, and those that use it. */
  readonly answers: number;
  readonly usedBy: number;
  readonly roomBytes: number | null;
  readonly lasts: UntilFull;
  readonly shards: readonly ShardPlace[];
}

/** `samples`: what is known of the room over time. */
export function placesOf(nodes: readonly KnownNode[], samples: readonly Sample[]): StorePlace[] {
  const stores = nodes.flatMap(({ overview }) => overview.stores);
  return [...Map.groupBy(stores, ({ name }) => name).values()].map((same) => {
    const { name, engine } = same[0]!;
    return {
      name,
      engine,
      answers: same.filter(({ available }) => available).length,
      usedBy: same.length,
      roomBytes: least(same.map(({ roomBytes }) => roomBytes)),
      lasts: untilFull(samples.flatMap(({ at, values }) => roomAt(at, values[roomName(name)]))),
      shards: shardsOf(same.flatMap(({ shards }) => shards)),
    };
  });
}

function roomAt(at: number, bytes: number | null | undefined) {
  return typeof bytes === 'number' ? [{ at, bytes }] : [];
}

function shardsOf(shards: readonly ShardOverview[]): ShardPlace[] {
  const places = [...Map.groupBy(shards, ({ name }) => name)].map(([name, same]) => ({
    name,
    reachedBy: same.filter(({ connected }) => connected).length,
    usedBy: same.length,
    roomBytes: least(same.map(({ roomBytes }) => roomBytes)),
    p99Seconds: most(same.map(({ p99Seconds }) => p99Seconds)),
  }));
  return places.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

function least(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function most(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}
