/** A whole relay for tests: real TLS on a free port of the loopback, the embedded store in a folder of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '@polyplex/base';
import { fingerprintOf } from '@polyplex/crypto';
import type { ServerAddress } from '@polyplex/protocol-common';
import { openEmbeddedStore } from '@polyplex/store-embedded';
import type { QueueStore } from '@polyplex/store-contract';
import { type Logger, silentLogger } from '@polyplex/telemetry';
import { type Credentials, type EndpointKind, issueCa, issueServerCertificate, listenTls, readCredentials, type TlsListener } from '@polyplex/transport-tls';
import { createSmpServer, DEFAULT_OPTIONS, type DialRelay, RelayFailure, type SmpServer, type SmpServerOptions } from '../../src/index.ts';

export interface TestRelay {
  readonly address: ServerAddress;
  readonly port: number;
  readonly fingerprint: Uint8Array;
  readonly server: SmpServer;
  readonly store: QueueStore;
  readonly listener: TlsListener;
  stop(): Promise<void>;
}

export interface TestRelayOptions {
  readonly options?: Partial<SmpServerOptions>;
  readonly dialRelay?: DialRelay;
  /** Default `smp`: blocks over TLS. */
  readonly kind?: EndpointKind;
  readonly clock?: Clock;
  /** What stands between the relay and its store. */
  readonly around?: (store: QueueStore) => QueueStore;
}

function testCredentials(algorithm: 'ed25519' | 'ed448' = 'ed25519'): Credentials {
  const ca = issueCa({ algorithm });
  const leaf = issueServerCertificate({ ca, commonName: 'localhost', algorithm });
  const chained = leaf.certificate.split('BEGIN CERTIFICATE').length > 2 ? leaf.certificate : leaf.certificate + ca.certificate;
  return readCredentials({ certificatePem: chained, keyPem: leaf.key });
}

/** What should not happen is seen. */
const log: Logger = { ...silentLogger, error: (message, fields) => console.error(message, fields) };

const noRelays: DialRelay = () => Promise.reject(new RelayFailure({ type: 'HOST' }));

export async function startRelay({ options = {}, dialRelay = noRelays, clock = systemClock, kind = 'smp', around = (given) => given }: TestRelayOptions = {}): Promise<TestRelay> {
  const folder = await mkdtemp(join(tmpdir(), 'polyplex-relay-'));
  const credentials = testCredentials();
  const store = await openEmbeddedStore({ path: folder });
  const deps = { store: around(store), clock, log, credentials: () => credentials, dialRelay };
  const server = createSmpServer(deps, { ...DEFAULT_OPTIONS, notificationIntervalMs: 50, drainMs: 0, ...options });
  const listener = await listenTls({
    endpoints: [{ kind, host: '127.0.0.1', port: 0 }],
    credentials: { smp: credentials },
    onConnection: (connection) => server.accept(connection),
  });
  const { port } = listener.endpoints[0]!;
  const fingerprint = fingerprintOf(credentials.chain)!;
  return {
    address: { hosts: ['127.0.0.1'], port: String(port), keyHash: fingerprint },
    port,
    fingerprint,
    server,
    store,
    listener,
    async stop() {
      const closed = listener.close({ graceMs: 0 });
      await server.drain();
      await closed;
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
