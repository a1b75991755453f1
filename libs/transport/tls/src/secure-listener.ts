/**
 * From accepted sockets to secured ones, for whatever is spoken inside (SMP §2, XFTP §2.1): admission and limits, PROXY
 * protocol, TLS handshake. A socket that fails on the way is closed and counted under one reason; one that succeeds is
 * handed over with what its handshake says.
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type Clock, SECOND, systemClock } from '@polyplex/base';
import type { ConnectionFacts } from '@polyplex/protocol-common';
import { CounterFamily, Histogram } from '@polyplex/telemetry';
import { type Admission, AdmissionControl, type ConnectionLimits, DEFAULT_LIMITS, type RejectReason } from './admission.ts';
import { serverFacts } from './connection-facts.ts';
import { addressKeyOf } from './ip-address.ts';
import { PortCounter, type PortCounts } from './port-counts.ts';
import { readProxyHeader, trustedPeers } from './read-proxy-header.ts';
import { doHandshake } from './records/own-handshake.ts';
import { peekClientHello, suitsRecords } from './records/peek-client-hello.ts';
import type { RecordsSocket } from './records/record-connection.ts';
import { type BoundEndpointOf, closeTcp, type EndpointOf, listenTcp, type TcpEndpoint } from './tcp-endpoint.ts';
import { sentSni, type TlsEngine } from './tls-engine.ts';

export const HANDSHAKE_TIMEOUT_MS = 10 * SECOND;

/** What all listeners are told alike. */
export interface AcceptOptions {
  /** For the PROXY header and the TLS handshake each; default 10 s. */
  readonly handshakeTimeoutMs?: number;
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

/** A socket after its handshake. */
export interface SecuredSocket<K extends string> {
  readonly socket: TLSSocket;
  readonly facts: ConnectionFacts;
  readonly kind: K;
  /** The client sent SNI and was shown the web certificate. */
  readonly web: boolean;
}

export interface SecureListenerOptions<K extends string> extends AcceptOptions {
  /** At least one; limits are common to all. */
  readonly endpoints: readonly EndpointOf<K>[];
  /** The TLS for a new socket; asked each time, so that a reload serves new handshakes. */
  readonly engine: (kind: K) => TlsEngine;
  /** Why a secured socket is turned away after all; null when it is not. */
  readonly refuse: (secured: Omit<SecuredSocket<K>, 'socket'>) => RejectReason | null;
  readonly secured: (secured: SecuredSocket<K>) => void;
  /**
   * Given: takes clients of TLS 1.3 without SNI whose records are done here, once their handshake is over. Answers whether it
   * wants those of a kind.
   */
  readonly records?: RecordsTaker<K>;
}

export interface RecordsTaker<K extends string> {
  readonly wants: (kind: K) => boolean;
  readonly secured: (socket: RecordsSocket, facts: ConnectionFacts) => void;
}

/** A socket between accept and the end of its handshake. */
interface Pending<K extends string> {
  readonly raw: Socket;
  readonly kind: K;
  readonly admission: Admission;
  readonly engine: TlsEngine;
  readonly beganAt: number;
  /** For the socket's close; of no use after the handshake, and not held then. */
  readonly forget: () => void;
}

export class SecureListener<K extends string> {
  readonly rejected: CounterFamily<RejectReason>;
  /** TLS handshakes that succeeded, from their first byte at the earliest; seconds. */
  readonly handshakeSeconds = new Histogram();
  endpoints: readonly BoundEndpointOf<K>[] = [];
  readonly #options: SecureListenerOptions<K>;
  readonly #clock: Clock;
  readonly #handshakeTimeoutMs: number;
  readonly #admission: AdmissionControl;
  readonly #isTrustedProxy: (address: string | undefined) => boolean;
  /** By the addresses of both ends: what a socket and the TLS socket around it have in common. */
  readonly #pending = new Map<string, Pending<K>>();
  readonly #sockets = new Set<Socket>();
  readonly #wired = new WeakSet<TlsEngine>();
  readonly #ports: PortCounter[] = [];
  #tcp: readonly TcpEndpoint<K>[] = [];
  #accepting = true;

  constructor(options: SecureListenerOptions<K>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#handshakeTimeoutMs = options.handshakeTimeoutMs ?? HANDSHAKE_TIMEOUT_MS;
    this.rejected = options.rejected ?? new CounterFamily<RejectReason>();
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#admission = new AdmissionControl(limits, this.rejected, () => this.#clock.now());
    this.#isTrustedProxy = options.proxyProtocol === true ? trustedPeers(options.trustedProxies ?? []) : () => false;
  }

