/**
 * The Redis engine: everything of the `QueueStore` contract on a Redis Cluster or a single Redis, for many nodes at once.
 * Each step is one script on one shard; who is subscribed is part of the queue's record; nodes wake each other through
 * inboxes. See the README for the keys, for what each level of durability can lose, and for how nodes find what they missed.
 */
import { type Clock, SECOND, systemClock, toBase64Url } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import { asStoreError, deafListener } from '@polyplex/store-common';
import type { FleetBoard, QueueStore, SharedCounts } from '@polyplex/store-contract';
import { silentLogger } from '@polyplex/telemetry';
import { Claims } from './claims.ts';
import { Counters } from './counters.ts';
import type { Engine } from './engine.ts';
import { RedisFleetBoard } from './fleet-board.ts';
import { Guard } from './guard.ts';
import { Inbox } from './inbox.ts';
import { Keys } from './keys.ts';
import { createLinks } from './links.ts';
import { createMessages } from './messages.ts';
import { createNotifiers } from './notifiers.ts';
import { checkFormat, connect, type ConnectOptions } from './open-redis.ts';
import { INBOX_CAPACITY, Posts } from './posts.ts';
import { createQueues } from './queues.ts';
import { Reconciler } from './reconcile.ts';
import type { Redis } from './redis.ts';
import { Registry } from './registry.ts';
import { createServices } from './services.ts';
import { RedisSharedCounts } from './shared-counts.ts';
import { Sessions } from './sessions.ts';
import { createSubscriptions } from './subscriptions.ts';
import { createTransfer } from './transfer.ts';
import { scheduleTidying } from './tidy.ts';
import { Turns } from './turns.ts';
import { createUpkeep, giveUpLeases } from './upkeep.ts';
import { Watch } from './watch.ts';
import { hear } from './words-heard.ts';

export interface RedisStoreOptions extends ConnectOptions {
  /** What all keys begin with: no braces, no colon. */
  readonly prefix?: string;
  /** In which time all subscriptions of this node are looked at. */
  readonly sweepMs?: number;
  /** The share of each server's `maxmemory` that new messages leave free, 0 to 1. */
  readonly reserve?: number;
  /** Words that an inbox holds at most. */
  readonly inboxCapacity?: number;
  readonly clock?: Clock;
}

/** What this node knows of the network; reading it asks nobody. */
export interface NetworkFacts {
  readonly nodes: number;
  readonly primaries: number;
  readonly connected: number;
  /** Subscriptions of queues and notifiers that this node holds. */
  readonly claims: number;
  /** Since the start, as all that follows: commands sent to Redis. */
  readonly commands: number;
  readonly posted: number;
  readonly lost: number;
  readonly overflows: number;
  readonly interruptions: number;
  readonly looks: number;
  readonly found: number;
}

export interface RedisQueueStore extends QueueStore {
  readonly sharedCounts: SharedCounts;
  readonly fleet: FleetBoard;
  network(): NetworkFacts;
}

export const DEFAULT_SWEEP_MS = 300 * SECOND;
const AFTER_GAP_MS = 5 * SECOND;
const DEFAULT_RESERVE = 0.05;
const NODE_ID_BYTES = 9;

/** Rejects with a `StoreError`: UNAVAILABLE, FAILED for a server that would lose data, DAMAGED for data of a newer format. */
export async function openRedisStore(options: RedisStoreOptions): Promise<RedisQueueStore> {
  const redis = await connect(options);
  try {
    return await assemble(options, redis);
  } catch (error) {
    redis.destroy();
    throw asStoreError(error);
  }
}

async function assemble(options: RedisStoreOptions, redis: Redis): Promise<RedisQueueStore> {
  const { prefix = 'smp', sweepMs = DEFAULT_SWEEP_MS, reserve = DEFAULT_RESERVE, clock = systemClock, log = silentLogger, inboxCapacity = INBOX_CAPACITY } = options;
  const keys = new Keys(prefix);
  await checkFormat(redis, keys.format);
  const node = toBase64Url(randomBytes(NODE_ID_BYTES));
  const watch = new Watch(redis, { reserve, clock });
  const engine: Engine = {
    redis, keys, node, log, clock,
    turns: new Turns(),
    claims: new Claims(),
    sessions: new Sessions(),
    posts: new Posts(redis, keys, inboxCapacity),
    registry: new Registry(redis, keys, node, log),
    counters: new Counters(redis, keys, clock),
    room: watch.room,
    listener: deafListener,
  };
  const reconciler = new Reconciler(engine, sweepMs);
  const look = (): void => reconciler.now();
  const inbox = new Inbox(redis, keys.inbox(node), { heard: (word) => hear(engine, word), missed: look }, log);
  redis.topology.onChange = look;
  engine.registry.onGap = () => {
    look();
    // Others go on for a beat not to post to a node that was away.
    clock.after(AFTER_GAP_MS, look);
  };
  await scheduleTidying(engine);
  await engine.registry.start();
  await watch.start();
  inbox.start();
  reconciler.start();
  const fleet = new RedisFleetBoard(redis, prefix, node);
  const guard = new Guard();
  const queues = createQueues(engine);
  const subscriptions = createSubscriptions(engine);
  let closing: Promise<void> | null = null;
  return {
    ...guard.around({
      ...queues, ...createLinks(engine), ...createNotifiers(engine), ...createMessages(engine), ...subscriptions,
      ...createServices(engine), ...createUpkeep(engine), ...createTransfer(engine),
    }),
    release: (by) => subscriptions.release(by),
    touch: (queue, day) => {
      if (!guard.isClosed) queues.touch(queue, day);
    },
    listen: (listener) => {
      engine.listener = listener;
    },
    sharedCounts: new RedisSharedCounts(redis, keys),
    fleet,
    facts: () => watch.facts(),
    network: () => networkFacts(engine, inbox, reconciler),
    close: () => (closing ??= close(engine, guard, [() => inbox.stop(), () => reconciler.stop(), () => fleet.leave(), () => watch.stop()])),
  };
}

function networkFacts({ redis, registry, claims, posts }: Engine, inbox: Inbox, reconciler: Reconciler): NetworkFacts {
  const { primaries } = redis.topology;
  return {
    nodes: registry.nodes,
    primaries: primaries.length,
    connected: primaries.filter(({ connected }) => connected).length,
    claims: claims.size,
    commands: redis.sent,
    posted: posts.posted,
    lost: posts.lost,
    overflows: inbox.overflows,
    interruptions: inbox.interruptions,
    looks: reconciler.looks,
    found: reconciler.found,
  };
}

/** What is under way ends; then others hear that this node is gone. */
async function close(engine: Engine, guard: Guard, readers: readonly (() => Promise<void>)[]): Promise<void> {
  const { redis, posts, registry, counters, keys, node } = engine;
  const stopping = readers.map((stop) => stop());
  await guard.close();
  await posts.settled();
  counters.close();
  await counters.flush().catch(() => undefined);
  await giveUpLeases(engine);
  await registry.stop();
  await redis.write(keys.inbox(node), ['DEL', keys.inbox(node)]).catch(() => undefined);
  redis.destroy();
  await Promise.all(stopping);
}
