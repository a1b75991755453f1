/**
 * Accepts SMP connections over TLS (SMP §2), on any number of ports. Order of events for each socket:
 *
 *   accept → limits → [PROXY header] → limit by address → TLS handshake → client chain checked → connection
 *
 * Whatever fails on the way closes the socket and counts under one reason. On a port shared with HTTPS a client that
 * sends SNI gets the web certificate and goes to `onHttps`; everyone else is SMP, whatever ALPN says (§2.2, §2.7).
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type Clock, SECOND, systemClock } from '@polyplex/base';
import { validateChain } from '@polyplex/crypto';
import type { BlockConnection, ConnectionFacts } from '@polyplex/protocol-common';
import { CounterFamily } from '@polyplex/telemetry';
import { acceptWebSocket, type UpgradeRequest } from './accept-web-socket.ts';
import { type Admission, AdmissionControl, DEFAULT_LIMITS, type RejectReason } from './admission.ts';
import { serverFacts } from './connection-facts.ts';
import { ConnectionSet } from './connection-set.ts';
import type { Credentials } from './credentials.ts';
import { HttpsSockets } from './https-sockets.ts';
import { addressKeyOf } from './ip-address.ts';
import type { BoundEndpoint, Endpoint, EndpointKind, ListenerCredentials, ListenTlsOptions, TlsListener } from './listener-options.ts';
import { readProxyHeader, trustedPeers } from './read-proxy-header.ts';
import { closeTcp, listenTcp, type TcpEndpoint } from './tcp-endpoint.ts';
import { TlsConnection } from './tls-connection.ts';
import { createTlsEngine, sentSni } from './tls-engine.ts';

const HANDSHAKE_TIMEOUT_MS = 10 * SECOND;
const HTTPS_TIMEOUT_MS = 120 * SECOND;

/** Opens all endpoints, or none: rejects with the system's error when one cannot be bound. */
export async function listenTls(options: ListenTlsOptions): Promise<TlsListener> {
  const listener = new Listener(options);
  await listener.open();
  return listener;
}

/** A socket between accept and the end of its handshake. */
interface Pending {
  readonly raw: Socket;
  readonly kind: Endpoint['kind'];
  readonly admission: Admission;
  readonly engines: Engines;
}

/** The TLS servers of one set of credentials. */
interface Engines {
  readonly credentials: Credentials;
  readonly strict: ReturnType<typeof createTlsEngine>;
  /** Null without web credentials: then shared endpoints are strict ones. */
  readonly wide: ReturnType<typeof createTlsEngine> | null;
}

class Listener implements TlsListener {
  readonly rejected: CounterFamily<RejectReason>;
  endpoints: readonly BoundEndpoint[] = [];
  readonly #options: ListenTlsOptions;
  readonly #clock: Clock;
  readonly #handshakeTimeoutMs: number;
  readonly #admission: AdmissionControl;
  readonly #connections = new ConnectionSet();
  readonly #https: HttpsSockets;
  readonly #isTrustedProxy: (address: string | undefined) => boolean;
  readonly #connectionOptions;
  /** By the addresses of both ends: what a socket and the TLS socket around it have in common. */
  readonly #pending = new Map<string, Pending>();
  readonly #sockets = new Set<Socket>();
  #engines: Engines;
  #tcp: readonly TcpEndpoint[] = [];
  #accepting = true;

