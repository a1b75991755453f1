/**
 * What HTTP/2 may cost (XFTP §2.3). Windows are chosen for throughput over long lines, and bound what one stream can make
 * the other end hold: Node gives a connection's window back at once, so streams times their window is the bound of a
 * connection, and requests in all times that of a listener.
 */
import { type ServerSessionOptions, type ClientSessionOptions } from 'node:http2';
import { MINUTE, SECOND } from '@polyplex/base';

export interface HttpLimits {
  /** Requests at once: in one connection, in all of a listener, and of these from one client address. */
  readonly requestsPerConnection: number;
  readonly requests: number;
  readonly requestsPerAddress: number;
  /** A connection whose first request does not come in this time is closed. */
  readonly firstRequestTimeoutMs: number;
  /** A stream on which the client sends nothing that is waited for, or takes nothing, for this long is reset. */
  readonly stallTimeoutMs: number;
  /** For a whole response, however slowly it is taken. */
  readonly sendTimeoutMs: number;
  /** What is thrown away of a body that nobody reads: so much, for so long. */
  readonly discardBytes: number;
  readonly discardTimeoutMs: number;
  /** Pings, settings and requests given up: so many at once, and so many a second after that; then the connection is closed. */
  readonly wasteBurst: number;
  readonly wastePerSecond: number;
}

export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  requestsPerConnection: 64,
  requests: 4096,
  requestsPerAddress: 1024,
  firstRequestTimeoutMs: 30 * SECOND,
  stallTimeoutMs: 60 * SECOND,
  sendTimeoutMs: 30 * MINUTE,
  // The largest chunk, twice.
  discardBytes: 8 * 1024 * 1024,
  discardTimeoutMs: 5 * MINUTE,
  wasteBurst: 500,
  wastePerSecond: 20,
};

/** 100 ms away a stream brings 5 MiB a second through this. */
const STREAM_WINDOW_BYTES = 512 * 1024;
export const CONNECTION_WINDOW_BYTES = 4 * 1024 * 1024;
const HEADER_LIST_BYTES = 16_384;
const HEADERS = 100;

export function serverSessionOptions({ requestsPerConnection }: HttpLimits): ServerSessionOptions {
  return {
    settings: {
      initialWindowSize: STREAM_WINDOW_BYTES,
      maxConcurrentStreams: requestsPerConnection,
      maxHeaderListSize: HEADER_LIST_BYTES,
      enablePush: false,
    },
    maxHeaderListPairs: HEADERS,
    maxSettings: 16,
    // Streams refused beyond the limit, and frames that are no HTTP/2, before Node ends the session.
    maxSessionRejectedStreams: 100,
    maxSessionInvalidFrames: 100,
    streamResetBurst: 500,
    streamResetRate: 20,
  };
}

export const CLIENT_SESSION_OPTIONS: ClientSessionOptions = {
  settings: { initialWindowSize: STREAM_WINDOW_BYTES, maxHeaderListSize: HEADER_LIST_BYTES, enablePush: false },
  maxHeaderListPairs: HEADERS,
};
