/**
 * Three nodes that serve one address from one Redis, behind a balancer that gives each connection to any of them. Sweeps
 * are an hour apart, so that whatever arrives arrived by itself. When a test fails, the nodes that its clients had are told.
 */
import { randomUUID } from 'node:crypto';
import { toBase64Url } from '@polyplex/base';
import { type Haproxy, startHaproxy } from '@polyplex/local-cluster';
import type { QueueStore } from '@polyplex/store-contract';
import { openRedisStore } from '@polyplex/store-redis';
import type { Credentials } from '@polyplex/transport-tls';
import { afterEach } from 'vitest';
import { type NodeOptions, startNode, type TestNode, unchanged } from './node.ts';
import type { RawClient } from './raw-client.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Ports of a Redis, or of some servers of a cluster; absent where specs run against one machine. */
    redisServers: readonly number[];
  }
}

const NODES = 3;
const SWEEP_MS = 3_600_000;

export interface Network {
  /** Of the balancer. */
  readonly port: number;
  readonly nodes: readonly TestNode[];
  readonly haproxy: Haproxy;
  /** Another store on the same data, without connections. */
  readonly store: QueueStore;
  /** The index of the node that a client is connected to. */
  nodeOf(client: RawClient): number;
  /** Ends a node, as at a shutdown of its process; another one begins on its port. */
  end(index: number): Promise<void>;
  begin(index: number): Promise<void>;
  stop(): Promise<void>;
}

export interface NetworkParts {
  readonly credentials: Credentials;
  readonly servers: readonly number[];
  readonly options?: NodeOptions;
  /** What stands between the node of this index and its store. */
  readonly aroundNode?: (store: QueueStore, index: number) => QueueStore;
}

/** The networks of this file that run, and which node accepted which session, in order. */
const running = new Map<string, Map<string, number>>();
afterEach(({ task }) => {
  if (task.result?.state !== 'fail') return;
  for (const [prefix, places] of running) console.error(`${prefix}: nodes of the connections so far: ${[...places.values()].join(' ')}`);
});

export async function startNetwork({ credentials, servers, options = {}, aroundNode = unchanged }: NetworkParts): Promise<Network> {
  const prefix = `relay${randomUUID().slice(0, 8)}`;
  const places = new Map<string, number>();
  running.set(prefix, places);
  const open = (): Promise<QueueStore> =>
    openRedisStore({ servers: servers.map((port) => ({ host: '127.0.0.1', port })), prefix, sweepMs: SWEEP_MS });
  const start = async (index: number, port?: number): Promise<TestNode> => {
    const parts = {
      credentials,
      store: await open(),
      ...(port === undefined ? {} : { port }),
      onConnection: ({ sessionId }: { readonly sessionId: Uint8Array }) => places.set(toBase64Url(sessionId), index),
    };
    const { around = unchanged } = options;
    return startNode(parts, { ...options, around: (own: QueueStore) => around(aroundNode(own, index)) });
  };
  const nodes = await Promise.all(Array.from({ length: NODES }, (_, index) => start(index)));
  const haproxy = await startHaproxy({ backends: nodes.map(({ port }, index) => ({ name: `node${index}`, port })) });
  const store = await open();
  return {
    port: haproxy.port, nodes, haproxy, store,
    nodeOf: ({ connection }) => places.get(toBase64Url(connection.sessionId))!,
    end: (index) => nodes[index]!.stop(),
    async begin(index) {
      nodes[index] = await start(index, nodes[index]!.port);
    },
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()));
      await store.close();
      await haproxy.stop();
      running.delete(prefix);
    },
  };
}
