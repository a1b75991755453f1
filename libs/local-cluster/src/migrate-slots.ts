/**
 * Moves slots from one primary of a Redis Cluster to another while clients use them: the keys one by one or a few at a
 * time, then the ownership. While a slot is open, clients meet ASK and TRYAGAIN. What was left half-way is taken up again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterNode } from './cluster-node.ts';
import { slotsOf } from './cluster-view.ts';
import { LocalClusterError } from './errors.ts';

const MIGRATE_TIMEOUT_MS = 4000;

export interface MigrateOptions {
  /** Which of the source's slots; default the first ones, those that are open already first of all. */
  readonly slots?: readonly number[];
  /** Keys in one MIGRATE, which holds up both servers; default 10. */
  readonly keysAtOnce?: number;
  /** Pause between two of them, milliseconds; default none. Keeps slots open longer. */
  readonly pauseMs?: number;
  /** Aborted, it stops with a slot left open, and rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

interface Move extends MigrateOptions {
  readonly from: ClusterNode;
  readonly to: ClusterNode;
  /** Of the target, when it has one. */
  readonly password: string | undefined;
  /** Other primaries, which are told of the new owner: they would hear of it by gossip, clients would make detours. */
  readonly others: readonly ClusterNode[];
}

/** Moves `count` slots; rejects with STATE when `from` has fewer. */
export async function migrateSlots(move: Move, count: number): Promise<void> {
  const { slots, leaving } = await move.from.self();
  const isWanted = (slot: number): boolean => move.slots?.includes(slot) ?? true;
  const open = [...leaving].filter(([slot, id]) => id === move.to.id && isWanted(slot)).map(([slot]) => slot);
  const owned = slotsOf(slots).filter((slot) => !leaving.has(slot) && isWanted(slot));
  if (open.length + owned.length < count) {
    throw new LocalClusterError('STATE', `the node on port ${move.from.port} has ${open.length + owned.length} slots to give, not ${count}`);
  }
  for (const slot of [...open, ...owned].slice(0, count)) await migrateSlot(move, slot);
}

async function migrateSlot(move: Move, slot: number): Promise<void> {
  const { from, to, others } = move;
  // The target first: a client that is sent there must be let in.
  await to.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id);
  await from.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id);
  await moveKeys(move, slot);
  // And first again: had the source let go and the target not heard, nobody would own the slot.
  for (const node of [to, from]) await node.command('CLUSTER', 'SETSLOT', slot, 'NODE', to.id);
  await Promise.allSettled(others.map((node) => node.command('CLUSTER', 'SETSLOT', slot, 'NODE', to.id)));
}

async function moveKeys({ from, to, password, keysAtOnce = 10, pauseMs = 0, signal }: Move, slot: number): Promise<void> {
  const access = password === undefined ? [] : ['AUTH', password];
  for (;;) {
    signal?.throwIfAborted();
    const keys = (await from.bytes('CLUSTER', 'GETKEYSINSLOT', slot, keysAtOnce)) as Buffer[];
    if (keys.length === 0) return;
    // REPLACE: an attempt that broke off may have left its copy there, of which this one is the newer.
    await from.command('MIGRATE', '127.0.0.1', to.port, '', 0, MIGRATE_TIMEOUT_MS, 'REPLACE', ...access, 'KEYS', ...keys);
    if (pauseMs > 0) await sleep(pauseMs);
  }
}
