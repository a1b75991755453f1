/** One stream of a server as a request and its response (XFTP §2.3). */
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { HttpRequest, HttpResponse } from '@polyplex/protocol-common';
import { failStream } from './reset-stream.ts';
import { type Pieces, type SendLimits, sendPieces } from './send-pieces.ts';
import { type BodyLimits, StreamBody } from './stream-body.ts';

const NO_PIECES: Pieces = [];

export class ServerRequest implements HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: HttpRequest['headers'];
  readonly broken: AbortSignal;
  readonly body: StreamBody;
  readonly #stream: ServerHttp2Stream;
  readonly #limits: BodyLimits & SendLimits;
  #state: 'waiting' | 'responding' | 'sent' = 'waiting';

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, limits: BodyLimits & SendLimits) {
    this.#stream = stream;
    this.#limits = limits;
    const { ':method': method, ':path': path } = headers as Record<string, string | undefined>;
    this.method = method ?? 'GET';
    this.path = path ?? '/';
    this.headers = headers;
    this.body = new StreamBody(stream, limits);
    const aborted = new AbortController();
    this.broken = aborted.signal;
    stream.on('close', () => {
      if (this.#state !== 'sent') aborted.abort();
    });
  }

  async respond({ status, headers }: HttpResponse, pieces: Pieces = NO_PIECES): Promise<void> {
    if (this.#state !== 'waiting' || this.#stream.destroyed || this.#stream.closed) {
      await letGo(pieces);
      return;
    }
    this.#state = 'responding';
    this.body.touch();
    this.#stream.respond({ ...headers, ':status': status });
    if (await sendPieces(this.#stream, pieces, this.#limits)) this.#state = 'sent';
  }

  /** The handler is through: what it has not read is thrown away; without a response the stream is reset. */
  settled(): void {
    if (this.#state === 'waiting') this.failed();
    else this.body.discard();
  }

  failed(): void {
    failStream(this.#stream);
  }
}

/** Pieces that nobody will take may hold something open. */
async function letGo(pieces: Pieces): Promise<void> {
  if (Symbol.asyncIterator in pieces) await pieces[Symbol.asyncIterator]().return?.();
}
