/**
 * Ports that nobody else gets. They lie below the range from which the kernel takes ports of outgoing connections, so
 * that a server can be away for a while and still find its port free. Each is held by a lock in the kernel that ends with
 * this process (an abstract Unix socket named after the port), so processes side by side never choose the same.
 */
import { createServer, type ListenOptions, type Server } from 'node:net';
import { LocalClusterError } from './errors.ts';

const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;
const MAX_TRIES = 200;

const locks = new Map<number, Server>();

/** The listening server, or null when the address is taken. */
function tryListen(options: ListenOptions): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(options, () => resolve(server));
  });
}

/** Whether nothing listens on the port of 127.0.0.1. */
export async function isPortFree(port: number): Promise<boolean> {
  const server = await tryListen({ host: '127.0.0.1', port, exclusive: true });
  await new Promise((resolve) => (server === null ? resolve(null) : server.close(resolve)));
  return server !== null;
}

async function tryReserve(port: number): Promise<boolean> {
  if (locks.has(port)) return false;
  const lock = await tryListen({ path: `\0polyplex-port-${port}` });
  if (lock === null) return false;
  lock.unref();
  if (!(await isPortFree(port))) {
    lock.close();
    return false;
  }
  locks.set(port, lock);
  return true;
}

/** A free port of 127.0.0.1 that stays reserved until `releasePort` or the end of this process. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT));
    if (await tryReserve(port)) return port;
  }
  throw new LocalClusterError('PORT', `no free port found between ${FIRST_PORT} and ${LAST_PORT}`);
}

/** Gives a port back; one that was never reserved is ignored. */
export function releasePort(port: number): void {
  locks.get(port)?.close();
  locks.delete(port);
}
