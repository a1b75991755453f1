/** One listening TCP socket (SMP §2.6: backlog 1024, IPv6 and IPv4). */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { MINUTE } from '@polyplex/base';

export interface EndpointOf<K extends string> {
  /** What is spoken there. */
  readonly kind: K;
  /** Address to bind; default all, IPv6 and IPv4. */
  readonly host?: string;
  /** 0 chooses a free one. */
  readonly port: number;
}

export interface BoundEndpointOf<K extends string> {
  readonly kind: K;
  readonly host: string;
  readonly port: number;
}

export interface TcpEndpoint<K extends string> {
  readonly server: Server;
  readonly bound: BoundEndpointOf<K>;
}

const BACKLOG = 1024;
const KEEP_ALIVE_MS = 2 * MINUTE;

/** Binds and listens; rejects with the system's error. */
export async function listenTcp<K extends string>(
  { kind, host, port }: EndpointOf<K>,
  { keepAliveMs = KEEP_ALIVE_MS, reusePort = false }: { readonly keepAliveMs?: number; readonly reusePort?: boolean },
  accept: (socket: Socket) => void,
): Promise<TcpEndpoint<K>> {
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
export function closeTcp({ server }: Pick<TcpEndpoint<string>, 'server'>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
