/** A server of blocks that listens with fresh credentials and obeys its parent. */
import type { BlockConnection } from '@polyplex/protocol-common';
import { type Credentials, DEFAULT_LIMITS, listenTls } from '@polyplex/transport-tls';
import { freshCredentials, obey } from './obey.ts';

export interface Served {
  accept(connection: BlockConnection): void;
  stop(): Promise<void>;
}

const UNBOUNDED = 1_000_000;

/** An argument: records of TLS are done by the transport, and not by OpenSSL. */
export const OWN_RECORDS = 'own-records';

/** Bounds that no benchmark shall meet. */
export const UNBOUNDED_LIMITS = {
  ...DEFAULT_LIMITS, connectionsPerAddress: UNBOUNDED, newPerMinutePerAddress: UNBOUNDED, connections: UNBOUNDED, handshakes: UNBOUNDED,
};

/** Runs until the parent says `stop`. */
export async function serve(create: (credentials: Credentials) => Promise<Served>): Promise<void> {
  const { credentials } = freshCredentials();
  const served = await create(credentials);
  const listener = await listenTls({
    endpoints: [{ kind: 'smp', host: '127.0.0.1', port: 0 }],
    credentials: { smp: credentials },
    limits: UNBOUNDED_LIMITS,
    ownRecords: process.argv.includes(OWN_RECORDS),
    onConnection: (connection) => served.accept(connection),
  });
  obey({
    port: listener.endpoints[0]!.port,
    chain: credentials.chain,
    async stop() {
      const closed = listener.close({ graceMs: 0 });
      await served.stop();
      await closed;
    },
  });
}
