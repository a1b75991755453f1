/** The server's end of the WebSocket transport (SMP §2.7): an upgrade request at `/` becomes a connection. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { ConnectionFacts } from '@polyplex/protocol-common';
import { WebSocketServer } from 'ws';
import type { ConnectionOptions } from './socket-connection.ts';
import { WEB_SOCKET_OPTIONS, WebSocketConnection } from './web-socket-connection.ts';

/** The arguments of an HTTP server's `upgrade` event. */
export interface UpgradeRequest {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

const upgrades = new WebSocketServer({ ...WEB_SOCKET_OPTIONS, noServer: true, path: '/', clientTracking: false });

/**
 * Answers the request: 101 and a connection, or an HTTP error and the end of the socket (another path, no WebSocket).
 * A socket that is not TLS is closed, as it has no session identifier.
 */
export function acceptWebSocket(
  { request, socket, head }: UpgradeRequest,
  facts: ConnectionFacts,
  options: ConnectionOptions,
  onConnection: (connection: WebSocketConnection) => void,
): void {
  if (!(socket instanceof TLSSocket)) {
    socket.destroy();
    return;
  }
  upgrades.handleUpgrade(request, socket, head, (webSocket) => {
    onConnection(new WebSocketConnection(webSocket, socket, facts, options));
  });
}
