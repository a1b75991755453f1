/** What the faults happen to: relay nodes with one address behind HAProxy, over a Redis Cluster or a single Redis. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Cutter, type Haproxy, type RedisCluster, type RedisServer, type ServerNode, startCutter, startHaproxy, startRedis, startRedisCluster, startRelayNode,
} from '@polyplex/local-cluster';
import { type AddressText, parseAddress } from '@polyplex/protocol-common';

export const SWEEP_MS = 2000;
export const REDIS_TIMEOUT_MS = 6000;
/** Redis nodes on a busy machine must not take each other for gone. */
const NODE_TIMEOUT_MS = 2000;

const SETTINGS = [
  'storage.engine=redis', `redis.sweepInterval=${SWEEP_MS}ms`, `redis.timeout=${REDIS_TIMEOUT_MS}ms`, 'messages.quota=5000',
  'limits.newQueuesPerMinute=0', 'limits.newQueuesPerMinutePerAddress=0', 'limits.newConnectionsPerMinutePerAddress=1000000',
  'shutdown.drainTimeout=2s', 'listen.proxyProtocol=true', 'listen.trustedProxies=127.0.0.1',
];

export interface Network {
  /** Of the balancer, with the password. */
  readonly address: AddressText;
  readonly nodes: readonly ServerNode[];
  readonly balancer: Haproxy;
  stop(): Promise<void>;
}

export interface ClusterNetwork extends Network {
  readonly cluster: RedisCluster;
}

export interface SingleNetwork extends Network {
  readonly redis: RedisServer;
  /** Between the first node and Redis; the others have none. */
  readonly line: Cutter;
}

/** Three primaries with a replica each, three nodes. */
export async function startClusterNetwork(): Promise<ClusterNetwork> {
  await using parts = new AsyncDisposableStack();
  const cluster = await startRedisCluster({ nodeTimeoutMs: NODE_TIMEOUT_MS });
  parts.defer(() => cluster.stop());
  const nodes = await startNodes(parts, 3, () => cluster.urls.join(','));
  const owned = parts.move();
  return { ...nodes, cluster, stop: () => owned.disposeAsync() };
}

/** One Redis, four nodes. */
export async function startSingleNetwork(): Promise<SingleNetwork> {
  await using parts = new AsyncDisposableStack();
  const redis = await startRedis();
  parts.defer(() => redis.stop());
  const line = await startCutter({ target: redis.port });
  parts.defer(() => line.stop());
  const nodes = await startNodes(parts, 4, (index) => (index === 0 ? `redis://127.0.0.1:${line.port}` : redis.url));
  const owned = parts.move();
  return { ...nodes, redis, line, stop: () => owned.disposeAsync() };
}

async function startNodes(parts: AsyncDisposableStack, count: number, urls: (index: number) => string): Promise<Pick<Network, 'address' | 'nodes' | 'balancer'>> {
  const folder = await mkdtemp(join(tmpdir(), 'polyplex-chaos-'));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const configDir = join(folder, 'config');
  // New connections go where the fewest are: nodes that come back get some at once.
  const balancer = await startHaproxy({ backends: [], proxyProtocol: true, balance: 'leastconn' });
  parts.defer(() => balancer.stop());
  const nodes: ServerNode[] = [];
  parts.defer(async () => void (await Promise.all(nodes.map((node) => node.kill()))));
  const start = async (index: number): Promise<void> => {
    const node = await startRelayNode({
      folder: join(folder, `node-${index}`), configDir, settings: [...SETTINGS, `address.port=${balancer.port}`, `redis.urls=${urls(index)}`],
    });
    parts.defer(async () => void (await node.stop()));
    nodes[index] = node;
    await balancer.add({ name: nameOf(index), port: node.port });
  };
  // The first one makes the identity that all share.
  await start(0);
  await Promise.all(Array.from({ length: count - 1 }, (_, i) => start(i + 1)));
  const password = (await readFile(join(configDir, 'password'), 'utf8')).trim();
  return { address: { ...parseAddress(nodes[0]!.address)!, hosts: ['127.0.0.1'], password }, nodes, balancer };
}

export function nameOf(index: number): string {
  return `node-${index}`;
}
