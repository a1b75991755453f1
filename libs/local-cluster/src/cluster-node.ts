/** One node of a local Redis Cluster. */
import { type ClusterSettings, clusterConfig } from './redis-settings.ts';
import { type NodeView, parseNodes } from './cluster-view.ts';
import { LocalClusterError } from './errors.ts';
import { freePort, releasePort } from './free-port.ts';
import { type RedisOptions, type RedisServer, startRedis } from './redis-server.ts';

export interface ClusterNode extends RedisServer {
  /** 40 hex digits, the same as long as the data folder lives. */
  readonly id: string;
  readonly busPort: number;
  /** What this node believes about all. */
  view(): Promise<NodeView[]>;
  /** What this node believes about itself. */
  self(): Promise<NodeView>;
  /** `primary` or `replica`, as this node believes. */
  role(): Promise<NodeView['role']>;
}

export interface ClusterNodeOptions extends RedisOptions, Pick<ClusterSettings, 'nodeTimeoutMs'> {
  /** Default a free one. */
  readonly busPort?: number;
}

const PORT_TRIES = 5;

/** Rejects like `startRedis`. */
export async function startClusterNode(options: ClusterNodeOptions): Promise<ClusterNode> {
  for (let tries = 1; ; tries += 1) {
    const busPort = options.busPort ?? (await freePort());
    try {
      return await startOnBusPort(options, busPort);
    } catch (error) {
      releasePort(busPort);
      const again = error instanceof LocalClusterError && error.code === 'PORT' && options.port === undefined;
      if (!again || tries === PORT_TRIES) throw error;
    }
  }
}

async function startOnBusPort(options: ClusterNodeOptions, busPort: number): Promise<ClusterNode> {
  const { nodeTimeoutMs, config = [] } = options;
  const server = await startRedis({ ...options, config: [...clusterConfig({ busPort, nodeTimeoutMs }), ...config] });
  try {
    return nodeOf(server, busPort, String(await server.command('CLUSTER', 'MYID')));
  } catch (error) {
    await server.stop();
    throw error;
  }
}

function nodeOf(server: RedisServer, busPort: number, id: string): ClusterNode {
  const view = async (): Promise<NodeView[]> => parseNodes(String(await server.command('CLUSTER', 'NODES')));
  const self = async (): Promise<NodeView> => (await view()).find(({ isSelf }) => isSelf)!;
  const more = {
    id, busPort, view, self,
    role: async () => (await self()).role,
    async stop() {
      await server.stop();
      releasePort(busPort);
    },
  };
  // With its accessors, which a spread would read once.
  return Object.create(server, Object.getOwnPropertyDescriptors(more)) as ClusterNode;
}
