/**
 * TLS sockets that speak HTTP: those of the HTTPS page on a shared port, and those of WebSocket endpoints. Each is
 * bound in time until it becomes a WebSocket, because an HTTP server without a port of its own enforces no timeouts.
 */
import { createServer, type Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Clock } from '@polyplex/base';
import type { ConnectionFacts } from '@polyplex/protocol-common';
import type { UpgradeRequest } from './accept-web-socket.ts';

interface HttpsSocket {
  readonly facts: ConnectionFacts;
  readonly cancelTimeout: () => void;
}

export class HttpsSockets {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #sockets = new WeakMap<TLSSocket, HttpsSocket>();
  #upgradeServer: HttpServer | null = null;

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  add(socket: TLSSocket, facts: ConnectionFacts): void {
    socket.on('error', () => socket.destroy());
    const cancelTimeout = this.#clock.after(this.#timeoutMs, () => socket.destroy());
    socket.on('close', cancelTimeout);
    this.#sockets.set(socket, { facts, cancelTimeout });
  }

  /** For endpoints that serve nothing else: other requests are told to upgrade. */
  addForUpgrade(socket: TLSSocket, facts: ConnectionFacts, upgrade: (upgrade: UpgradeRequest) => void): void {
    this.add(socket, facts);
    this.#upgradeServer ??= createUpgradeServer(upgrade);
    this.#upgradeServer.emit('connection', socket);
  }

  /** Null for a socket that is not one of ours. */
  factsOf(socket: Duplex): ConnectionFacts | null {
    return socket instanceof TLSSocket ? (this.#sockets.get(socket)?.facts ?? null) : null;
  }

  upgraded(socket: Duplex): void {
    if (socket instanceof TLSSocket) this.#sockets.get(socket)?.cancelTimeout();
  }
}

function createUpgradeServer(upgrade: (upgrade: UpgradeRequest) => void): HttpServer {
  const server = createServer((_request, response) => {
    response.writeHead(426, { connection: 'close', upgrade: 'websocket' }).end();
  });
  server.on('upgrade', (request, socket, head) => upgrade({ request, socket, head }));
  return server;
}
