/** The client side of a push proxy for tests: real TLS on the loopback, over a store in memory unless another is given. */
import { type Clock, systemClock } from '@polyplex/base';
import { fingerprintOf } from '@polyplex/crypto';
import type { BlockConnection, ServerAddress } from '@polyplex/protocol-common';
import { NTF_BLOCK_BYTES } from '@polyplex/protocol-ntf';
import { createTokenModel } from '@polyplex/store-conformance/token-model';
import type { TokenStore } from '@polyplex/store-contract';
import { type Logger, silentLogger } from '@polyplex/telemetry';
import { type Credentials, issueCa, issueServerCertificate, listenTls, readCredentials, type TlsListener } from '@polyplex/transport-tls';
import { createNtfServer, DEFAULT_NTF_OPTIONS, type NtfServer, type NtfServerOptions, NtfStats } from '../../../src/index.ts';

export interface ProxyOptions {
  readonly options?: Partial<NtfServerOptions>;
  readonly algorithm?: 'ed25519' | 'ed448';
  readonly clock?: Clock;
  /** Default: one in memory. */
  readonly store?: TokenStore;
  /** What stands between the server and its store. */
  readonly around?: (store: TokenStore) => TokenStore;
  /** Default: errors are printed, so that what should not happen is seen. */
  readonly log?: Logger;
}

export interface TestProxy {
  readonly port: number;
  readonly webSocketPort: number;
  readonly fingerprint: Uint8Array;
  readonly address: ServerAddress;
  readonly credentials: Credentials;
  readonly store: TokenStore;
  readonly server: NtfServer;
  readonly stats: NtfStats;
  readonly listener: TlsListener;
  stop(): Promise<void>;
}

const printErrors: Logger = { ...silentLogger, error: (message, fields) => console.error(message, fields) };

export function issue(algorithm: 'ed25519' | 'ed448' = 'ed25519'): Credentials {
  const ca = issueCa({ algorithm });
  const leaf = issueServerCertificate({ ca, commonName: 'localhost', algorithm });
  const chained = leaf.certificate.split('BEGIN CERTIFICATE').length > 2 ? leaf.certificate : leaf.certificate + ca.certificate;
  return readCredentials({ certificatePem: chained, keyPem: leaf.key });
}

/** As `startProxy`, without a socket: for connections that a test makes. */
export function createProxy(credentials: Credentials, { options, clock = systemClock, store = createTokenModel(clock), around, log = printErrors }: ProxyOptions = {}) {
  const stats = new NtfStats(clock);
  const deps = { store: around?.(store) ?? store, clock, log, stats, credentials: () => credentials };
  const server = createNtfServer(deps, { ...DEFAULT_NTF_OPTIONS, providers: ['apns_dev', 'apns_prod', 'apns_test', 'apns_null', 'webpush'], drainMs: 0, ...options });
  return { store, stats, server };
}

export async function startProxy(parts: ProxyOptions = {}): Promise<TestProxy> {
  const credentials = issue(parts.algorithm);
  const proxy = createProxy(credentials, parts);
  const listener = await listenTls({
    endpoints: [{ kind: 'smp', port: 0, host: '127.0.0.1' }, { kind: 'websocket', port: 0, host: '127.0.0.1' }],
    credentials: { smp: credentials },
    blockBytes: NTF_BLOCK_BYTES,
    protocols: ['ntf/1', 'h2', 'http/1.1'],
    requestClientCertificate: false,
    onConnection: (connection: BlockConnection) => proxy.server.accept(connection),
  });
  const [tls, webSocket] = listener.endpoints;
  const fingerprint = fingerprintOf(credentials.chain)!;
  return {
    ...proxy,
    port: tls!.port,
    webSocketPort: webSocket!.port,
    fingerprint,
    address: { hosts: ['127.0.0.1'], port: String(tls!.port), keyHash: fingerprint },
    credentials,
    listener,
    async stop() {
      await listener.close();
      await proxy.server.drain();
      await proxy.store.close();
    },
  };
}
