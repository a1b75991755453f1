/**
 * Requests to one public server (a push service), over a few connections that are kept: HTTP/2, or HTTP/1.1 where the
 * server has no other. A request that the server certainly did not look at is made again elsewhere, and so is, once, one on a
 * connection that may have died unnoticed; all else is the caller's to judge.
 */
import { type Clock, SECOND, systemClock } from '@polyplex/base';
import { DialError, dialPublicTls, type PublicRoots, type SocksProxy } from '@polyplex/transport-tls';
import { openHttp1 } from './http1-connection.ts';
import { openHttp2 } from './http2-connection.ts';
import type { PublicConnection, PublicConnectionLimits, PublicHttpRequest, PublicHttpResponse } from './public-connection.ts';
import { fromDialError, PublicHttpError } from './public-http-error.ts';

export interface PublicHttpLimits extends PublicConnectionLimits {
  readonly connections: number;
  /** A connection without requests for so long is closed; 0: never. */
  readonly idleMs: number;
  readonly connectTimeoutMs: number;
}

export interface PublicHttpClientOptions {
  readonly host: string;
  readonly port: number;
  readonly roots: PublicRoots;
  /** Default `h2` and `http/1.1`. */
  readonly alpn?: readonly string[];
  /** Where the host's name may lead; default anywhere. */
  readonly allowAddress?: ((address: string) => boolean) | undefined;
  readonly socks?: SocksProxy | undefined;
  readonly limits?: Partial<PublicHttpLimits> | undefined;
  readonly clock?: Clock | undefined;
}

export interface PublicHttpClient {
  /** Resolves at the end of the answer; rejects with `PublicHttpError`. Both within twice the time to connect and that of a request. */
  request(request: PublicHttpRequest): Promise<PublicHttpResponse>;
  /** Further requests are made on new connections; those under way end where they are. */
  renew(): void;
  readonly connections: number;
  /** Requests that wait for an answer or for a connection. */
  readonly active: number;
  /** Closes all at once; requests reject with `CLOSED`. */
  close(): void;
}

export const DEFAULT_PUBLIC_HTTP_LIMITS: PublicHttpLimits = {
  streams: 1000,
  requestTimeoutMs: 25 * SECOND,
  responseBytes: 4096,
  pingMs: 20 * SECOND,
  connections: 2,
  idleMs: 60 * SECOND,
  connectTimeoutMs: 15 * SECOND,
};

/** A server that keeps refusing streams is given up on. */
const MAX_REPEATS = 3;

export function createPublicHttpClient(options: PublicHttpClientOptions): PublicHttpClient {
  return new Client(options);
}

interface Waiter {
  readonly resolve: (connection: PublicConnection) => void;
  readonly reject: (error: PublicHttpError) => void;
}

class Client implements PublicHttpClient {
  active = 0;
  readonly #options: PublicHttpClientOptions;
  readonly #limits: PublicHttpLimits;
  readonly #clock: Clock;
  readonly #pool = new Set<PublicConnection>();
  readonly #waiters = new Set<Waiter>();
  readonly #closing = new AbortController();
  #isConnecting = false;
  #stopIdle: (() => void) | null = null;

