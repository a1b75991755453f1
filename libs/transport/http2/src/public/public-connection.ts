/** A connection to a public server, whichever version of HTTP it speaks: what the pool of a `PublicHttpClient` needs of it. */
import type { Clock } from '@polyplex/base';

export interface PublicHttpRequest {
  readonly method: string;
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface PublicHttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Cut off at the client's bound: what is longer is not read. */
  readonly body: Uint8Array;
}

export interface PublicConnection {
  /** False: it takes no more requests; those under way may still end. */
  readonly open: boolean;
  /** Whether one more request may be made now. */
  readonly hasRoom: boolean;
  readonly active: number;
  /** Requests made so far. A connection that was used before may have died unnoticed. */
  readonly used: number;
  /** Rejects with `PublicHttpError`. */
  request(request: PublicHttpRequest): Promise<PublicHttpResponse>;
  /** Takes no more requests and closes when those under way have ended. */
  retire(): void;
  /** Closes at once. */
  close(): void;
}

export interface PublicConnectionLimits {
  /** Requests at once; the server may want fewer. */
  readonly streams: number;
  readonly requestTimeoutMs: number;
  readonly responseBytes: number;
  /** A connection from which nothing came for so long is asked for a sign of life; without one by the next look it is closed. */
  readonly pingMs: number;
}

export interface PublicConnectionSettings {
  readonly limits: PublicConnectionLimits;
  readonly clock: Clock;
  /** It has room again, or is gone. */
  readonly changed: () => void;
}
