/**
 * A secured socket as a connection of requests. HTTP/2 is spoken whatever ALPN says (XFTP §2.1).
 *
 *   waiting ──start──> open ──close──> closing ──last request──┐
 *      └─────────destroy, peer, error, too much waste──────────┴──> closed
 */
import {
  constants, type IncomingHttpHeaders, performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream,
} from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { type Clock, SECOND } from '@polyplex/base';
import type { CloseReason, ConnectionFacts, HttpConnection, HttpHandlers } from '@polyplex/protocol-common';
import { CONNECTION_WINDOW_BYTES, type HttpLimits, serverSessionOptions } from './http-limits.ts';
import type { RequestLimits } from './request-limits.ts';
import { ServerRequest } from './server-request.ts';
import { WasteBudget } from './waste-budget.ts';

export interface ServerConnectionOptions {
  readonly clock: Clock;
  readonly limits: HttpLimits;
  readonly requests: RequestLimits;
  /** Called once when the socket is gone, before the handlers hear of it. */
  readonly onClosed: (connection: HttpConnection) => void;
}

/** Between the end of a session and that of its socket: what is queued may leave, then it is cut off. */
const CLOSE_TIMEOUT_MS = 5 * SECOND;

export class ServerConnection implements HttpConnection {
  readonly sessionId: Uint8Array;
  readonly alpn: string | null;
  readonly peerChain: readonly Uint8Array[];
  readonly ownChain: readonly Uint8Array[];
  readonly addressKey: string;
  readonly web: boolean;
  readonly #socket: TLSSocket;
  readonly #options: ServerConnectionOptions;
  readonly #streamLimits;
  readonly #waste: WasteBudget;
  #life: 'waiting' | 'open' | 'closing' | 'closed' = 'waiting';
  #reason: CloseReason = 'peer';
  #session: ServerHttp2Session | null = null;
  #handlers: HttpHandlers | null = null;
  #active = 0;
  #cancelFirst: () => void;

  constructor(socket: TLSSocket, facts: ConnectionFacts & { readonly web: boolean }, options: ServerConnectionOptions) {
    this.sessionId = facts.sessionId;
    this.alpn = facts.alpn;
    this.peerChain = facts.peerChain;
    this.ownChain = facts.ownChain;
    this.addressKey = facts.addressKey;
    this.web = facts.web;
    this.#socket = socket;
    this.#options = options;
    const { clock, limits } = options;
    this.#streamLimits = { ...limits, clock };
    this.#waste = new WasteBudget({ ...limits, now: () => clock.now() });
    this.#cancelFirst = clock.after(limits.firstRequestTimeoutMs, () => this.destroy('timeout'));
    socket.on('error', () => this.#end('peer'));
    socket.on('close', () => this.#closed());
  }

  get active(): number {
    return this.#active;
  }

  start(handlers: HttpHandlers): void {
    this.#handlers = handlers;
    if (this.#life === 'closed') {
      queueMicrotask(() => this.#tell());
      return;
    }
    if (this.#life !== 'waiting' || this.#socket.destroyed) return;
    this.#life = 'open';
    try {
      this.#beginSession();
    } catch {
      // Node throws where the socket has lost its other end between two events; nothing was said yet.
      this.#end('peer');
    }
  }

  #beginSession(): void {
    this.#socket.setNoDelay(true);
    const session = performServerHandshake(this.#socket, serverSessionOptions(this.#options.limits));
    this.#session = session;
    session.on('stream', (stream, headers) => this.#onStream(stream, headers));
    session.on('ping', () => this.#wasted());
    session.on('remoteSettings', () => this.#wasted());
    session.on('error', () => this.#end('error'));
    session.on('close', () => this.#cutOff());
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
  }

  close(reason: CloseReason): void {
    if (this.#life !== 'open') return this.destroy(reason);
    this.#life = 'closing';
    this.#reason = reason;
    this.#session?.close();
  }

  destroy(reason: CloseReason): void {
    this.#end(reason);
  }

  #onStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    this.#cancelFirst();
    stream.on('error', ignoreError);
    const { requests } = this.#options;
    if (this.#life !== 'open' || !requests.enter(this.addressKey)) {
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
      this.#wasted();
      return;
    }
    this.#active++;
    stream.on('aborted', () => this.#wasted());
    stream.on('close', () => {
      this.#active--;
      requests.leave(this.addressKey);
    });
    const request = new ServerRequest(stream, headers, this.#streamLimits);
    this.#handlers!.request(request).then(
      () => request.settled(),
      () => request.failed(),
    );
  }

  #wasted(): void {
    if (!this.#waste.spend()) this.#end('error');
  }

  /** The session has said all it had to say. */
  #cutOff(): void {
    const cancel = this.#options.clock.after(CLOSE_TIMEOUT_MS, () => this.#socket.destroy());
    this.#socket.on('close', cancel);
  }

  #end(reason: CloseReason): void {
    if (this.#life === 'closed') return;
    if (this.#life !== 'closing') this.#reason = reason;
    this.#life = 'closing';
    this.#session?.destroy();
    this.#socket.destroy();
  }

  #closed(): void {
    if (this.#life === 'closed') return;
    this.#life = 'closed';
    this.#cancelFirst();
    this.#session?.destroy();
    this.#options.onClosed(this);
    this.#tell();
  }

  #tell(): void {
    const handlers = this.#handlers;
    this.#handlers = null;
    handlers?.closed(this.#reason);
  }
}

function ignoreError(): void {}
