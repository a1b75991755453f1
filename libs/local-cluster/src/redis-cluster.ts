/** A Redis Cluster of local processes, and what happens to one: failover, return, slots that move, another shard. */
import { type ClusterNode, type ClusterNodeOptions, startClusterNode } from './cluster-node.ts';
import { type NodeView, SLOTS, slotsOf } from './cluster-view.ts';
import { LocalClusterError } from './errors.ts';
import { follow, formCluster, introduce, settled, writable } from './form-cluster.ts';
import { nodeFolder, readKept, writeKept } from './kept-cluster.ts';
import { type MigrateOptions, migrateSlots } from './migrate-slots.ts';
import type { RedisOptions } from './redis-server.ts';
import { waitUntil } from './wait-until.ts';

export interface RedisClusterOptions extends Omit<RedisOptions, 'port' | 'folder'> {
  /** Default 3; Redis needs 3 for a failover. */
  readonly primaries?: number;
  /** Of each primary; default 1. */
  readonly replicas?: number;
  /** How long a node may be silent before it counts as failing, milliseconds; default 2000. */
  readonly nodeTimeoutMs?: number;
  /** Where the data stays for the next start; default temporary folders. A cluster that is kept does not grow. */
  readonly folder?: string;
}

interface ShardOptions extends Omit<MigrateOptions, 'slots'> {
  /** Slots that it gets; default as many as the others then have. */
  readonly share?: number;
}

export interface Failover {
  readonly promoted: ClusterNode;
  /** From the kill until every node that runs knows the new primary. */
  readonly tookMs: number;
}

export interface RedisCluster {
  /** Grows with `addShard`, shrinks with `removeShard`; dead nodes stay in the list. */
  readonly nodes: readonly ClusterNode[];
  /** Of all nodes, `redis://127.0.0.1:PORT` each. */
  readonly urls: readonly string[];
  /** Primaries that own slots, as the first node that answers believes. */
  primaries(): Promise<ClusterNode[]>;
  replicasOf(primary: ClusterNode): Promise<ClusterNode[]>;
  /** Of a slot (number) or a key. */
  primaryOf(slotOrKey: number | string | Buffer): Promise<ClusterNode>;
  /** Kills a primary and waits until its replica is the primary in the eyes of all; STATE when it has none. */
  failOver(primary: ClusterNode): Promise<Failover>;
  /** Starts a killed node again and waits until all agree and it is in step. */
  rejoin(node: ClusterNode): Promise<void>;
  /** Live migration; what an earlier call left open is finished first. */
  migrateSlots(from: ClusterNode, to: ClusterNode, count: number, options?: MigrateOptions): Promise<void>;
  /** A new primary with as many replicas as the others have, which then gets its share of the slots by live migration. */
  addShard(options?: ShardOptions): Promise<ClusterNode>;
  /** Ends a primary whose slots have all been moved away, and its replicas, and has the others forget them. */
  removeShard(primary: ClusterNode): Promise<void>;
  /** Resolves when all nodes agree that all is well. */
  settled(): Promise<void>;
  /** Ends all nodes and removes temporary folders; may be called again. */
  stop(): Promise<void>;
}

type Shape = Required<Pick<RedisClusterOptions, 'primaries' | 'replicas' | 'nodeTimeoutMs'>>;

/** Rejects with PROGRAM, PORT, START, TIMEOUT, or STATE when `folder` holds another cluster; nothing is left behind then. */
export async function startRedisCluster(options: RedisClusterOptions = {}): Promise<RedisCluster> {
  const shape: Shape = { primaries: 3, replicas: 1, nodeTimeoutMs: 2000, ...options };
  await using parts = new AsyncDisposableStack();
  const nodes: ClusterNode[] = [];
  parts.defer(async () => void (await Promise.all(nodes.map((node) => node.stop()))));
  const add: Add = async (count, of) => {
    const { folder: _whole, ...common } = options;
    const starting = Array.from({ length: count }, (_, index) => startClusterNode({ ...common, nodeTimeoutMs: shape.nodeTimeoutMs, ...of(index) }));
    // All have an end before a failure is reported, so that each is stopped.
    const started = await Promise.allSettled(starting);
    for (const result of started) if (result.status === 'fulfilled') nodes.push(result.value);
    for (const result of started) if (result.status === 'rejected') throw result.reason;
  };
  await begin(nodes, add, { ...shape, folder: options.folder });
  return clusterOf({ nodes, add, shape, password: options.password, isKept: options.folder !== undefined, parts: parts.move() });
}

type Add = (count: number, of: (index: number) => Partial<ClusterNodeOptions>) => Promise<void>;

async function begin(nodes: readonly ClusterNode[], add: Add, { folder, primaries, replicas }: Shape & { readonly folder: string | undefined }): Promise<void> {
  const kept = folder === undefined ? null : readKept(folder, { primaries, replicas });
  const place = (index: number) => (folder === undefined ? {} : { folder: nodeFolder(folder, index) });
  if (kept !== null) {
    await add(kept.nodes.length, (index) => ({ ...kept.nodes[index]!, ...place(index) }));
    return settled(nodes);
  }
  await add(primaries * (1 + replicas), place);
  await formCluster(nodes, primaries);
  if (folder !== undefined) writeKept(folder, { primaries, replicas, nodes: nodes.map(({ port, busPort }) => ({ port, busPort })) });
}

