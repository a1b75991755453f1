/** The dialer against servers that refuse, stall and lie, and its address policy (design §4). */
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { dialTls, isPublicAddress } from '../src/index.ts';
import { cleanup, connectedPair, dial, dialOptions, ended, listen, rawPeer, until } from './support.ts';

async function tcpServer(onSocket: (socket: Socket) => void): Promise<{ port: number; server: Server; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, server, sockets };
}

describe('errors', () => {
  it('NETWORK: nobody listens', async () => {
    const { port, listener } = await listen();
    await listener.close();
    const refused = dialTls(dialOptions(port));
    await expect(refused).rejects.toMatchObject({ code: 'NETWORK', message: 'connection failed: ECONNREFUSED' });
  });

  it('NETWORK: the server hangs up', async () => {
    const { port } = await tcpServer((socket) => socket.destroy());
    await expect(dialTls(dialOptions(port))).rejects.toMatchObject({ code: 'NETWORK' });
  });

  it('TLS: the server speaks something else', async () => {
    const { port } = await tcpServer((socket) => socket.end('SSH-2.0-server\r\n'));
    await expect(dialTls(dialOptions(port))).rejects.toMatchObject({ code: 'TLS' });
  });

  it('TLS: no common ALPN protocol', async () => {
    const { port } = await listen();
    await expect(dialTls(dialOptions(port, { alpn: ['xftp/1'] }))).rejects.toMatchObject({ code: 'TLS' });
  });

  it('TIMEOUT: the server says nothing, and the socket is closed', async () => {
    const { port, sockets } = await tcpServer(() => {});
    await expect(dialTls(dialOptions(port, { connectTimeoutMs: 100 }))).rejects.toMatchObject({ code: 'TIMEOUT' });
    await ended(sockets[0]!);
  });

  it('ABORTED: before, during, and no longer after', async () => {
    const { port, sockets } = await tcpServer(() => {});
    await expect(dialTls(dialOptions(port, { signal: AbortSignal.abort() }))).rejects.toMatchObject({ code: 'ABORTED' });
    const abort = new AbortController();
    const dialing = dialTls(dialOptions(port, { signal: abort.signal }));
    await until(() => sockets.length === 1);
    abort.abort();
    await expect(dialing).rejects.toMatchObject({ code: 'ABORTED' });
    await ended(sockets[0]!);

    const late = new AbortController();
    const { client, server } = await connectedPair({}, { signal: late.signal });
    late.abort();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(server.write(new Uint8Array(16_384))).toBe(true);
    await new Promise<void>((resolve) => client.start({ block: () => resolve(), drained() {}, closed() {} }));
  });

  it.each(['', 'a b', 'host\r\nx', 'a/b', 'x'.repeat(256)])('HOST: the name %j', async (host) => {
    await expect(dialTls(dialOptions(5223, { host }))).rejects.toMatchObject({ code: 'HOST' });
  });

  it('NETWORK: a name that does not exist', async () => {
    await expect(dialTls(dialOptions(5223, { host: 'relay.invalid' }))).rejects.toMatchObject({ code: 'NETWORK' });
  });

  it('carry no address', async () => {
    const { port, listener } = await listen();
    await listener.close();
    const error = await dialTls(dialOptions(port)).catch((reason: unknown) => reason);
    expect(JSON.stringify([String(error), error])).not.toMatch(/127\.0\.0\.1/);
  });
});

describe('the address policy', () => {
  it.each(['127.0.0.1', '::1', '[::1]', '::ffff:127.0.0.1', 'localhost', '127.1', '0x7f.1', '2130706433'])(
    'keeps %s out: nothing is even sent',
    async (host) => {
      const { port, sockets } = await tcpServer(() => {});
      const refused = dialTls(dialOptions(port, { host, allowAddress: isPublicAddress }));
      // What is no address to the system's resolver has no address at all; either way there is no connection.
      await expect(refused).rejects.toMatchObject({ code: expect.stringMatching(/^(HOST|NETWORK)$/) as string });
      expect(sockets).toHaveLength(0);
    },
  );

  it('keeps out the addresses of a name, and says so', async () => {
    const refused = dialTls(dialOptions(5223, { host: 'localhost', allowAddress: isPublicAddress }));
    await expect(refused).rejects.toMatchObject({ code: 'HOST' });
  });

  it('lets in what it allows, by name and by address', async () => {
    const asked: string[] = [];
    const allowAddress = (address: string): boolean => asked.push(address) > 0;
    const { port } = await listen();
    await dial(port, { allowAddress });
    await dial(port, { host: 'localhost', allowAddress: (address) => allowAddress(address) && address === '127.0.0.1' });
    expect(asked).toContain('127.0.0.1');
  });
});

