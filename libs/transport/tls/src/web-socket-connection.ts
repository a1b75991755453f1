/**
 * Blocks over a WebSocket inside TLS (SMP §2.7): one binary message is one block; anything else closes the connection.
 * Nothing is compressed, since a block is ciphertext and padding.
 */
import type { TLSSocket } from 'node:tls';
import { type ConnectionFacts, BLOCK_SIZE_BYTES } from '@polyplex/protocol-common';
import type { WebSocket } from 'ws';
import { type ConnectionOptions, SocketConnection } from './socket-connection.ts';

/** For both ends. Pings are answered here, not by `ws`, which would queue pongs without bound. */
export const WEB_SOCKET_OPTIONS = {
  perMessageDeflate: false,
  maxPayload: BLOCK_SIZE_BYTES,
  autoPong: false,
  skipUTF8Validation: true,
} as const;

const SEND_BINARY = { binary: true, compress: false } as const;

export class WebSocketConnection extends SocketConnection {
  readonly #webSocket: WebSocket;
  readonly #blockBytes: number;

  /** Takes over a WebSocket that has just opened on `socket`. */
  constructor(webSocket: WebSocket, socket: TLSSocket, facts: ConnectionFacts, options: ConnectionOptions = {}) {
    super(socket, facts, options);
    this.#webSocket = webSocket;
    this.#blockBytes = options.blockBytes ?? BLOCK_SIZE_BYTES;
    socket.setNoDelay(true);
    webSocket.on('error', () => this.destroy('error'));
    webSocket.on('ping', (data) => {
      if (socket.writableLength === 0) webSocket.pong(data);
    });
    // A message without a listener would be lost.
    webSocket.pause();
  }

  protected listen(): void {
    this.#webSocket.on('message', (data: Buffer, binary: boolean) => {
      if (!binary || data.length !== this.#blockBytes) this.destroy('error');
      else this.deliver(new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.length));
    });
    this.#webSocket.resume();
  }

  protected send(block: Uint8Array): boolean {
    this.#webSocket.send(block, SEND_BINARY, ignoreSendError);
    return !this.socket.writableNeedDrain;
  }

  protected finish(): void {
    this.#webSocket.close();
  }

  protected override read(flowing: boolean): void {
    if (flowing) this.#webSocket.resume();
    else this.#webSocket.pause();
  }
}

/** The socket's own events say the same; without a callback `ws` would throw after the close. */
function ignoreSendError(): void {}
