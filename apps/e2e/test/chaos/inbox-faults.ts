/**
 * Faults of inboxes: words that nodes wrote to each other are lost, in every way that there is. A node that cannot know
 * (`silently`) has to find out by its sweep, one that can by looking at once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterNode } from '@polyplex/local-cluster';
import type { Fault } from './campaign.ts';
import type { ClusterNetwork } from './network.ts';

const NODES_KEY = 'smp:nodes';
/** Nodes tell that they live every two seconds. */
const LIVE_MS = 5000;
/** Less than a client waits for an answer to PING. */
const LOSING_MS = 500;
const DROP_EVERY_MS = 5;
/** More than an inbox holds. */
const CAPACITY = 20_000;
const FILL_AT_ONCE = 5000;
const WAIT_MS = 2000;

interface InboxAt {
  readonly key: string;
  readonly primary: ClusterNode;
}

/** Of all nodes that live, and where they are. */
async function inboxes({ cluster }: ClusterNetwork): Promise<readonly InboxAt[]> {
  const names = (await (await cluster.primaryOf(NODES_KEY)).command('ZRANGEBYSCORE', NODES_KEY, Date.now() - LIVE_MS, '+inf')) as string[];
  return Promise.all(names.map(async (name) => {
    const key = `smp:inbox:${name}`;
    return { key, primary: await cluster.primaryOf(key) };
  }));
}

/** Empties all inboxes again and again; answers how often there was something to lose. */
async function loseWords(network: ClusterNetwork): Promise<number> {
  const all = await inboxes(network);
  let losses = 0;
  for (const until = performance.now() + LOSING_MS; performance.now() < until; await sleep(DROP_EVERY_MS)) {
    const removed = await Promise.all(all.map(({ key, primary }) => primary.command('DEL', key)));
    losses += removed.filter((count) => count === 1).length;
  }
  return losses;
}

/** Breaks the connections on which nodes wait for words. */
async function breakReaders({ cluster }: ClusterNetwork): Promise<void> {
  for (const primary of await cluster.primaries()) {
    const clients = String(await primary.command('CLIENT', 'LIST')).split('\n').filter((line) => / cmd=blmpop /.test(line));
    for (const client of clients) await primary.command('CLIENT', 'KILL', 'ID', /\bid=(\d+)/.exec(client)![1]!);
  }
}

/** All nodes at once; with their words goes the connection, so that they know. */
export function dropInboxes(network: ClusterNetwork, repeats: number): Fault {
  return {
    name: 'inbox and its connection dropped', repeats, perRound: network.nodes.length,
    async inject() {
      await breakReaders(network);
      await loseWords(network);
    },
  };
}

/** A node stands still for a moment, so that words wait for it, and they go without a trace. */
export function dropInboxSilently(network: ClusterNetwork, repeats: number, losses: (count: number) => void): Fault {
  return {
    name: 'inbox dropped silently', repeats,
    async inject(round) {
      const node = network.nodes[round % network.nodes.length]!;
      node.pause();
      losses(await loseWords(network));
      node.resume();
    },
  };
}

/** The inbox of a node that stands still is filled with copies of a word until the next real one is too many. */
export function overflowInbox(network: ClusterNetwork, repeats: number, overflows: (count: number) => void): Fault {
  return {
    name: 'inbox overflowed', repeats,
    async inject(round) {
      const node = network.nodes[round % network.nodes.length]!;
      const all = await inboxes(network);
      node.pause();
      const filled = await until(async () => firstFilled(all));
      if (filled !== null) {
        const words = Array.from({ length: FILL_AT_ONCE }, () => filled.word);
        for (let i = 0; i < CAPACITY; i += FILL_AT_ONCE) await filled.primary.command('RPUSH', filled.key, ...words);
        const isOver = await until(async () => (String(await filled.primary.command('LINDEX', filled.key, 0)) === '!' ? true : null));
        overflows(isOver === true ? 1 : 0);
      }
      node.resume();
    },
  };
}

async function firstFilled(all: readonly InboxAt[]): Promise<(InboxAt & { readonly word: Buffer }) | null> {
  for (const inbox of all) {
    const word = (await inbox.primary.bytes('LINDEX', inbox.key, 0)) as Buffer | null;
    // One that a reader is about to take is gone a moment later.
    if (word !== null) await sleep(DROP_EVERY_MS);
    if (word !== null && Number(await inbox.primary.command('LLEN', inbox.key)) > 0) return { ...inbox, word };
  }
  return null;
}

/** Null when the answer still is after some time. */
async function until<T>(look: () => Promise<T | null>): Promise<T | null> {
  for (const end = performance.now() + WAIT_MS; performance.now() < end; await sleep(DROP_EVERY_MS)) {
    const found = await look();
    if (found !== null) return found;
  }
  return null;
}