describe('onion names', () => {
  const LOOK_ALIKES = ['abcdefghij\u3002onion', 'abc.\uff4fnion', 'abc.oni\u00adon'];
  it.each(['abcdefghij.onion', 'ABC.ONION', 'abc.onion.', ...LOOK_ALIKES])('%s without a proxy: HOST, and no DNS', async (host) => {
    await expect(dialTls(dialOptions(5223, { host }))).rejects.toMatchObject({ code: 'HOST' });
  });
});

describe('a SOCKS proxy', () => {
  interface Asked {
    readonly host: string;
    readonly port: number;
  }

  /** SOCKS 5 without authentication (RFC 1928): answers `reply` and, when that is 0, connects to `target`. */
  async function socksProxy(target: number, reply = 0): Promise<{ port: number; asked: Asked[] }> {
    const asked: Asked[] = [];
    const { port } = await tcpServer((socket) => {
      socket.once('data', () => {
        socket.write(Buffer.from([5, 0]));
        socket.once('data', (request) => {
          const name = request[3] === 3 ? request.subarray(5, 5 + request[4]!) : request.subarray(4, 8);
          const host = request[3] === 3 ? name.toString() : [...name].join('.');
          asked.push({ host, port: request.readUInt16BE(request.length - 2) });
          socket.write(Buffer.from([5, reply, 0, 1, 127, 0, 0, 1, 0, 0]));
          if (reply === 0) void rawPeer(target).then((onward) => socket.pipe(onward).pipe(socket));
        });
      });
    });
    return { port, asked };
  }

  it('gets onion names as they are', async () => {
    const { port } = await listen();
    const proxy = await socksProxy(port);
    const socks = { host: '127.0.0.1', port: proxy.port, mode: 'onion' } as const;
    const connection = await dial(port, { host: 'abcdefghij.onion', socks, allowAddress: isPublicAddress });
    expect(connection.alpn).toBe('smp/1');
    expect(proxy.asked).toEqual([{ host: 'abcdefghij.onion', port }]);
  });

  it('gets other names only when it is for all', async () => {
    const { port } = await listen();
    const proxy = await socksProxy(port);
    const socks = { host: '127.0.0.1', port: proxy.port } as const;
    await dial(port, { socks: { ...socks, mode: 'onion' } });
    expect(proxy.asked).toEqual([]);
    await dial(port, { host: 'relay.example.org', socks: { ...socks, mode: 'always' } });
    expect(proxy.asked).toEqual([{ host: 'relay.example.org', port }]);
  });

  it('is not asked for addresses that are not allowed', async () => {
    const proxy = await socksProxy(1);
    const socks = { host: '127.0.0.1', port: proxy.port, mode: 'always' } as const;
    const refused = dialTls(dialOptions(5223, { host: '10.0.0.1', socks, allowAddress: isPublicAddress }));
    await expect(refused).rejects.toMatchObject({ code: 'HOST' });
    expect(proxy.asked).toEqual([]);
  });

  it.each(['localhost', 'router', 'db.internal', 'nas.local.', '127.1', '2130706433', '0x7f.1'])('is not asked for %s', async (host) => {
    const proxy = await socksProxy(1);
    const socks = { host: '127.0.0.1', port: proxy.port, mode: 'always' } as const;
    await expect(dialTls(dialOptions(5223, { host, socks, allowAddress: isPublicAddress }))).rejects.toMatchObject({ code: 'HOST' });
    expect(proxy.asked).toEqual([]);
  });

  it('that fails, stalls or is aborted ends the attempt', async () => {
    const failing = await socksProxy(1, 5);
    const onion = { host: 'abcdefghij.onion' };
    const socks = { host: '127.0.0.1', port: failing.port, mode: 'onion' } as const;
    await expect(dialTls(dialOptions(5223, { ...onion, socks }))).rejects.toMatchObject({ code: 'NETWORK' });

    const { port, sockets } = await tcpServer(() => {});
    const stalled = dialTls(dialOptions(5223, { ...onion, socks: { ...socks, port }, connectTimeoutMs: 100 }));
    await expect(stalled).rejects.toMatchObject({ code: 'TIMEOUT' });
    await ended(sockets[0]!);
  });
});
