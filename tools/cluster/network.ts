/** The parts that `npm run cluster:up` runs, started in order and stopped in the reverse. */
import { join, resolve } from 'node:path';
import {
  type Haproxy, isPortFree, LocalClusterError, openFolder, type RedisCluster, type ServerNode, startHaproxy, startRedis, startRedisCluster, startRelayNode,
} from '@polyplex/local-cluster';
import type { Options } from './options.ts';

export interface Network {
  /** The one address of all nodes. */
  readonly address: string;
  readonly folder: string;
  readonly nodes: readonly ServerNode[];
  /** Null with a single Redis. */
  readonly cluster: RedisCluster | null;
  readonly redisUrls: readonly string[];
  readonly balancer: Haproxy;
  /** Drains the nodes, then ends everything. */
  stop(): Promise<void>;
}

export type Say = (text: string) => void;

/** Rejects with `LocalClusterError`; nothing is left running then. */
export async function startNetwork(options: Options, say: Say): Promise<Network> {
  if (!(await isPortFree(options.port))) {
    throw new LocalClusterError('PORT', `port ${options.port} is in use by another program; take another with --port`);
  }
  await using parts = new AsyncDisposableStack();
  const folder = await openFolder(options.dir === undefined ? undefined : resolve(options.dir), 'cluster');
  parts.defer(() => folder.remove());
  const redis = await timed(say, redisText(options), () => startData(options, folder.path));
  parts.defer(() => redis.stop());
  // Before the nodes, so that it is stopped after them: clients are told by the node that drains, not by a cut.
  const balancer = await timed(say, `HAProxy on port ${options.port}`, () => startHaproxy({
    backends: [], port: options.port, host: options.host === 'localhost' ? '127.0.0.1' : '*', proxyProtocol: true,
  }));
  parts.defer(() => balancer.stop());
  const nodes: ServerNode[] = [];
  parts.defer(async () => void (await Promise.all(nodes.map((node) => node.stop()))));
  for (let number = 1; number <= options.nodes; number += 1) {
    const node = await timed(say, `relay node ${number} of ${options.nodes}`, () => startRelayNode({
      folder: join(folder.path, `node-${number}`),
      configDir: join(folder.path, 'config'),
      settings: settings(options, redis.urls),
    }));
    nodes.push(node);
    await balancer.add({ name: `node-${number}`, port: node.port });
  }
  const started = parts.move();
  return {
    address: nodes[0]!.address, folder: folder.path, nodes, balancer, cluster: redis.cluster, redisUrls: redis.urls,
    stop: () => started.disposeAsync(),
  };
}

/** What nodes share. The balancer tells them who the clients are. */
function settings({ host, port }: Options, urls: readonly string[]): string[] {
  return [
    `address.hosts=${host}`, `address.port=${port}`, 'listen.proxyProtocol=true', 'listen.trustedProxies=127.0.0.1',
    'storage.engine=redis', `redis.urls=${urls.join(',')}`, 'shutdown.drainTimeout=3s',
  ];
}

function redisText({ single, primaries }: Options): string {
  return single ? 'one Redis' : `Redis Cluster of ${primaries} primaries and ${primaries} replicas`;
}

interface Data {
  readonly urls: readonly string[];
  readonly cluster: RedisCluster | null;
  stop(): Promise<void>;
}

async function startData({ single, primaries, dir }: Options, folder: string): Promise<Data> {
  const kept = (name: string) => (dir === undefined ? {} : { folder: join(folder, name) });
  if (single) {
    const redis = await startRedis(kept('redis-single'));
    return { urls: [redis.url], cluster: null, stop: () => redis.stop() };
  }
  const cluster = await startRedisCluster({ primaries, replicas: 1, ...kept('redis') });
  return { urls: [...cluster.urls], cluster, stop: () => cluster.stop() };
}

async function timed<T>(say: Say, what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  say(`  starting ${what} …`);
  const result = await work();
  say(`  ready    ${what} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  return result;
}
