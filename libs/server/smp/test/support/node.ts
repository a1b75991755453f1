/** One node of a relay for tests: a server on a store, and real TLS on the loopback. */
import { type Clock, systemClock } from '@polyplex/base';
import type { BlockConnection } from '@polyplex/protocol-common';
import type { QueueStore } from '@polyplex/store-contract';
import { type Logger, silentLogger } from '@polyplex/telemetry';
import { type Credentials, type EndpointKind, listenTls, type TlsListener } from '@polyplex/transport-tls';
import { createSmpServer, DEFAULT_OPTIONS, type DialRelay, RelayFailure, type SmpServer, type SmpServerOptions } from '../../src/index.ts';

export interface NodeOptions {
  readonly options?: Partial<SmpServerOptions>;
  readonly dialRelay?: DialRelay;
  /** Default `smp`: blocks over TLS. */
  readonly kind?: EndpointKind;
  readonly clock?: Clock;
  /** What stands between a node and its store. */
  readonly around?: (store: QueueStore) => QueueStore;
}

export interface NodeParts {
  readonly credentials: Credentials;
  readonly store: QueueStore;
  /** Default a free one. */
  readonly port?: number;
  readonly onConnection?: (connection: BlockConnection) => void;
}

export interface TestNode {
  readonly port: number;
  readonly server: SmpServer;
  readonly listener: TlsListener;
  readonly store: QueueStore;
  /** As a process ends: no new connections, what is in flight is answered, then the store is closed. */
  stop(): Promise<void>;
}

/** What should not happen is seen. */
const log: Logger = { ...silentLogger, error: (message, fields) => console.error(message, fields) };

const noRelays: DialRelay = () => Promise.reject(new RelayFailure({ type: 'HOST' }));

export const unchanged = (store: QueueStore): QueueStore => store;

export async function startNode({ credentials, store, port = 0, onConnection }: NodeParts, given: NodeOptions): Promise<TestNode> {
  const { options = {}, dialRelay = noRelays, clock = systemClock, kind = 'smp', around = unchanged } = given;
  const deps = { store: around(store), clock, log, credentials: () => credentials, dialRelay };
  const server = createSmpServer(deps, { ...DEFAULT_OPTIONS, notificationIntervalMs: 50, drainMs: 0, ...options });
  const listener = await listenTls({
    endpoints: [{ kind, host: '127.0.0.1', port }],
    credentials: { smp: credentials },
    onConnection: (connection) => {
      onConnection?.(connection);
      server.accept(connection);
    },
  });
  return {
    port: listener.endpoints[0]!.port,
    server,
    listener,
    store,
    async stop() {
      const closed = listener.close({ graceMs: 0 });
      await server.drain();
      await closed;
      await store.close();
    },
  };
}
