/** The balancer: who gets connections, and who does not. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type Backend, freePort, type Haproxy, startHaproxy, waitUntil } from '../src/index.ts';
import { isAlive } from './processes.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Says its name to each connection, or to one that has said something first; remembers what it was sent. */
async function nameServer(name: string, { port, waits = false }: { port?: number; waits?: boolean } = {}): Promise<Backend & { received: () => Buffer; close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const received: Buffer[] = [];
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => received.push(bytes));
    if (waits) socket.once('data', () => socket.write(name));
    else socket.write(name);
  });
  const own = port ?? (await freePort());
  server.listen(own, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  closing.push(close);
  return { name, port: own, received: () => Buffer.concat(received), close };
}

async function balancer(options: Parameters<typeof startHaproxy>[0]): Promise<Haproxy> {
  const haproxy = await startHaproxy(options);
  closing.push(() => haproxy.stop());
  return haproxy;
}

/** The names of those who answered so many connections. */
async function answers(haproxy: Haproxy, count: number): Promise<Set<string>> {
  const names = await Promise.all(Array.from({ length: count }, async () => {
    const socket = connect(haproxy.port, '127.0.0.1');
    const [name] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    return name.toString();
  }));
  return new Set(names);
}

test('connections spread over the backends, leave out a dead one, and return to it', async () => {
  const [a, b, c] = [await nameServer('a'), await nameServer('b'), await nameServer('c')];
  const haproxy = await balancer({ backends: [a, b, c] });
  expect(await answers(haproxy, 60)).toEqual(new Set(['a', 'b', 'c']));
  await b.close();
  await haproxy.reached('b', 'down');
  expect(await answers(haproxy, 60)).toEqual(new Set(['a', 'c']));
  await nameServer('b', { port: b.port });
  await haproxy.reached('b', 'up');
  expect(await answers(haproxy, 60)).toEqual(new Set(['a', 'b', 'c']));
});

test('backends come and go at run time', async () => {
  const [a, b] = [await nameServer('a'), await nameServer('b')];
  const haproxy = await balancer({ backends: [a], balance: 'leastconn' });
  await haproxy.add(b);
  expect(await answers(haproxy, 20)).toEqual(new Set(['a', 'b']));

  const kept = connect(haproxy.port, '127.0.0.1');
  const [name] = (await once(kept, 'data')) as [Buffer];
  await haproxy.drain(name.toString());
  const other = name.toString() === 'a' ? 'b' : 'a';
  expect(await answers(haproxy, 20)).toEqual(new Set([other]));
  expect((await haproxy.states()).get(name.toString())).toMatchObject({ state: 'drain', connections: 1 });
  const ended = once(kept, 'close');
  await haproxy.remove(name.toString());
  await ended;
  expect([...(await haproxy.states()).keys()]).toEqual([other]);
  await haproxy.disable(other);
  expect((await haproxy.states()).get(other)?.state).toBe('maintenance');
  await haproxy.enable(other);
  expect(await answers(haproxy, 5)).toEqual(new Set([other]));
  await expect(haproxy.drain('nobody')).rejects.toMatchObject({ code: 'STATE' });
});

test('backends are told the client by PROXY protocol version 2, by checks too', async () => {
  const a = await nameServer('a', { waits: true });
  const haproxy = await balancer({ backends: [a], proxyProtocol: true });
  await answers(haproxy, 1);
  const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
  // 0x21: on behalf of a client; 0x20: the balancer itself, which checks.
  const ofKind = (kind: number) => a.received().includes(Buffer.concat([signature, Buffer.of(kind)]));
  expect(ofKind(0x21)).toBe(true);
  await waitUntil('a check with its header of its own', () => (ofKind(0x20) ? true : undefined));
});

test('a taken port is said, and stop ends it', async () => {
  const haproxy = await balancer({ backends: [] });
  await expect(startHaproxy({ backends: [], port: haproxy.port })).rejects.toMatchObject({ code: 'PORT' });
  await haproxy.stop();
  expect(isAlive(haproxy.pid)).toBe(false);
});
