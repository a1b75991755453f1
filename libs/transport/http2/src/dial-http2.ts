/**
 * The client's end of HTTP/2 over TLS (XFTP §2): no SNI, the server is known by the fingerprint of its identity
 * certificate, and HTTP/2 is spoken whatever ALPN says. The session id is that of the TLS handshake, which the server's
 * hello must repeat.
 */
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { SECOND, systemClock } from '@polyplex/base';
import type { CloseReason, ConnectionFacts } from '@polyplex/protocol-common';
import { dialSecure, type DialTlsOptions } from '@polyplex/transport-tls';
import { broken } from './http-stream-error.ts';
import { CLIENT_SESSION_OPTIONS, CONNECTION_WINDOW_BYTES, DEFAULT_HTTP_LIMITS, type HttpLimits } from './http-limits.ts';
import { cancelStream } from './reset-stream.ts';
import { type Pieces, sendPieces } from './send-pieces.ts';
import { StreamBody } from './stream-body.ts';

/** How a server is reached and known: as for `dialTls`, with `['xftp/1']` as the ALPN protocols where none are given. */
export interface DialHttp2Options extends Omit<DialTlsOptions, 'writeTimeoutMs' | 'onClosed' | 'credentials'> {
  /** Bounds in time on the requests of this connection. */
  readonly http?: Partial<Pick<HttpLimits, 'stallTimeoutMs' | 'sendTimeoutMs'>>;
}

export interface HttpClientRequest {
  /** Default POST. */
  readonly method?: string;
  /** Default `/`. */
  readonly path?: string;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default none. Pieces are asked for as the server takes them. */
  readonly body?: Uint8Array | Pieces;
  /** Breaks the request off, its response included. */
  readonly signal?: AbortSignal | undefined;
}

export interface HttpClientResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Read as it is asked for; throws `HttpStreamError` when it breaks or stalls. Left before its end, the rest is refused. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface HttpClientConnection extends ConnectionFacts {
  /**
   * Sends a request, which may overlap with others; resolves at the head of the response, which may come before the body
   * was sent whole. Rejects with `HttpStreamError`, with the reason of `signal`, or with an error of `body`.
   */
  request(request: HttpClientRequest): Promise<HttpClientResponse>;
  /** Resolves when the connection is gone; never rejects. */
  readonly closed: Promise<CloseReason>;
  /** Whether requests are still taken. */
  readonly open: boolean;
  /** Closes at once; requests under way break. */
  close(): void;
}

/** XFTP §2.1, native clients. */
const DEFAULT_ALPN: readonly string[] = ['xftp/1'];
/** A rest that is shorter is cheaper read than refused; no response is much longer than the largest chunk. */
const CLIENT_DISCARD = { discardBytes: 65_536, discardTimeoutMs: SECOND } as const;

/** Looked at twice, so that a request has at least this long without a byte moving. */
const SILENCE_AFTER_GOAWAY_MS = 5 * SECOND;

/** Connects; rejects with `DialError`. */
export function dialHttp2(options: DialHttp2Options): Promise<HttpClientConnection> {
  const { alpn = DEFAULT_ALPN } = options;
  return dialSecure({ ...options, alpn }, async ({ socket, facts }) => Promise.resolve(new ClientConnection(socket, facts, options)));
}

class ClientConnection implements HttpClientConnection {
  readonly sessionId: Uint8Array;
  readonly alpn: string | null;
  readonly peerChain: readonly Uint8Array[];
  readonly ownChain: readonly Uint8Array[];
  readonly addressKey: string;
  readonly closed: Promise<CloseReason>;
  readonly #session: ClientHttp2Session;
  readonly #socket: TLSSocket;
  readonly #limits: HttpLimits & { readonly clock: NonNullable<DialHttp2Options['clock']> };
  #reason: CloseReason = 'peer';

  constructor(socket: TLSSocket, facts: ConnectionFacts, { http, clock = systemClock }: DialHttp2Options) {
    this.sessionId = facts.sessionId;
    this.alpn = facts.alpn;
    this.peerChain = facts.peerChain;
    this.ownChain = facts.ownChain;
    this.addressKey = facts.addressKey;
    this.#socket = socket;
    this.#limits = { ...DEFAULT_HTTP_LIMITS, ...CLIENT_DISCARD, ...http, clock };
    const closed = Promise.withResolvers<CloseReason>();
    this.closed = closed.promise;
    socket.on('close', () => closed.resolve(this.#reason));
    socket.setNoDelay(true);
    // The authority is the name in every request; which server this is, TLS has settled.
    this.#session = connect('https://xftp', { ...CLIENT_SESSION_OPTIONS, createConnection: () => socket });
    this.#session.on('error', () => this.#end('error'));
    this.#session.on('close', () => socket.destroy());
    this.#session.on('goaway', () => this.#watchSilence());
    this.#session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
  }

  get open(): boolean {
    return !this.#session.closed && !this.#session.destroyed;
  }

  async request(request: HttpClientRequest): Promise<HttpClientResponse> {
    const { signal, body } = request;
    signal?.throwIfAborted();
    if (!this.open) throw broken();
    const stream = this.#session.request(
      { ...request.headers, ':method': request.method ?? 'POST', ':path': request.path ?? '/' },
      { endStream: body === undefined },
    );
    stream.on('error', ignoreError);
    const abort = (): void => cancelStream(stream);
    signal?.addEventListener('abort', abort, { once: true });
    stream.on('close', () => signal?.removeEventListener('abort', abort));
    try {
      return await this.#exchange(stream, body);
    } catch (error) {
      abort();
      signal?.throwIfAborted();
      throw error;
    }
  }

  close(): void {
    this.#end('local');
  }

  async #exchange(stream: ClientHttp2Stream, body: HttpClientRequest['body']): Promise<HttpClientResponse> {
    const head = Promise.withResolvers<HttpClientResponse>();
    stream.once('response', (headers) => {
      const { ':status': status = 0, ...rest } = headers;
      head.resolve({ status, headers: rest, body: new StreamBody(stream, this.#limits) });
    });
    stream.on('close', () => head.reject(broken()));
    // What the source throws is told; a server that answered early has broken the sending off, and that is no error.
    if (body !== undefined) sendPieces(stream, body instanceof Uint8Array ? [body] : body, this.#limits).catch(head.reject);
    const cancel = this.#limits.clock.after(this.#limits.sendTimeoutMs, () => cancelStream(stream));
    try {
      return await head.promise;
    } finally {
      cancel();
    }
  }

  /**
   * A server that goes lets requests end. Where it goes at once while we are writing, Node may neither finish the write nor
   * read on to the end of the connection: then no byte moves any more.
   */
  #watchSilence(): void {
    let before = -1;
    const cancel = this.#limits.clock.every(SILENCE_AFTER_GOAWAY_MS, () => {
      const moved = this.#socket.bytesRead + this.#socket.bytesWritten;
      if (moved === before) this.#end('timeout');
      before = moved;
    });
    this.#socket.on('close', cancel);
  }

  #end(reason: CloseReason): void {
    if (!this.#socket.destroyed) this.#reason = reason;
    this.#session.destroy();
    this.#socket.destroy();
  }
}

function ignoreError(): void {}
