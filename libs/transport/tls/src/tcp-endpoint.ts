/** One listening TCP socket (SMP §2.6: backlog 1024, IPv6 and IPv4). */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { MINUTE } from '@polyplex/base';
import type { BoundEndpoint, Endpoint, ListenTlsOptions } from './listener-options.ts';

export interface TcpEndpoint {
  readonly server: Server;
  readonly bound: BoundEndpoint;
}

const BACKLOG = 1024;
const KEEP_ALIVE_MS = 2 * MINUTE;

/** Binds and listens; rejects with the system's error. */
export async function listenTcp(
  { kind, host, port }: Endpoint,
  { keepAliveMs = KEEP_ALIVE_MS, reusePort = false }: Pick<ListenTlsOptions, 'keepAliveMs' | 'reusePort'>,
  accept: (socket: Socket) => void,
): Promise<TcpEndpoint> {
  const server = createServer({ noDelay: true, keepAlive: keepAliveMs > 0, keepAliveInitialDelay: keepAliveMs }, accept);
  const at = host === undefined ? { port } : { port, host };
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ ...at, backlog: BACKLOG, ...(reusePort ? { reusePort } : {}) }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  // An accept may fail later (no file descriptors left); the listening socket goes on.
  server.on('error', () => {});
  const address = server.address() as AddressInfo;
  return { server, bound: { kind, host: address.address, port: address.port } };
}

/** Stops accepting at once; resolves when the last accepted socket is gone. */
export function closeTcp({ server }: TcpEndpoint): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
