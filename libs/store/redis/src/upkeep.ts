/** Counts, sweeps of what expired, health, and the end (SMP §8.4). Of the nodes, one sweeps what all share. */
import { fromBase64Url, MINUTE } from '@polyplex/base';
import { storeError } from '@polyplex/store-common';
import type { Sweep, Upkeep } from '@polyplex/store-contract';
import type { Engine } from './engine.ts';
import { numberOf } from './redis-reply.ts';
import { scanStep } from './scan.ts';
import { tidyIfDue } from './tidy.ts';

const KEYS_PER_STEP = 1000;
/** A node that began a sweep and died is replaced after this time. */
const LEASE_MS = 2 * MINUTE;

interface SweepKind {
  readonly task: 'messages' | 'notifications';
  readonly part: 'm' | 'n';
  readonly expire: (engine: Engine, recipientId: Uint8Array, before: number) => Promise<number>;
}

const MESSAGES: SweepKind = {
  task: 'messages', part: 'm',
  expire: async ({ redis, keys }, id, before) => numberOf(await redis.run('expire-messages', [keys.queue(id), keys.messages(id)], [String(before)])),
};

const NOTIFICATIONS: SweepKind = {
  task: 'notifications', part: 'n',
  expire: async ({ redis, keys }, id, before) => numberOf(await redis.run('expire-notifications', [keys.queue(id), keys.notifications(id)], [String(before)])),
};

export function createUpkeep(engine: Engine): Omit<Upkeep, 'close'> {
  return {
    counts: () => engine.counters.read(),
    expireMessages: (before, cursor) => sweep(engine, MESSAGES, before, cursor),
    expireNotifications: (before, cursor) => sweep(engine, NOTIFICATIONS, before, cursor),
    room: () => Promise.resolve(engine.room.bytes),
    check: () => check(engine),
  };
}

async function sweep(engine: Engine, { task, part, expire }: SweepKind, before: number, cursor: string | null): Promise<Sweep> {
  const { redis, keys, counters } = engine;
  if (!(await hasLease(engine, task))) return { removed: 0, cursor: null };
  const step = await scanStep(redis, { pattern: keys.pattern(part), count: KEYS_PER_STEP }, cursor);
  const owners = step.keys.map((key) => fromBase64Url(keys.ownerOf(key))).filter((id) => id !== null);
  const removed = (await Promise.all(owners.map((id) => expire(engine, id, before)))).reduce((sum, count) => sum + count, 0);
  counters.add(task, -removed);
  if (task === 'messages' && step.cursor === null) void tidyIfDue(engine);
  return { removed, cursor: step.cursor };
}

/** Whether this node is the one that sweeps, as it was in the last step or as nobody else is. */
async function hasLease({ redis, keys, node }: Engine, task: string): Promise<boolean> {
  return numberOf(await redis.run('lease', [keys.lease(task)], [node, String(LEASE_MS)])) === 1;
}

/** Another node may sweep at once. Never rejects. */
export async function giveUpLeases({ redis, keys, node }: Engine): Promise<void> {
  const freed = [MESSAGES, NOTIFICATIONS].map(({ task }) => redis.run('free', [keys.lease(task)], [node]));
  await Promise.allSettled(freed);
}

/** Every shard has to answer. */
async function check({ redis }: Engine): Promise<void> {
  const { primaries } = redis.topology;
  try {
    if (primaries.length === 0) throw storeError('UNAVAILABLE', undefined, 'no primary is known');
    await Promise.all(primaries.map((shard) => shard.read(['PING'])));
  } catch (error) {
    throw storeError('UNAVAILABLE', error);
  }
}
