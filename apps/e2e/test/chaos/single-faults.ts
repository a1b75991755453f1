/** Faults of a single Redis, with durability `everysec`: it is killed, cut off, slow, full or gone. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisServer, ServerNode } from '@polyplex/local-cluster';
import { expect } from 'vitest';
import type { Fault } from './campaign.ts';
import type { Send } from './history.ts';
import type { Load } from './load.ts';
import type { SingleNetwork } from './network.ts';
import type { Span } from './verdict.ts';

/**
 * What `everysec` may lose when Redis dies: a second by name, and two while a sync of the disk takes long, for which
 * Redis holds back what it would write and answers all the same. The death of the process alone, not of the machine,
 * loses nothing that was written to the file.
 */
const MAY_LOSE_MS = 2500;

async function killed({ redis }: SingleNetwork): Promise<Span> {
  await redis.kill();
  const to = performance.now();
  return { from: to - MAY_LOSE_MS, to };
}

export function killRedis(network: SingleNetwork, repeats: number): Fault {
  return {
    name: 'kill -9 of a single Redis', repeats,
    async inject() {
      await sleep(100 + Math.random() * 300);
      const mayLose = await killed(network);
      await network.redis.restart();
      return mayLose;
    },
  };
}

/** Longer than other nodes wait for a sign of life. */
const FORGOTTEN_MS = 16_500;
/** Longer than a node waits for an answer before it gives a connection up. */
const STALL_MS = 3500;
const MOMENT_MS = 800;

/** The first node's, in turn: a reset, a cut that the node notices, one that it does not but that ends with a reset. */
export function cutLine({ line }: SingleNetwork, repeats: number): Fault {
  return {
    name: 'partition between a node and Redis', repeats,
    async inject(round) {
      line.cut();
      await sleep(round === 0 ? FORGOTTEN_MS : [0, STALL_MS, MOMENT_MS][round % 3]);
      if (round % 3 !== 1) line.drop();
      line.heal();
    },
  };
}

export function slowRedis({ redis }: SingleNetwork, repeats: number): Fault {
  return {
    name: 'Redis stands still for 3 s', repeats,
    async inject() {
      await redis.command('CLIENT', 'PAUSE', 3000, 'ALL');
      await sleep(3000);
    },
  };
}

const GONE_MS = 30_000;
/** Nodes shall have noticed; and for what takes time on a busy machine. */
const NOTICED_MS = 2000;

/** Clients get no answer, which they would take for final; nodes stay up and say what is wrong. */
export function goneRedis(network: SingleNetwork, load: Load, repeats: number): Fault {
  const { nodes, redis } = network;
  return {
    name: 'Redis gone for 30 s', repeats,
    async inject() {
      const mayLose = await killed(network);
      try {
        await sleep(NOTICED_MS);
        expect(await readiness(nodes)).toEqual(nodes.map(() => 503));
        await sleep(GONE_MS - NOTICED_MS);
        const sends = sendsIn(load, { from: mayLose.to, to: performance.now() });
        expect(new Set(sends.map(({ outcome }) => outcome))).toEqual(new Set([null]));
        expect(nodes.every(({ isRunning }) => isRunning)).toBe(true);
      } finally {
        await redis.restart();
      }
      await sleep(NOTICED_MS);
      expect(await readiness(nodes)).toEqual(nodes.map(() => 200));
      return mayLose;
    },
  };
}

const ROOM_BYTES = 3_000_000;
const WAIT_MS = 30_000;
const LOOK_MS = 100;
const PILE_UP_MS = 1000;
/** Of what is in use: the limit to which it is lowered. */
const OVER_LIMIT = 0.7;

/**
 * Nobody acknowledges until Redis is full: then senders are told to wait, and nothing else fails; what waits is received,
 * which makes room, and senders go on.
 */
export function fullRedis({ redis, nodes }: SingleNetwork, load: Load, repeats: number): Fault {
  return {
    name: 'Redis full', repeats,
    async inject() {
      const from = performance.now();
      load.holdBack(true);
      await redis.configSet('maxmemory', (await usedBytes(redis)) + ROOM_BYTES);
      try {
        await waitFor(() => areLast(load, 'quota'));
        expect(await readiness(nodes)).toEqual(nodes.map(() => 200));
        expect(Math.max(...await Promise.all(nodes.map(roomOf)))).toBeLessThan(ROOM_BYTES / 4);
        const ackedBefore = acks(load);
        load.holdBack(false);
        await waitFor(() => acks(load) >= ackedBefore + load.history.queues.length && areLast(load, 'ok'));
        expect(sendsIn(load, { from, to: performance.now() }).filter(({ outcome }) => outcome === 'error')).toEqual([]);
      } finally {
        load.holdBack(false);
        await redis.configSet('maxmemory', 0);
      }
    },
  };
}

/** Redis uses more than it may, as after a surge: clients that come back subscribe and receive, and a node starts. */
export function overfullRedis({ redis, nodes }: SingleNetwork, load: Load, repeats: number): Fault {
  return {
    name: 'Redis over its limit', repeats,
    async inject(round) {
      const node = nodes[round % nodes.length]!;
      load.holdBack(true);
      await sleep(PILE_UP_MS);
      await redis.configSet('maxmemory', Math.round((await usedBytes(redis)) * OVER_LIMIT));
      try {
        await node.kill();
        await node.restart();
        load.reconnect();
        const from = performance.now();
        load.holdBack(false);
        await waitFor(() => load.history.queues.every(({ claims, waiting }) => waiting.size === 0 && claims.some(({ answeredAt }) => (answeredAt ?? 0) > from)));
        expect(sendsIn(load, { from, to: performance.now() }).filter(({ outcome }) => outcome === 'ok' || outcome === 'error')).toEqual([]);
      } finally {
        load.holdBack(false);
        await redis.configSet('maxmemory', 0);
        if (!node.isRunning) await node.restart();
      }
    },
  };
}

async function usedBytes(redis: RedisServer): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(String(await redis.command('INFO', 'memory')))![1]);
}

function sendsIn({ history }: Load, { from, to }: Span): Send[] {
  return history.queues.flatMap(({ sends }) => [...sends.values()].filter(({ sentAt }) => sentAt >= from && sentAt <= to));
}

async function waitFor(isReached: () => boolean): Promise<void> {
  for (const end = performance.now() + WAIT_MS; performance.now() < end && !isReached(); ) await sleep(LOOK_MS);
  expect(isReached()).toBe(true);
}

/** Whether the last answer to every sender was this. */
function areLast({ history }: Load, outcome: Send['outcome']): boolean {
  return history.queues.every(({ sends }) => [...sends.values()].findLast((send) => send.outcome !== null)?.outcome === outcome);
}

function acks({ history }: Load): number {
  return history.queues.reduce((sum, queue) => sum + queue.acks.length, 0);
}

/** The status of each node's `/readyz`. */
function readiness(nodes: readonly ServerNode[]): Promise<number[]> {
  return Promise.all(nodes.map(async ({ adminUrl }) => (await fetch(`${adminUrl}readyz`)).status));
}

async function roomOf({ adminUrl }: ServerNode): Promise<number> {
  const metrics = await (await fetch(`${adminUrl}metrics`)).text();
  return Number(/^polyplex_store_room_bytes(?:\{\})? (\S+)$/m.exec(metrics)![1]);
}
