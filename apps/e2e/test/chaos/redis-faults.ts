/** Faults of a Redis Cluster. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterNode } from '@polyplex/local-cluster';
import type { Fault } from './campaign.ts';
import type { Load } from './load.ts';
import type { ClusterNetwork } from './network.ts';

const RETURN_MS = 500;

/** The old primary rejoins as replica: until then its shard has one copy, and durability `replicated` accepts nothing. */
export function failOver({ cluster }: ClusterNetwork, load: Load, repeats: number): Fault {
  return {
    name: 'kill -9 of a Redis primary', repeats,
    async inject(round) {
      await sleep(150);
      const primaries = await cluster.primaries();
      const primary = primaries[round % primaries.length]!;
      const replaced = cluster.failOver(primary);
      // Every other time all clients come again meanwhile, twice: SUBs of old and new connections wait for Redis together.
      for (let times = 0; times < 2 && round % 2 === 1; times++) {
        await sleep(RETURN_MS);
        load.reconnect();
      }
      await replaced;
      await cluster.rejoin(primary);
    },
  };
}

/** Each slot that holds something stays open for some time, so that keys of one queue are on both sides. */
const SLOWLY = { keysAtOnce: 1, pauseMs: 2 };
const EMPTY_SLOTS = 150;

/** Slots of a node: all that hold keys, and some hundred empty ones. */
async function slotsToMove(node: ClusterNode): Promise<number[]> {
  const keys = (await node.bytes('KEYS', '*')) as Buffer[];
  const used = new Set((await Promise.all(keys.map((key) => node.command('CLUSTER', 'KEYSLOT', key)))).map(Number));
  const { slots } = await node.self();
  const empty = slots.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i)).filter((slot) => !used.has(slot));
  return [...used, ...empty.slice(0, EMPTY_SLOTS)];
}

async function move({ cluster }: ClusterNetwork, slots: readonly number[], [from, to]: readonly [ClusterNode, ClusterNode]): Promise<void> {
  await cluster.migrateSlots(from, to, slots.length, { ...SLOWLY, slots });
}

/** All keys of a primary go to another one, and come back in the next round. */
export function moveSlots(network: ClusterNetwork, repeats: number): Fault {
  let moved: number[] = [];
  let pair: readonly [ClusterNode, ClusterNode];
  return {
    name: 'move of slots to another primary and back', repeats,
    async inject(round) {
      if (round % 2 === 0) {
        const [first, second] = await network.cluster.primaries() as [ClusterNode, ClusterNode];
        [pair, moved] = [[first, second], await slotsToMove(first)];
      } else {
        pair = [pair[1], pair[0]];
      }
      await move(network, moved, pair);
    },
  };
}

/** A shard joins, serves what another one had, gives it back, and leaves. */
export function addShard(network: ClusterNetwork, repeats: number): Fault {
  const { cluster } = network;
  return {
    name: 'a shard joins and leaves', repeats,
    async inject(round) {
      const primaries = await cluster.primaries();
      const giver = primaries[round % primaries.length]!;
      const shard = await cluster.addShard({ share: 0 });
      const slots = await slotsToMove(giver);
      await move(network, slots, [giver, shard]);
      await sleep(300);
      await move(network, slots, [shard, giver]);
      await cluster.removeShard(shard);
    },
  };
}
