/**
 * HTTP/2 to a public server. What the server says of its limits holds: streams at once, and where it goes (GOAWAY) which
 * requests it never looked at. A connection that fell silent is found by pings, not by the next user's request.
 */
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants, type Settings } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { SECOND } from '@polyplex/base';
import { cancelStream } from '../reset-stream.ts';
import { collectBody } from './collect-body.ts';
import type { PublicConnection, PublicConnectionSettings, PublicHttpRequest, PublicHttpResponse } from './public-connection.ts';
import { PublicHttpError } from './public-http-error.ts';

const HEADER_LIST_BYTES = 16_384;
const WINDOW_BYTES = 65_535;
/** For the server's first frame, its settings; without them a connection starts with room for one request. */
const SETTINGS_TIMEOUT_MS = 5 * SECOND;

/** Resolves when the server has said its limits, or seems not to. */
export async function openHttp2(socket: TLSSocket, authority: string, settings: PublicConnectionSettings): Promise<PublicConnection> {
  const connection = new Http2PublicConnection(socket, authority, settings);
  const cancel = settings.clock.after(SETTINGS_TIMEOUT_MS, connection.skipSettings);
  await connection.ready;
  cancel();
  return connection;
}

class Http2PublicConnection implements PublicConnection {
  active = 0;
  used = 0;
  readonly ready: Promise<void>;
  readonly skipSettings: () => void;
  readonly #session: ClientHttp2Session;
  readonly #socket: TLSSocket;
  readonly #settings: PublicConnectionSettings;
  #streams = 1;
  #isRetired = false;
  /** Streams above it were not looked at; null before the server goes. */
  #lastProcessed: number | null = null;
  #bytesAtLastLook = -1;
  #isPinging = false;

  constructor(socket: TLSSocket, authority: string, settings: PublicConnectionSettings) {
    this.#socket = socket;
    this.#settings = settings;
    const ready = Promise.withResolvers<void>();
    this.ready = ready.promise;
    this.skipSettings = ready.resolve;
    this.#session = connect(`https://${authority}`, {
      createConnection: () => socket,
      settings: { enablePush: false, maxHeaderListSize: HEADER_LIST_BYTES, initialWindowSize: WINDOW_BYTES },
      maxHeaderListPairs: 100,
    });
    const stopLooking = settings.clock.every(settings.limits.pingMs, () => this.#look());
    this.#session.on('error', ignoreError);
    this.#session.on('remoteSettings', ({ maxConcurrentStreams }: Settings) => {
      this.#streams = Math.min(maxConcurrentStreams ?? Infinity, settings.limits.streams);
      ready.resolve();
      settings.changed();
    });
    this.#session.on('goaway', (_code: number, lastStreamId: number) => {
      this.#lastProcessed = lastStreamId;
      this.#isRetired = true;
    });
    this.#session.on('close', () => {
      stopLooking();
      socket.destroy();
      ready.resolve();
      settings.changed();
    });
  }

  get open(): boolean {
    return !this.#isRetired && !this.#session.closed && !this.#session.destroyed;
  }

  get hasRoom(): boolean {
    return this.open && this.active < this.#streams;
  }

  async request(request: PublicHttpRequest): Promise<PublicHttpResponse> {
    if (!this.open) throw new PublicHttpError('UNPROCESSED', 'the connection is closed');
    this.active += 1;
    this.used += 1;
    const { method, path, headers, body } = request;
    const stream = this.#session.request({ ...headers, ':method': method, ':path': path });
    stream.on('error', ignoreError);
    stream.end(body);
    try {
      return await this.#exchange(stream);
    } finally {
      this.active -= 1;
      if (this.#isRetired && this.active === 0) this.close();
      this.#settings.changed();
    }
  }

  retire(): void {
    this.#isRetired = true;
    if (this.active === 0) this.close();
  }

  close(): void {
    this.#isRetired = true;
    this.#session.destroy();
    this.#socket.destroy();
  }

  async #exchange(stream: ClientHttp2Stream): Promise<PublicHttpResponse> {
    const { clock, limits } = this.#settings;
    const before = this.#socket.bytesRead;
    const failed = Promise.withResolvers<never>();
    stream.on('close', () => failed.reject(this.#failureOf(stream)));
    const cancel = clock.after(limits.requestTimeoutMs, () => {
      failed.reject(new PublicHttpError('TIMEOUT', 'the server did not answer in time'));
      // One slow answer says little of the others, total silence says all.
      if (this.#socket.bytesRead === before) this.close();
      else this.retire();
    });
    try {
      return await Promise.race([this.#response(stream), failed.promise]);
    } catch (error) {
      throw error instanceof PublicHttpError ? error : this.#failureOf(stream);
    } finally {
      cancel();
      // With its end read there is nothing to break off; a body that was too long is refused so.
      if (!stream.destroyed && !stream.readableEnded) cancelStream(stream);
    }
  }

  async #response(stream: ClientHttp2Stream): Promise<PublicHttpResponse> {
    const head = await new Promise<Record<string, string | string[] | undefined> & { ':status'?: number }>((resolve) => stream.once('response', resolve));
    const body = await collectBody(stream, this.#settings.limits.responseBytes);
    const { ':status': status = 0, ...headers } = head;
    return { status, headers, body };
  }

  #failureOf(stream: ClientHttp2Stream): PublicHttpError {
    const isLater = this.#lastProcessed !== null && (stream.id === undefined || stream.id > this.#lastProcessed);
    const isRefused = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM;
    if (isLater || isRefused) return new PublicHttpError('UNPROCESSED', 'the server did not take the request');
    return new PublicHttpError('BROKEN', 'the connection broke before the answer');
  }

  #look(): void {
    const { bytesRead } = this.#socket;
    const isSilent = bytesRead === this.#bytesAtLastLook;
    this.#bytesAtLastLook = bytesRead;
    if (isSilent && this.#isPinging) return this.close();
    this.#isPinging = isSilent && !this.#session.destroyed && this.#session.ping(ignoreError);
  }
}

function ignoreError(): void {}