  constructor(options: PublicHttpClientOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_PUBLIC_HTTP_LIMITS, ...options.limits };
    this.#clock = options.clock ?? systemClock;
  }

  get connections(): number {
    return this.#pool.size;
  }

  async request(request: PublicHttpRequest): Promise<PublicHttpResponse> {
    this.active += 1;
    const lastRepeatAt = this.#clock.now() + this.#limits.connectTimeoutMs;
    try {
      for (let repeats = 0; ; repeats += 1) {
        const connection = await this.#connection();
        const wasUsed = connection.used > 0;
        try {
          return await connection.request(request);
        } catch (error) {
          if (this.#isClosed) throw closed();
          if (!isRepeatable(error, wasUsed) || repeats === MAX_REPEATS || this.#clock.now() > lastRepeatAt) throw error;
        }
      }
    } finally {
      this.active -= 1;
      this.#watchIdle();
    }
  }

  renew(): void {
    for (const connection of this.#pool) connection.retire();
    this.#sweep();
  }

  close(): void {
    this.#closing.abort();
    this.#stopIdle?.();
    for (const connection of this.#pool) connection.close();
    this.#pool.clear();
    this.#rejectAll(closed());
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** One with room, now or when there is one. */
  #connection(): Promise<PublicConnection> {
    if (this.#isClosed) return Promise.reject(closed());
    this.#stopIdle?.();
    this.#stopIdle = null;
    const found = this.#withRoom();
    if (found !== null && this.#waiters.size === 0) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        resolve: (connection) => { this.#waiters.delete(waiter); cancel(); resolve(connection); },
        reject: (error) => { this.#waiters.delete(waiter); cancel(); reject(error); },
      };
      const cancel = this.#clock.after(this.#limits.connectTimeoutMs, () => waiter.reject(new PublicHttpError('TIMEOUT', 'no connection was free in time')));
      this.#waiters.add(waiter);
      this.#serveNext();
    });
  }

  #withRoom(): PublicConnection | null {
    for (const connection of this.#pool) if (connection.hasRoom) return connection;
    return null;
  }

  /** Called whenever a connection changed: the next one who waits gets room where there is some, or a new connection. */
  #serveNext(): void {
    this.#sweep();
    const [waiter] = this.#waiters;
    if (waiter === undefined) return;
    const connection = this.#withRoom();
    if (connection !== null) {
      waiter.resolve(connection);
      // The request takes its place in the connection first.
      queueMicrotask(() => queueMicrotask(() => this.#serveNext()));
    } else if (!this.#isConnecting && this.#mayConnect) {
      void this.#connect();
    }
  }

  /** Those that take no more requests may linger beside the new ones, for as long as a request may take. */
  get #mayConnect(): boolean {
    let open = 0;
    for (const connection of this.#pool) if (connection.open) open += 1;
    return open < this.#limits.connections && this.#pool.size < 2 * this.#limits.connections;
  }

  async #connect(): Promise<void> {
    this.#isConnecting = true;
    let failure: PublicHttpError | null = null;
    try {
      const connection = await this.#open();
      if (this.#isClosed) return connection.close();
      this.#pool.add(connection);
    } catch (error) {
      failure = error instanceof DialError ? fromDialError(error) : new PublicHttpError('BROKEN', 'the connection failed', { cause: error });
    } finally {
      this.#isConnecting = false;
    }
    // While another connection lives it serves those who wait.
    this.#sweep();
    if (failure !== null && this.#pool.size === 0) return this.#rejectAll(failure);
    if (failure === null) this.#serveNext();
  }

  async #open(): Promise<PublicConnection> {
    const { host, port, roots, allowAddress, socks, alpn = ['h2', 'http/1.1'] } = this.#options;
    const socket = await dialPublicTls({
      host, port, roots, alpn, allowAddress, socks, connectTimeoutMs: this.#limits.connectTimeoutMs, signal: this.#closing.signal, clock: this.#clock,
    });
    const settings = { limits: this.#limits, clock: this.#clock, changed: () => this.#serveNext() };
    const authority = port === 443 ? host : `${host}:${port}`;
    // A server without ALPN where only HTTP/2 is asked for speaks it by prior knowledge.
    return socket.alpnProtocol === 'h2' || !alpn.includes('http/1.1') ? openHttp2(socket, authority, settings) : openHttp1(socket, authority, settings);
  }

  #sweep(): void {
    for (const connection of this.#pool) if (!connection.open && connection.active === 0) this.#pool.delete(connection);
  }

  #rejectAll(error: PublicHttpError): void {
    for (const waiter of [...this.#waiters]) waiter.reject(error);
  }

  #watchIdle(): void {
    if (this.active > 0 || this.#isClosed || this.#limits.idleMs === 0) return;
    this.#stopIdle?.();
    this.#stopIdle = this.#clock.after(this.#limits.idleMs, () => this.renew());
  }
}

/** A connection that was used before may have been closed by the other end while the request was on its way. */
function isRepeatable(error: unknown, wasUsed: boolean): boolean {
  if (!(error instanceof PublicHttpError)) return false;
  return error.code === 'UNPROCESSED' || (error.code === 'BROKEN' && wasUsed);
}

const closed = (): PublicHttpError => new PublicHttpError('CLOSED', 'the client was closed');
