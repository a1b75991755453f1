/**
 * A connection to a file server by `fetch` (XFTP §2.3): the browser speaks HTTP/2 and chooses the TLS connection, which
 * other tabs may share and which it may exchange at any time. So nothing is known of TLS here; when the connection is
 * another one, the server says so (SESSION), and the client shakes hands again.
 */
import { CodedError, equalBytes } from '@polyplex/base';
import type { XftpDial } from '@polyplex/client';
import { hostKind } from '@polyplex/protocol-common';
import { joinedBytes } from './joined-bytes.ts';

type HttpConnection = Awaited<ReturnType<XftpDial>>;
type HttpRequest = Parameters<HttpConnection['request']>[0];
type HttpResponse = Awaited<ReturnType<HttpConnection['request']>>;

/** Where a server is reached under another name than that in its address. */
export interface ServerOrigin {
  /** The fingerprint in the server's address. */
  readonly keyHash: Uint8Array;
  /** Such as `https://files.example.org:5443`. */
  readonly origin: string;
}

export interface FetchDialOptions {
  readonly origins?: readonly ServerOrigin[] | undefined;
  /** Default the global one. */
  readonly fetch?: typeof fetch | undefined;
}

export function fetchDial({ origins = [], fetch: send = fetch }: FetchDialOptions = {}): XftpDial {
  return async ({ host, port, fingerprint }) => {
    const known = origins.find(({ keyHash }) => equalBytes(keyHash, fingerprint));
    return new FetchConnection(known?.origin ?? originOf(host, port), send);
  };
}

function originOf(host: string, port: number): string {
  return `https://${hostKind(host) === 'ipv6' ? `[${host}]` : host}:${String(port)}`;
}

/** Nothing of this page's origin goes along, and no cache, cookie or redirect comes between. */
const FETCH_OPTIONS = {
  mode: 'cors', credentials: 'omit', cache: 'no-store', redirect: 'error', referrerPolicy: 'no-referrer',
} as const satisfies RequestInit;

class FetchConnection implements HttpConnection {
  // Browsers tell none of this; the web handshake proves the server's identity without it.
  readonly sessionId = new Uint8Array(0);
  readonly alpn = 'h2';
  readonly peerChain: readonly Uint8Array[] = [];
  readonly ownChain: readonly Uint8Array[] = [];
  readonly addressKey = '';
  readonly closed: HttpConnection['closed'];
  readonly #origin: string;
  readonly #fetch: typeof fetch;
  readonly #closing = new AbortController();

  constructor(origin: string, send: typeof fetch) {
    this.#origin = origin;
    this.#fetch = send;
    const { promise, resolve } = Promise.withResolvers<'local'>();
    this.closed = promise;
    this.#closing.signal.addEventListener('abort', () => resolve('local'));
  }

  get open(): boolean {
    return !this.#closing.signal.aborted;
  }

  async request({ method = 'POST', path = '/', headers = {}, body, signal }: HttpRequest): Promise<HttpResponse> {
    const bytes = await collected(body);
    const stop = signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
    // A method of the window: called without it, it refuses.
    const send = this.#fetch;
    try {
      const response = await send(`${this.#origin}${path}`, { ...FETCH_OPTIONS, method, headers, body: bytes, signal: stop });
      return { status: response.status, headers: Object.fromEntries(response.headers), body: piecesOf(response) };
    } catch (error) {
      signal?.throwIfAborted();
      throw broken(error);
    }
  }

  close(): void {
    this.#closing.abort();
  }
}

/** Whole before it is sent: not every browser streams what it sends, and a chunk has 4 MiB at most. */
async function collected(body: HttpRequest['body']): Promise<Uint8Array<ArrayBuffer> | null> {
  if (body === undefined) return null;
  if (body instanceof Uint8Array) return joinedBytes([body]);
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return joinedBytes(pieces);
}

async function* piecesOf({ body }: Response): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  const reader = body.getReader();
  let isOver = false;
  try {
    for (;;) {
      const { done, value } = await nextOf(reader);
      isOver = done;
      if (value === undefined) return;
      yield value;
    }
  } finally {
    if (!isOver) await reader.cancel().catch(() => undefined);
  }
}

async function nextOf(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }> {
  try {
    return await reader.read();
  } catch (error) {
    throw broken(error);
  }
}

/** Browsers do not say why a request failed: no connection, a wrong certificate and a broken stream are one error. */
function broken(cause: unknown): CodedError<'BROKEN'> {
  return new CodedError('BROKEN', 'the connection failed or was lost', { cause });
}