  get sockets(): { readonly open: number; readonly handshakes: number } {
    return { open: this.#admission.connections, handshakes: this.#admission.handshakes };
  }

  /** In the order of the endpoints. */
  get ports(): readonly PortCounts[] {
    return this.#ports;
  }

  /** Opens all endpoints, or none: rejects with the system's error when one cannot be bound. */
  async open(): Promise<void> {
    const bound: TcpEndpoint<K>[] = [];
    this.#tcp = bound;
    try {
      for (const endpoint of this.#options.endpoints) {
        const counter = new PortCounter();
        const tcp = await listenTcp(endpoint, this.#options, (socket) => {
          socket.on('close', counter.enter(socket));
          this.#accept(socket, endpoint.kind);
        });
        counter.port = tcp.bound.port;
        this.#ports.push(counter);
        bound.push(tcp);
      }
    } catch (error) {
      await this.close(() => Promise.resolve());
      throw error;
    }
    this.endpoints = bound.map((each) => each.bound);
  }

  /** Stops accepting, lets `drain` end what was handed over, then cuts off every socket that is left. */
  async close(drain: () => Promise<void>): Promise<void> {
    this.#accepting = false;
    const closed = Promise.all(this.#tcp.map(closeTcp));
    for (const { raw } of this.#pending.values()) raw.destroy();
    await drain();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #accept(socket: Socket, kind: K): void {
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

  #readProxyHeader(socket: Socket, kind: K, admission: Admission): void {
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

  #admit(raw: Socket, kind: K, admission: Admission, address: string | undefined): void {
    if (!admission.admitAddress(addressKeyOf(address))) {
      raw.resetAndDestroy();
      return;
    }
    const key = endsOf(raw);
    if (key === null || raw.destroyed) {
      raw.destroy();
      return;
    }
    const engine = this.#wire(this.#options.engine(kind));
    const forget = (): void => {
      if (this.#pending.get(key)?.raw === raw) this.#pending.delete(key);
    };
    const pending = { raw, kind, admission, engine, beganAt: performance.now(), forget };
    this.#pending.set(key, pending);
    raw.on('close', pending.forget);
    if (this.#options.records?.wants(kind) === true) this.#peek(pending, key, this.#options.records);
    else engine.server.emit('connection', raw);
  }

  /** Who does the records is decided by what the client offers. */
  #peek(pending: Pending<K>, key: string, taker: RecordsTaker<K>): void {
    const { raw, engine, admission } = pending;
    const timedOut = (): void => admission.reject('timeout');
    const cancel = this.#clock.after(this.#handshakeTimeoutMs, () => {
      timedOut();
      raw.destroy();
    });
    raw.on('close', cancel);
    peekClientHello(raw, (read, hello) => {
      raw.off('close', cancel);
      cancel();
      if (!suitsRecords(hello, engine.hasWeb)) {
        raw.unshift(read);
        engine.server.emit('connection', raw);
        return;
      }
      doHandshake({
        raw, read, engine, clock: this.#clock, timeoutMs: this.#handshakeTimeoutMs, timedOut,
        noProtocol: () => admission.reject('alpn'),
        done: (tls, socket) => {
          const facts = this.#finished(tls, pending, { key, web: false });
          if (facts === null) raw.destroy();
          else taker.secured(socket, facts);
        },
      });
    });
  }

  /** Hears of an engine's handshakes from its first socket on. */
  #wire(engine: TlsEngine): TlsEngine {
    if (this.#wired.has(engine)) return engine;
    this.#wired.add(engine);
    engine.server.on('secureConnection', (socket) => this.#secured(socket));
    engine.server.on('tlsClientError', (error, socket) => this.#failed(error, socket));
    return engine;
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
    const { engine, kind } = pending;
    const web = engine.hasWeb && sentSni(socket);
    const facts = this.#finished(socket, pending, { key, web });
    if (facts === null) socket.destroy();
    else this.#options.secured({ socket, facts, kind, web });
  }

  /** What a handshake that is done says; null when its client is turned away. */
  #finished(socket: TLSSocket, { raw, admission, engine, kind, beganAt, forget }: Pending<K>, { key, web }: { readonly key: string; readonly web: boolean }): ConnectionFacts | null {
    const facts = serverFacts(socket, { ownChain: engine.ownChain, addressKey: admission.addressKey });
    if (facts === null) return null;
    const refused = this.#options.refuse({ facts, kind, web });
    if (refused !== null) {
      admission.reject(refused);
      return null;
    }
    this.#pending.delete(key);
    raw.off('close', forget);
    admission.handshakeDone();
    this.handshakeSeconds.observe((performance.now() - beganAt) / SECOND);
    return facts;
  }
}

/** Both ends of a socket; null when it has lost its other end already. */
function endsOf(socket: Socket): string | null {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  if (remoteAddress === undefined || remotePort === undefined) return null;
  return `${remoteAddress}|${remotePort}|${localAddress}|${localPort}`;
}

function ignoreError(): void {}
