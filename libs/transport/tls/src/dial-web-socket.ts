/** The client's end of the WebSocket transport (SMP §2.7). */
import type { BlockConnection } from '@polyplex/protocol-common';
import { WebSocket } from 'ws';
import { DialError } from './dial-error.ts';
import { dialSecure, type DialTlsOptions, type SecureSocket } from './dial-tls.ts';
import { WEB_SOCKET_OPTIONS, WebSocketConnection } from './web-socket-connection.ts';

const DEFAULT_ALPN: readonly string[] = ['http/1.1'];

/** Connects by TLS and upgrades at `/`; rejects with `DialError`, code `NETWORK` when the upgrade is refused. */
export function dialWebSocket(options: DialTlsOptions): Promise<BlockConnection> {
  const { alpn = DEFAULT_ALPN } = options;
  return dialSecure({ ...options, alpn }, (secure) => upgrade(secure, options));
}

function upgrade({ socket, facts }: SecureSocket, options: DialTlsOptions): Promise<BlockConnection> {
  const host = options.host.includes(':') && !options.host.startsWith('[') ? `[${options.host}]` : options.host;
  const webSocket = new WebSocket(`wss://${host}:${options.port}/`, {
    ...WEB_SOCKET_OPTIONS,
    createConnection: () => socket,
  });
  return new Promise((resolve, reject) => {
    webSocket.on('error', () => reject(new DialError('NETWORK', 'the WebSocket upgrade failed')));
    webSocket.once('open', () => resolve(new WebSocketConnection(webSocket, socket, facts, options)));
  });
}
