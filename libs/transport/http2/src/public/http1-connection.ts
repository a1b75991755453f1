/** HTTP/1.1 to a public server that speaks no HTTP/2: one request at a time on a connection that is kept. */
import { Agent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { collectBody } from './collect-body.ts';
import type { PublicConnection, PublicConnectionSettings, PublicHttpRequest, PublicHttpResponse } from './public-connection.ts';
import { PublicHttpError } from './public-http-error.ts';

const HEADER_BYTES = 16_384;

export function openHttp1(socket: TLSSocket, authority: string, settings: PublicConnectionSettings): PublicConnection {
  return new Http1PublicConnection(socket, authority, settings);
}

/** Gives out the one socket, as long as it lives. */
class OneSocket extends Agent {
  readonly #socket: TLSSocket;

  constructor(socket: TLSSocket) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#socket = socket;
  }

  override createConnection(): Duplex {
    return this.#socket;
  }
}

class Http1PublicConnection implements PublicConnection {
  active = 0;
  used = 0;
  readonly #socket: TLSSocket;
  readonly #authority: string;
  readonly #settings: PublicConnectionSettings;
  readonly #agent: OneSocket;
  #isRetired = false;

  constructor(socket: TLSSocket, authority: string, settings: PublicConnectionSettings) {
    this.#socket = socket;
    this.#authority = authority;
    this.#settings = settings;
    this.#agent = new OneSocket(socket);
    socket.once('close', settings.changed);
  }

  get open(): boolean {
    return !this.#isRetired && !this.#socket.destroyed && this.#socket.writable;
  }

  get hasRoom(): boolean {
    return this.open && this.active === 0;
  }

  async request(request: PublicHttpRequest): Promise<PublicHttpResponse> {
    if (!this.open) throw new PublicHttpError('UNPROCESSED', 'the connection is closed');
    this.active += 1;
    this.used += 1;
    try {
      return await this.#exchange(request);
    } catch (error) {
      // Half an answer is of no use to the next request.
      this.close();
      throw error instanceof PublicHttpError ? error : new PublicHttpError('BROKEN', 'the connection broke before the answer');
    } finally {
      this.active -= 1;
      if (this.#isRetired) this.close();
      this.#settings.changed();
    }
  }

  retire(): void {
    this.#isRetired = true;
    if (this.active === 0) this.close();
  }

  close(): void {
    this.#isRetired = true;
    this.#agent.destroy();
    this.#socket.destroy();
  }

  async #exchange({ method, path, headers, body }: PublicHttpRequest): Promise<PublicHttpResponse> {
    const { clock, limits } = this.#settings;
    const outgoing = httpRequest({
      agent: this.#agent, method, path, maxHeaderSize: HEADER_BYTES, setHost: false,
      headers: { ...headers, host: this.#authority, 'content-length': String(body.length) },
    });
    const timeout = Promise.withResolvers<never>();
    const cancel = clock.after(limits.requestTimeoutMs, () => timeout.reject(new PublicHttpError('TIMEOUT', 'the server did not answer in time')));
    try {
      const incoming = await Promise.race([responseTo(outgoing, body), timeout.promise]);
      const collected = await Promise.race([collectBody(incoming, limits.responseBytes), timeout.promise]);
      if (!incoming.readableEnded) this.close();
      return { status: incoming.statusCode ?? 0, headers: incoming.headers, body: collected };
    } finally {
      cancel();
      outgoing.on('error', ignoreError);
    }
  }
}

function responseTo(outgoing: ClientRequest, body: Uint8Array): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.on('error', reject);
    outgoing.on('response', resolve);
    outgoing.end(body);
  });
}

function ignoreError(): void {}
