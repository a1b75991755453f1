/**
 * The server's end of TLS (SMP §2, design §4): what becomes of secured sockets. On a port shared with HTTPS a client that
 * sends SNI gets the web certificate and goes to `onHttps`; everyone else is SMP, whatever ALPN says (§2.2, §2.7).
 */
import type { TLSSocket } from 'node:tls';
import { type Clock, SECOND, systemClock } from '@polyplex/base';
import { validateChain } from '@polyplex/crypto';
import type { BlockConnection, ConnectionFacts } from '@polyplex/protocol-common';
import { acceptWebSocket, type UpgradeRequest } from './accept-web-socket.ts';
import { ConnectionSet } from './connection-set.ts';
import type { PemCredentials } from './credentials.ts';
import { HttpsSockets } from './https-sockets.ts';
import type { BoundEndpoint, EndpointKind, ListenerCredentials, ListenTlsOptions, TlsListener } from './listener-options.ts';
import { RecordConnection } from './records/record-connection.ts';
import { HANDSHAKE_TIMEOUT_MS, type RecordsTaker, type SecuredSocket, SecureListener } from './secure-listener.ts';
import { TlsConnection } from './tls-connection.ts';
import { createTlsEngine, type TlsEngine } from './tls-engine.ts';
import { chooseProtocol } from './tls-parameters.ts';

const HTTPS_TIMEOUT_MS = 120 * SECOND;

/** Opens all endpoints, or none: rejects with the system's error when one cannot be bound. */
export async function listenTls(options: ListenTlsOptions): Promise<TlsListener> {
  const listener = new Listener(options);
  await listener.open();
  return listener;
}

/** The TLS of one set of credentials. */
interface Engines {
  readonly strict: TlsEngine;
  /** Null without web credentials: then shared endpoints are strict ones. */
  readonly wide: TlsEngine | null;
}

class Listener implements TlsListener {
  readonly #options: ListenTlsOptions;
  readonly #clock: Clock;
  readonly #secure: SecureListener<EndpointKind>;
  readonly #connections = new ConnectionSet<BlockConnection>();
  readonly #https: HttpsSockets;
  readonly #connectionOptions;
  #engines: Engines;

  constructor(options: ListenTlsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#https = new HttpsSockets(this.#clock, options.httpsTimeoutMs ?? HTTPS_TIMEOUT_MS);
    this.#connectionOptions = {
      clock: this.#clock,
      onClosed: (connection: BlockConnection) => this.#connections.delete(connection),
      blockBytes: options.blockBytes,
      ...(options.writeTimeoutMs === undefined ? {} : { writeTimeoutMs: options.writeTimeoutMs }),
    };
    this.#engines = this.#createEngines(options.credentials);
    this.#secure = new SecureListener({
      ...options,
      engine: (kind) => (kind === 'shared' ? (this.#engines.wide ?? this.#engines.strict) : this.#engines.strict),
      // Certificates of a browser are not ours to judge; they are asked for because OpenSSL asks before it knows the SNI.
      refuse: ({ facts, web }) => (web || this.#isValidClientChain(facts.peerChain) ? null : 'client-certificate'),
      secured: (secured) => this.#handOver(secured),
      ...(options.ownRecords === true ? { records: this.#records } : {}),
    });
  }

  /** Browsers, WebSockets and TLS 1.2 stay with Node. */
  get #records(): RecordsTaker<EndpointKind> {
    return {
      wants: (kind) => kind !== 'websocket',
      secured: (socket, facts) => this.#connected(new RecordConnection(socket, facts, this.#connectionOptions)),
    };
  }

  get endpoints(): readonly BoundEndpoint[] {
    return this.#secure.endpoints;
  }

  get rejected(): TlsListener['rejected'] {
    return this.#secure.rejected;
  }

  get connections(): ReadonlySet<BlockConnection> {
    return this.#connections.open;
  }

  get sockets(): TlsListener['sockets'] {
    return this.#secure.sockets;
  }

  get ports(): TlsListener['ports'] {
    return this.#secure.ports;
  }

  get handshakeSeconds(): TlsListener['handshakeSeconds'] {
    return this.#secure.handshakeSeconds;
  }

  open(): Promise<void> {
    return this.#secure.open();
  }

  setCredentials(credentials: ListenerCredentials): void {
    this.#engines = this.#createEngines(credentials);
  }

  upgrade(upgrade: UpgradeRequest): void {
    const facts = this.#https.factsOf(upgrade.socket);
    if (facts === null) {
      upgrade.socket.destroy();
      return;
    }
    acceptWebSocket(upgrade, facts, this.#connectionOptions, (connection) => {
      this.#https.upgraded(upgrade.socket);
      this.#connected(connection);
    });
  }

  close({ graceMs = 0 }: { readonly graceMs?: number } = {}): Promise<void> {
    return this.#secure.close(() => this.#connections.drain(graceMs, this.#clock));
  }

  #createEngines({ smp, web }: ListenerCredentials): Engines {
    const create = (webCredentials: PemCredentials | null): TlsEngine =>
      createTlsEngine({
        credentials: smp,
        web: webCredentials,
        requestClientCertificate: this.#options.requestClientCertificate ?? true,
        handshakeTimeoutMs: this.#options.handshakeTimeoutMs ?? HANDSHAKE_TIMEOUT_MS,
        chooseProtocol: (offered, https) => chooseProtocol(offered, https, this.#options.protocols),
      });
    return { strict: create(null), wide: web === undefined ? null : create(web) };
  }

  #handOver({ socket, facts, kind, web }: SecuredSocket<EndpointKind>): void {
    if (web) this.#toHttps(socket, facts);
    else if (kind === 'websocket') this.#https.addForUpgrade(socket, facts, (upgrade) => this.upgrade(upgrade));
    else this.#connected(new TlsConnection(socket, facts, this.#connectionOptions));
  }

  #toHttps(socket: TLSSocket, facts: ConnectionFacts): void {
    if (this.#options.onHttps === undefined) {
      socket.destroy();
      return;
    }
    this.#https.add(socket, facts);
    this.#options.onHttps(socket);
  }

  #isValidClientChain(chain: readonly Uint8Array[]): boolean {
    return chain.length === 0 || validateChain(chain, { now: this.#clock.now(), allowSelfSigned: true }) === 'ok';
  }

  #connected(connection: BlockConnection): void {
    this.#connections.add(connection);
    this.#options.onConnection(connection);
  }
}
