/** What a listener is told, and what it offers. */
import type { TLSSocket } from 'node:tls';
import type { Clock } from '@polyplex/base';
import type { BlockConnection } from '@polyplex/protocol-common';
import type { CounterFamily } from '@polyplex/telemetry';
import type { UpgradeRequest } from './accept-web-socket.ts';
import type { ConnectionLimits, RejectReason } from './admission.ts';
import type { Credentials, PemCredentials } from './credentials.ts';

/**
 * `smp`: SMP only, SNI is ignored. `shared`: SMP without SNI, HTTPS with it; SMP only while there are no web
 * credentials. `websocket`: SMP over WebSockets with the SMP certificate (SMP §2.7).
 */
export type EndpointKind = 'smp' | 'shared' | 'websocket';

export interface Endpoint {
  readonly kind: EndpointKind;
  /** Address to bind; default all, IPv6 and IPv4. */
  readonly host?: string;
  /** 0 chooses a free one. */
  readonly port: number;
}

export interface BoundEndpoint {
  readonly kind: EndpointKind;
  readonly host: string;
  readonly port: number;
}

export interface ListenerCredentials {
  readonly smp: Credentials;
  /** For clients of `shared` endpoints that send SNI. */
  readonly web?: PemCredentials;
}

export interface ListenTlsOptions {
  /** At least one; limits and connections are common to all. */
  readonly endpoints: readonly Endpoint[];
  readonly credentials: ListenerCredentials;
  /** A new SMP connection, over TLS or a WebSocket; blocks wait until it is started. */
  readonly onConnection: (connection: BlockConnection) => void;
  /** A client of a shared endpoint that sent SNI; for Node's HTTP server: `(socket) => server.emit('connection', socket)`. */
  readonly onHttps?: (socket: TLSSocket) => void;
  /** Default true: ask for a client certificate, which services present (SMP §2.1). */
  readonly requestClientCertificate?: boolean;
  /** For the PROXY header and the TLS handshake each; default 10 s. */
  readonly handshakeTimeoutMs?: number;
  /** Bound on a whole HTTPS connection that has not become a WebSocket; default 120 s. */
  readonly httpsTimeoutMs?: number;
  /** See `ConnectionOptions`; default 60 s. */
  readonly writeTimeoutMs?: number;
  /** TCP keep-alive after this much silence, so that vanished clients are noticed; default 120 s, 0 turns it off. */
  readonly keepAliveMs?: number;
  readonly limits?: Partial<ConnectionLimits>;
  /** True: connections from `trustedProxies` begin with a PROXY header, version 1 or 2. */
  readonly proxyProtocol?: boolean;
  /** Addresses or `address/bits` of load balancers; others are taken as clients themselves. */
  readonly trustedProxies?: readonly string[];
  /** Where rejected connections are counted; default a family of the listener's own. */
  readonly rejected?: CounterFamily<RejectReason>;
  /** Several processes on one port (SO_REUSEPORT). */
  readonly reusePort?: boolean;
  readonly clock?: Clock;
}

export interface TlsListener {
  /** With the ports really bound, in the order given. */
  readonly endpoints: readonly BoundEndpoint[];
  /** Open SMP connections. */
  readonly connections: ReadonlySet<BlockConnection>;
  readonly rejected: CounterFamily<RejectReason>;
  /** Sockets of all kinds and states, and those of them still in handshake. */
  readonly sockets: { readonly open: number; readonly handshakes: number };
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
