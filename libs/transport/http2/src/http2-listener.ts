/**
 * The server's end of HTTP/2 over TLS (XFTP §2.1): which certificate and which ALPN protocol a client gets. Clients that
 * send SNI are shown the web certificate, where there is one; all others the server's own chain.
 */
import { type Clock, systemClock } from '@polyplex/base';
import type { HttpConnection } from '@polyplex/protocol-common';
import type { CounterFamily, Histogram } from '@polyplex/telemetry';
import {
  type AcceptOptions, type BoundEndpointOf, ConnectionSet, createTlsEngine, type Credentials, HANDSHAKE_TIMEOUT_MS, type PemCredentials,
  type PortCounts, type RejectReason, SecureListener, type SecuredSocket, type TlsEngine,
} from '@polyplex/transport-tls';
import { DEFAULT_HTTP_LIMITS, type HttpLimits } from './http-limits.ts';
import { RequestLimits } from './request-limits.ts';
import { ServerConnection } from './server-connection.ts';

export interface HttpCredentials {
  /** The chain that native clients know the server by. */
  readonly xftp: Credentials;
  /** For clients that send SNI; without it they are treated as all others. */
  readonly web?: PemCredentials;
}

export interface ListenHttp2Options extends AcceptOptions {
  /** At least one; limits and connections are common to all. Port 0 chooses a free one. */
  readonly endpoints: readonly { readonly host?: string; readonly port: number }[];
  readonly credentials: HttpCredentials;
  /** A new connection; requests wait until it is started. */
  readonly onConnection: (connection: HttpConnection) => void;
  readonly http?: Partial<HttpLimits>;
}

export interface Http2Listener {
  /** With the ports really bound, in the order given. */
  readonly endpoints: readonly BoundEndpointOf<'xftp'>[];
  readonly connections: ReadonlySet<HttpConnection>;
  readonly rejected: CounterFamily<RejectReason>;
  /** Sockets of all states, and those of them still in handshake. */
  readonly sockets: { readonly open: number; readonly handshakes: number };
  /** In the order of the endpoints. */
  readonly ports: readonly PortCounts[];
  /** TLS handshakes that succeeded; seconds. */
  readonly handshakeSeconds: Histogram;
  /** Requests under way over all connections. */
  readonly requests: number;
  /** New handshakes use these; connections stay as they are. Throws, changing nothing, when OpenSSL refuses them. */
  setCredentials(credentials: HttpCredentials): void;
  /**
   * Stops accepting, then closes connections spread over `graceMs` (default 0: at once), each when its requests have ended;
   * resolves when all sockets are gone, at the latest some seconds after the grace.
   */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

/** In the order of the server's preference. */
const PROTOCOLS: readonly string[] = ['xftp/1', 'h2', 'http/1.1'];

/** Opens all endpoints, or none: rejects with the system's error when one cannot be bound. */
export async function listenHttp2(options: ListenHttp2Options): Promise<Http2Listener> {
  const listener = new Listener(options);
  await listener.open();
  return listener;
}

class Listener implements Http2Listener {
  readonly #options: ListenHttp2Options;
  readonly #clock: Clock;
  readonly #secure: SecureListener<'xftp'>;
  readonly #connections = new ConnectionSet<HttpConnection>();
  readonly #requests: RequestLimits;
  readonly #connectionOptions;
  #engine: TlsEngine;

  constructor(options: ListenHttp2Options) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const limits = { ...DEFAULT_HTTP_LIMITS, ...options.http };
    this.#requests = new RequestLimits(limits);
    this.#connectionOptions = {
      clock: this.#clock,
      limits,
      requests: this.#requests,
      onClosed: (connection: HttpConnection) => this.#connections.delete(connection),
    };
    this.#engine = this.#createEngine(options.credentials);
    this.#secure = new SecureListener<'xftp'>({
      ...options,
      endpoints: options.endpoints.map((endpoint) => ({ ...endpoint, kind: 'xftp' })),
      engine: () => this.#engine,
      refuse: () => null,
      secured: (secured) => this.#connected(secured),
    });
  }

  get endpoints(): readonly BoundEndpointOf<'xftp'>[] {
    return this.#secure.endpoints;
  }

  get connections(): ReadonlySet<HttpConnection> {
    return this.#connections.open;
  }

  get rejected(): CounterFamily<RejectReason> {
    return this.#secure.rejected;
  }

  get sockets(): Http2Listener['sockets'] {
    return this.#secure.sockets;
  }

  get ports(): readonly PortCounts[] {
    return this.#secure.ports;
  }

  get handshakeSeconds(): Histogram {
    return this.#secure.handshakeSeconds;
  }

  get requests(): number {
    return this.#requests.active;
  }

  open(): Promise<void> {
    return this.#secure.open();
  }

  setCredentials(credentials: HttpCredentials): void {
    this.#engine = this.#createEngine(credentials);
  }

  close({ graceMs = 0 }: { readonly graceMs?: number } = {}): Promise<void> {
    return this.#secure.close(() => this.#connections.drain(graceMs, this.#clock));
  }

  #createEngine({ xftp, web }: HttpCredentials): TlsEngine {
    return createTlsEngine({
      credentials: xftp,
      web: web ?? null,
      requestClientCertificate: false,
      handshakeTimeoutMs: this.#options.handshakeTimeoutMs ?? HANDSHAKE_TIMEOUT_MS,
      chooseProtocol: (offered) => PROTOCOLS.find((name) => offered.includes(name)),
    });
  }

  #connected({ socket, facts, web }: SecuredSocket<'xftp'>): void {
    const connection = new ServerConnection(socket, { ...facts, web }, this.#connectionOptions);
    this.#connections.add(connection);
    this.#options.onConnection(connection);
  }
}
