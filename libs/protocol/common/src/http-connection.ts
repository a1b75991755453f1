/**
 * An HTTP/2 connection as a server sees it: requests whose bodies come and go in pieces, never a socket. Transports make
 * it; tests make it in memory.
 */
import type { CloseReason, ConnectionFacts } from './connection.ts';

export interface HttpFacts extends ConnectionFacts {
  /** The client sent SNI and was shown the web certificate, so that a browser may be at the other end. */
  readonly web: boolean;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HttpRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /**
   * The body as it comes; what is not asked for is not read from the client. Ends early with an error when the stream
   * breaks. A piece belongs to the reader. Left before its end, the rest is thrown away as it comes.
   */
  readonly body: AsyncIterable<Uint8Array>;
  /** Aborted when the stream or the connection breaks before the response was sent whole. */
  readonly broken: AbortSignal;
  /**
   * Answers, once; resolves when all was handed to the system or the stream broke, and rejects only with an error of
   * `pieces`, after which the client sees a broken stream. A piece is asked for when the one before has been handed to the
   * system, and its memory is not needed any more.
   */
  respond(response: HttpResponse, pieces?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void>;
}

export interface HttpHandlers {
  /** Requests of one connection may overlap. Rejections close the stream with an internal error. */
  request(request: HttpRequest): Promise<void>;
  /** Called exactly once, after which no request comes. */
  closed(reason: CloseReason): void;
}

export interface HttpConnection extends HttpFacts {
  /** Begins to serve; called once. */
  start(handlers: HttpHandlers): void;
  /** Requests under way. */
  readonly active: number;
  /** No new requests; closes when those under way have ended. */
  close(reason: CloseReason): void;
  /** Closes at once. */
  destroy(reason: CloseReason): void;
}