interface Parts {
  readonly nodes: ClusterNode[];
  readonly add: Add;
  readonly shape: Shape;
  readonly password: string | undefined;
  readonly isKept: boolean;
  readonly parts: AsyncDisposableStack;
}

function clusterOf({ nodes, add, shape, password, isKept, parts }: Parts): RedisCluster {
  const byId = (id: string): ClusterNode => nodes.find((node) => node.id === id)!;
  const running = (): ClusterNode[] => nodes.filter(({ isRunning }) => isRunning);

  /** Of the first node that answers. */
  async function view(): Promise<NodeView[]> {
    return Promise.any(running().map((node) => node.view()));
  }
  async function primaries(): Promise<ClusterNode[]> {
    return (await view()).filter(({ role, slots }) => role === 'primary' && slots.length > 0).map(({ id }) => byId(id));
  }
  async function replicasOf(primary: ClusterNode): Promise<ClusterNode[]> {
    return (await view()).filter(({ primaryId }) => primaryId === primary.id).map(({ id }) => byId(id));
  }
  async function migrate(from: ClusterNode, to: ClusterNode, count: number, options: MigrateOptions = {}): Promise<void> {
    const others = (await primaries()).filter((node) => node.isRunning && node !== from && node !== to);
    await migrateSlots({ ...options, from, to, others, password }, count);
  }
  async function failOver(primary: ClusterNode): Promise<Failover> {
    const heirs = (await replicasOf(primary)).filter(({ isRunning }) => isRunning).map(({ id }) => id);
    if (heirs.length === 0) throw new LocalClusterError('STATE', `the node on port ${primary.port} has no replica that could follow it`);
    const start = performance.now();
    await primary.kill();
    const promoted = await Promise.all(running().map((node) => promotedIn(node, heirs)));
    return { promoted: byId(promoted[0]!), tookMs: Math.round(performance.now() - start) };
  }
  async function addShard({ share: wanted, ...options }: ShardOptions = {}): Promise<ClusterNode> {
    if (isKept) throw new LocalClusterError('STATE', 'a cluster with a folder of its own does not grow; start it without');
    const givers = await primaries();
    const start = nodes.length;
    await add(1 + shape.replicas, () => ({}));
    const [primary, ...replicas] = nodes.slice(start) as [ClusterNode, ...ClusterNode[]];
    await introduce(running(), nodes.slice(start));
    await Promise.all(replicas.map((replica) => follow(replica, primary)));
    await writable(primary);
    const slices = partsOf(wanted ?? Math.floor(SLOTS / (givers.length + 1)), givers.length);
    await Promise.all(givers.map((giver, index) => migrate(giver, primary, slices[index]!, options)));
    await settled(running());
    return primary;
  }
  async function removeShard(primary: ClusterNode): Promise<void> {
    if ((await primary.self()).slots.length > 0) throw new LocalClusterError('STATE', `the node on port ${primary.port} still has slots`);
    await forget(nodes, [primary, ...(await replicasOf(primary))]);
    await settled(running());
  }
  return {
    nodes, primaries, replicasOf, failOver, addShard, removeShard,
    get urls() { return nodes.map(({ url }) => url); },
    primaryOf: async (slotOrKey) => byId(ownerIn(await view(), await slotFor(running(), slotOrKey))),
    async rejoin(node) {
      await node.restart();
      await settled(nodes);
    },
    migrateSlots: migrate,
    settled: () => settled(nodes),
    stop: () => parts.disposeAsync(),
  };
}

async function slotFor(running: readonly ClusterNode[], slotOrKey: number | string | Buffer): Promise<number> {
  return typeof slotOrKey === 'number' ? slotOrKey : Number(await Promise.any(running.map((node) => node.command('CLUSTER', 'KEYSLOT', slotOrKey))));
}

/** Id of the node that serves a slot. */
function ownerIn(view: readonly NodeView[], slot: number): string {
  const owner = view.find(({ slots }) => slots.some(([from, to]) => from <= slot && slot <= to));
  if (owner === undefined) throw new LocalClusterError('STATE', `nobody serves slot ${slot}`);
  return owner.id;
}

/** A number of slots in as many parts, as equal as can be. */
function partsOf(share: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => Math.floor(((index + 1) * share) / count) - Math.floor((index * share) / count));
}

/** Ends nodes and takes them out of the others' lists, and of ours. */
async function forget(nodes: ClusterNode[], gone: readonly ClusterNode[]): Promise<void> {
  await Promise.all(gone.map((node) => node.stop()));
  for (const node of gone) nodes.splice(nodes.indexOf(node), 1);
  const running = nodes.filter(({ isRunning }) => isRunning);
  await Promise.all(running.map((node) => Promise.all(gone.map(({ id }) => node.command('CLUSTER', 'FORGET', id)))));
}

/** Id of the heir that is a primary with slots in the eyes of a node. */
async function promotedIn(node: ClusterNode, heirs: readonly string[]): Promise<string> {
  return waitUntil('the promotion of a replica', async () => {
    const heir = (await node.view()).find(({ id, role, slots }) => heirs.includes(id) && role === 'primary' && slotsOf(slots).length > 0);
    return heir?.id;
  }, { timeoutMs: 60_000 });
}
