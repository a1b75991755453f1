/** Making a Redis Cluster of empty servers, and waiting until all of it agrees. */
import { evenRanges, SLOTS, slotsOf } from './cluster-view.ts';
import type { ClusterNode } from './cluster-node.ts';
import { waitUntil, type WaitOptions } from './wait-until.ts';

/** Whether the node sees exactly `count` nodes, all linked and none failing, every slot served and its own copy in step. */
async function isSettled(node: ClusterNode, count: number): Promise<boolean> {
  const view = await node.view();
  const isWhole = view.length === count
    && view.every(({ isSelf, isLinked, failing }) => (isSelf || isLinked) && failing === 'no')
    && view.reduce((sum, { slots }) => sum + slotsOf(slots).length, 0) === SLOTS;
  if (!isWhole) return false;
  const info = String(await node.command('CLUSTER', 'INFO'));
  if (!info.includes('cluster_state:ok')) return false;
  const self = view.find(({ isSelf }) => isSelf)!;
  return self.role === 'primary' || /master_link_status:up/.test(String(await node.command('INFO', 'replication')));
}

/** On a machine that does other things besides, nodes take each other for gone now and then, and begin again. */
const SETTLE_TIMEOUT_MS = 90_000;

/** Resolves when every node believes that all is well and every replica follows; rejects with TIMEOUT. */
export async function settled(nodes: readonly ClusterNode[], options: WaitOptions = {}): Promise<void> {
  await Promise.all(nodes.map((node) => waitUntil(
    `agreement of the Redis Cluster (node on port ${node.port})`,
    async () => ((await isSettled(node, nodes.length)) ? true : undefined),
    { timeoutMs: SETTLE_TIMEOUT_MS, ...options },
  )));
}

/** Introduces nodes to each other, each pair once: gossip alone would take seconds. */
export async function introduce(nodes: readonly ClusterNode[], newcomers: readonly ClusterNode[]): Promise<void> {
  await Promise.all(newcomers.map(async (newcomer, index) => {
    const others = [...nodes.filter((node) => !newcomers.includes(node)), ...newcomers.slice(0, index)];
    for (const other of others) await newcomer.command('CLUSTER', 'MEET', '127.0.0.1', other.port, other.busPort);
  }));
  await Promise.all(nodes.map((node) => waitUntil('nodes of the Redis Cluster knowing each other', async () => {
    const known = (await node.view()).filter(({ isSelf, isLinked }) => isSelf || isLinked).map(({ id }) => id);
    return nodes.every(({ id }) => known.includes(id)) ? true : undefined;
  })));
}

/** Makes a node follow a primary, which it must know already. */
export async function follow(replica: ClusterNode, primary: ClusterNode): Promise<void> {
  await replica.command('CLUSTER', 'REPLICATE', primary.id);
}

/** A new primary takes nothing in for its first two seconds. */
export async function writable(primary: ClusterNode): Promise<void> {
  await waitUntil('a new primary being ready', async () => (String(await primary.command('CLUSTER', 'INFO')).includes('cluster_state:ok') ? true : undefined));
}

/** The first `primaries` nodes share the slots, the others follow them in turn. */
export async function formCluster(nodes: readonly ClusterNode[], primaries: number): Promise<void> {
  const ranges = evenRanges(primaries);
  await Promise.all(nodes.map((node, index) => node.command('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)));
  await Promise.all(ranges.map(([from, to], index) => nodes[index]!.command('CLUSTER', 'ADDSLOTSRANGE', from, to)));
  await introduce(nodes, nodes);
  await Promise.all(nodes.slice(primaries).map((replica, index) => follow(replica, nodes[index % primaries]!)));
  await settled(nodes);
}
