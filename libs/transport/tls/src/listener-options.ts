/** What a listener is told, and what it offers. */
import type { TLSSocket } from 'node:tls';
import type { BlockConnection } from '@polyplex/protocol-common';
import type { CounterFamily, Histogram } from '@polyplex/telemetry';
import type { UpgradeRequest } from './accept-web-socket.ts';
import type { RejectReason } from './admission.ts';
import type { Credentials, PemCredentials } from './credentials.ts';
import type { PortCounts } from './port-counts.ts';
import type { AcceptOptions } from './secure-listener.ts';
import type { BoundEndpointOf, EndpointOf } from './tcp-endpoint.ts';

/**
 * `smp`: SMP only, SNI is ignored. `shared`: SMP without SNI, HTTPS with it; SMP only while there are no web
 * credentials. `websocket`: SMP over WebSockets with the SMP certificate (SMP §2.7).
 */
export type EndpointKind = 'smp' | 'shared' | 'websocket';

export type Endpoint = EndpointOf<EndpointKind>;
export type BoundEndpoint = BoundEndpointOf<EndpointKind>;

export interface ListenerCredentials {
  readonly smp: Credentials;
  /** For clients of `shared` endpoints that send SNI. */
  readonly web?: PemCredentials;
}

export interface ListenTlsOptions extends AcceptOptions {
  /** At least one; limits and connections are common to all. */
  readonly endpoints: readonly Endpoint[];
  readonly credentials: ListenerCredentials;
  /** A new SMP connection, over TLS or a WebSocket; blocks wait until it is started. */
  readonly onConnection: (connection: BlockConnection) => void;
  /** A client of a shared endpoint that sent SNI; for Node's HTTP server: `(socket) => server.emit('connection', socket)`. */
  readonly onHttps?: (socket: TLSSocket) => void;
  /** Default true: ask for a client certificate, which services present (SMP §2.1). */
  readonly requestClientCertificate?: boolean;
  /** Bound on a whole HTTPS connection that has not become a WebSocket; default 120 s. */
  readonly httpsTimeoutMs?: number;
  /** See `ConnectionOptions`; default 60 s. */
  readonly writeTimeoutMs?: number;
  /** True: records of TLS 1.3 are done here and not by OpenSSL, which spares most of the memory of a connection; see README. */
  readonly ownRecords?: boolean;
  /** See `ConnectionOptions`; default 16384. */
  readonly blockBytes?: number;
  /** ALPN names under which the block protocol is spoken; default those of SMP (SMP §2.2). */
  readonly protocols?: readonly string[];
}

export interface TlsListener {
  /** With the ports really bound, in the order given. */
  readonly endpoints: readonly BoundEndpoint[];
  /** Open SMP connections. */
  readonly connections: ReadonlySet<BlockConnection>;
  readonly rejected: CounterFamily<RejectReason>;
  /** Sockets of all kinds and states, and those of them still in handshake. */
  readonly sockets: { readonly open: number; readonly handshakes: number };
  /** In the order of the endpoints. */
  readonly ports: readonly PortCounts[];
  /** TLS handshakes that succeeded; seconds. */
  readonly handshakeSeconds: Histogram;
  /** New handshakes use these; connections stay as they are. Throws, changing nothing, when OpenSSL refuses them. */
  setCredentials(credentials: ListenerCredentials): void;
  /** For the HTTP server behind `onHttps`: an `upgrade` at `/` on a socket of this listener becomes a connection. */
  upgrade(upgrade: UpgradeRequest): void;
  /**
   * Stops accepting, then closes connections spread over `graceMs` (default 0: at once); resolves when all sockets are
   * gone, at the latest some seconds after the grace.
   */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}