  constructor(options: ListenTlsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#handshakeTimeoutMs = options.handshakeTimeoutMs ?? HANDSHAKE_TIMEOUT_MS;
    this.rejected = options.rejected ?? new CounterFamily<RejectReason>();
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#admission = new AdmissionControl(limits, this.rejected, () => this.#clock.now());
    this.#https = new HttpsSockets(this.#clock, options.httpsTimeoutMs ?? HTTPS_TIMEOUT_MS);
    this.#isTrustedProxy = options.proxyProtocol === true ? trustedPeers(options.trustedProxies ?? []) : () => false;
    this.#connectionOptions = {
      clock: this.#clock,
      onClosed: (connection: BlockConnection) => this.#connections.delete(connection),
      ...(options.writeTimeoutMs === undefined ? {} : { writeTimeoutMs: options.writeTimeoutMs }),
    };
    this.#engines = this.#createEngines(options.credentials);
  }

  get connections(): ReadonlySet<BlockConnection> {
    return this.#connections.open;
  }

  get sockets(): TlsListener['sockets'] {
    return { open: this.#admission.connections, handshakes: this.#admission.handshakes };
  }

  async open(): Promise<void> {
    const bound: TcpEndpoint[] = [];
    this.#tcp = bound;
    try {
      for (const endpoint of this.#options.endpoints) {
        bound.push(await listenTcp(endpoint, this.#options, (socket) => this.#accept(socket, endpoint.kind)));
      }
    } catch (error) {
      await this.close();
      throw error;
    }
    this.endpoints = bound.map((each) => each.bound);
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

  async close({ graceMs = 0 }: { readonly graceMs?: number } = {}): Promise<void> {
    this.#accepting = false;
    const closed = Promise.all(this.#tcp.map(closeTcp));
    for (const { raw } of this.#pending.values()) raw.destroy();
    await this.#connections.drain(graceMs, this.#clock);
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #createEngines(credentials: ListenerCredentials): Engines {
    const create = (web: ListenerCredentials['web'] | null): Engines['strict'] =>
      createTlsEngine({
        credentials: credentials.smp,
        web: web ?? null,
        requestClientCertificate: this.#options.requestClientCertificate ?? true,
        handshakeTimeoutMs: this.#handshakeTimeoutMs,
        secured: (socket) => this.#secured(socket),
        failed: (error, socket) => this.#failed(error, socket),
      });
    const wide = credentials.web === undefined ? null : create(credentials.web);
    return { credentials: credentials.smp, strict: create(null), wide };
  }

  #accept(socket: Socket, kind: Endpoint['kind']): void {
    socket.on('error', ignoreError);
    const admission = this.#accepting ? this.#admission.enter() : null;
    if (admission === null) {
      socket.resetAndDestroy();
      return;
    }
    this.#sockets.add(socket);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      admission.release();
    });
    if (this.#isTrustedProxy(socket.remoteAddress)) this.#readProxyHeader(socket, kind, admission);
    else this.#admit(socket, kind, admission, socket.remoteAddress);
  }

  #readProxyHeader(socket: Socket, kind: Endpoint['kind'], admission: Admission): void {
    const cancel = this.#clock.after(this.#handshakeTimeoutMs, () => {
      admission.reject('timeout');
      socket.destroy();
    });
    socket.on('close', cancel);
    readProxyHeader(socket, (result) => {
      cancel();
      if (result === 'malformed') {
        admission.reject('proxy');
        socket.destroy();
        return;
      }
      this.#admit(socket, kind, admission, result.address ?? socket.remoteAddress);
    });
  }

  #admit(raw: Socket, kind: Endpoint['kind'], admission: Admission, address: string | undefined): void {
    if (!admission.admitAddress(addressKeyOf(address))) {
      raw.resetAndDestroy();
      return;
    }
    const key = endsOf(raw);
    if (key === null || raw.destroyed) {
      raw.destroy();
      return;
    }
    const engines = this.#engines;
    this.#pending.set(key, { raw, kind, admission, engines });
    raw.on('close', () => {
      if (this.#pending.get(key)?.raw === raw) this.#pending.delete(key);
    });
    const engine = kind === 'shared' ? (engines.wide ?? engines.strict) : engines.strict;
    engine.emit('connection', raw);
  }

  #failed(error: NodeJS.ErrnoException, socket: TLSSocket): void {
    const pending = this.#pending.get(endsOf(socket) ?? '');
    if (error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT') pending?.admission.reject('timeout');
    else if (error.code === 'ERR_SSL_NO_APPLICATION_PROTOCOL') pending?.admission.reject('alpn');
    socket.destroy();
  }

  #secured(socket: TLSSocket): void {
    const key = endsOf(socket) ?? '';
    const pending = this.#pending.get(key);
    if (pending === undefined) {
      socket.destroy();
      return;
    }
    const { admission, engines } = pending;
    const facts = serverFacts(socket, { ownChain: engines.credentials.chain, addressKey: admission.addressKey });
    if (facts === null) {
      socket.destroy();
      return;
    }
    const https = pending.kind === 'shared' && engines.wide !== null && sentSni(socket);
    // Certificates of a browser are not ours to judge; they are asked for because OpenSSL asks before it knows the SNI.
    if (!https && !this.#isValidClientChain(facts.peerChain)) {
      admission.reject('client-certificate');
      socket.destroy();
      return;
    }
    this.#pending.delete(key);
    admission.handshakeDone();
    this.#handOver(socket, facts, https ? 'https' : pending.kind);
  }

  #handOver(socket: TLSSocket, facts: ConnectionFacts, kind: EndpointKind | 'https'): void {
    if (kind === 'https') this.#toHttps(socket, facts);
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

/** Both ends of a socket; null when it has lost its other end already. */
function endsOf(socket: Socket): string | null {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  if (remoteAddress === undefined || remotePort === undefined) return null;
  return `${remoteAddress}|${remotePort}|${localAddress}|${localPort}`;
}

function ignoreError(): void {}
