/** One relay of three nodes: behind HAProxy, over one Redis. */
import { join } from 'node:path';
import { openFolder, type RedisServer, type ServerNode, startHaproxy, startRedis, startRelayNode } from '@polyplex/local-cluster';

const NODES = 3;
const SETTINGS = [
  'storage.engine=redis', 'redis.sweepInterval=1s', 'redis.timeout=2s', 'limits.newQueuesPerMinute=0', 'limits.newQueuesPerMinutePerAddress=0', 'listen.proxyProtocol=true',
  'listen.trustedProxies=127.0.0.1',
];

export interface ThreeNodes {
  /** Of the balancer. */
  readonly address: string;
  readonly nodes: readonly ServerNode[];
  readonly redis: RedisServer;
  stop(): Promise<void>;
}

export async function startThreeNodes(): Promise<ThreeNodes> {
  await using parts = new AsyncDisposableStack();
  const folder = await openFolder(undefined, 'three-nodes');
  parts.defer(() => folder.remove());
  const redis = await startRedis();
  parts.defer(() => redis.stop());
  const balancer = await startHaproxy({ backends: [], proxyProtocol: true, balance: 'leastconn' });
  parts.defer(() => balancer.stop());
  const start = async (index: number): Promise<ServerNode> => {
    const node = await startRelayNode({
      folder: join(folder.path, `node-${String(index)}`), configDir: join(folder.path, 'config'),
      settings: [...SETTINGS, `address.port=${String(balancer.port)}`, `redis.urls=${redis.url}`],
    });
    parts.defer(async () => void (await node.stop()));
    await balancer.add({ name: `node-${String(index)}`, port: node.port });
    return node;
  };
  // The first one makes the identity that all share.
  const first = await start(0);
  const nodes = [first, ...(await Promise.all(Array.from({ length: NODES - 1 }, (_, i) => start(i + 1))))];
  const owned = parts.move();
  return { address: first.address, nodes, redis, stop: () => owned.disposeAsync() };
}
