/** The server under a push service of a test: real TLS and HTTP/2, and HTTP/1.1 where it is asked for. */
import { createSecureServer, type ServerHttp2Session } from 'node:http2';
import { createServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Exchange } from './scripted-answer.ts';
import type { TestCertificate } from './test-certificate.ts';

export interface PushListenerOptions {
  readonly certificate: TestCertificate;
  readonly port?: number | undefined;
  /** SETTINGS_MAX_CONCURRENT_STREAMS; default 1000. */
  readonly streams?: number | undefined;
  /** `1.1`: HTTP/2 is not spoken. Default `2`. */
  readonly http?: '2' | '1.1' | undefined;
  readonly onRequest: (exchange: Exchange) => void;
}

export interface PushListener {
  readonly port: number;
  /** TLS connections so far. */
  readonly accepted: number;
  readonly open: number;
  /** How many of the next TCP connections are closed before TLS. */
  readonly refuseNext: (count: number) => void;
  /** GOAWAY to all; requests under way end. */
  readonly goAway: () => void;
  /** Resets all connections. */
  readonly drop: () => void;
  /** Closes at once. */
  readonly stop: () => Promise<void>;
}

export async function listenForPushes({ certificate, port = 0, streams = 1000, http = '2', onRequest }: PushListenerOptions): Promise<PushListener> {
  const sessions = new Set<ServerHttp2Session>();
  const sockets = new Set<Socket>();
  let accepted = 0;
  let refusals = 0;
  const { certificate: cert, key } = certificate;
  const server: Server = http === '2' ? createSecureServer({ key, cert, settings: { maxConcurrentStreams: streams } }) : createServer({ key, cert });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    if (refusals > 0) {
      refusals -= 1;
      socket.destroy();
    }
  });
  server.on('secureConnection', () => { accepted += 1; });
  server.on('session', (session: ServerHttp2Session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => undefined);
  });
  server.on('request', (request: Exchange['request'], response: Exchange['response']) => {
    const { remotePort } = request.socket;
    const reset = (): void => { for (const socket of sockets) if (socket.remotePort === remotePort) socket.resetAndDestroy(); };
    collect({ request, response, reset }, onRequest);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const drop = (): void => { for (const socket of sockets) socket.resetAndDestroy(); };
  return {
    port: (server.address() as AddressInfo).port,
    get accepted() { return accepted; },
    get open() { return sockets.size; },
    refuseNext: (count) => { refusals = count; },
    goAway: () => { for (const session of sessions) session.close(); },
    drop,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      drop();
      await closed;
    },
  };
}

function collect(exchange: Omit<Exchange, 'body'>, done: (exchange: Exchange) => void): void {
  const pieces: Buffer[] = [];
  const { request, response } = exchange;
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  request.on('data', (piece: Buffer) => pieces.push(piece));
  // A request that broke off ends, too.
  let isWhole = true;
  request.on('aborted', () => { isWhole = false; });
  request.on('end', () => setImmediate(() => { if (isWhole) done({ ...exchange, body: Buffer.concat(pieces) }); }));
}

/** The header fields of a request, the pseudo ones of HTTP/2 included. */
export function headersOf(request: Exchange['request']): Record<string, string> {
  return Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join() : (value ?? '')]));
}
