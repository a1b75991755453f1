/** What one client, or many, may take of a listener. */
import { connect as connectTcp } from 'node:net';
import { constants } from 'node:http2';
import { describe, expect, it } from 'vitest';
import { dial, echo, http2Peer, listen, readAll, tlsPeer, until } from './support.ts';

const held = (): Promise<void> => new Promise(() => undefined);

describe('requests at once', () => {
  it('of one connection: others wait at the client', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const { port, listener } = await listen(async (request) => {
      await gate;
      await request.respond({ status: 200 });
    }, { http: { requestsPerConnection: 3 } });
    const client = await dial(port);
    const first = Array.from({ length: 3 }, () => client.request({}));
    await until(() => listener.requests === 3);
    const more = [client.request({}), client.request({})];
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(listener.requests).toBe(3);
    release();
    expect((await Promise.all([...first, ...more])).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  });

  it('of all connections: those beyond are refused, and the connection lives', async () => {
    const { port, listener } = await listen((request) => (request.path === '/hold' ? held() : echo(request, undefined as never)), { http: { requests: 2 } });
    const [one, two] = [await dial(port), await dial(port)];
    one.request({ path: '/hold' }).catch(() => undefined);
    one.request({ path: '/hold' }).catch(() => undefined);
    await until(() => listener.requests === 2);
    await expect(two.request({})).rejects.toMatchObject({ code: 'BROKEN' });
    one.close();
    await until(() => listener.requests === 0);
    expect((await two.request({})).status).toBe(200);
  });

  it('of one address', async () => {
    const { port, listener } = await listen((request) => (request.path === '/hold' ? held() : echo(request, undefined as never)), { http: { requestsPerAddress: 1 } });
    const client = await dial(port);
    client.request({ path: '/hold' }).catch(() => undefined);
    await until(() => listener.requests === 1);
    await expect(client.request({})).rejects.toMatchObject({ code: 'BROKEN' });
    const { session } = await http2Peer(port, { localAddress: '127.0.0.2' } as object);
    const stream = session.request({ ':path': '/' });
    expect(await readAll(stream)).toHaveLength(0);
  });
});

describe('floods close the connection', () => {
  const LIMITS = { http: { wasteBurst: 50, wastePerSecond: 1 } };

  it('of requests given up at once (rapid reset)', async () => {
    const { port, closed } = await listen(held, LIMITS);
    const { session } = await http2Peer(port);
    for (let i = 0; i < 1000 && !session.destroyed; i++) {
      const stream = session.request({ ':path': '/' });
      stream.on('error', () => undefined);
      await new Promise((resolve) => setImmediate(resolve));
      stream.close(constants.NGHTTP2_CANCEL);
    }
    await until(() => closed.length === 1);
    expect(closed).toEqual(['error']);
  });

  it('of pings', async () => {
    const { port, closed } = await listen(held, LIMITS);
    const { session } = await http2Peer(port);
    for (let i = 0; i < 60 && !session.destroyed; i++) await new Promise<void>((resolve) => (session.ping(() => resolve()) ? undefined : resolve()));
    await until(() => closed.length === 1);
  });

  it('of settings', async () => {
    const { port, closed } = await listen(held, LIMITS);
    const { session } = await http2Peer(port);
    for (let i = 0; i < 1000 && !session.destroyed; i++) {
      if (session.localSettings.initialWindowSize !== undefined && !session.pendingSettingsAck) session.settings({ initialWindowSize: 65_536 + i });
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => closed.length === 1);
  });

  it('but not what a client does that has a reason', async () => {
    const { port, closed } = await listen(echo, LIMITS);
    const client = await dial(port);
    for (let i = 0; i < 200; i++) expect((await client.request({ body: Buffer.of(i) })).status).toBe(200);
    expect(closed).toEqual([]);
  });
});

describe('connections that bring nothing', () => {
  it('are closed when no request comes', async () => {
    const { port, closed, listener } = await listen(echo, { http: { firstRequestTimeoutMs: 500 } });
    const silent = await tlsPeer(port);
    const late = await dial(port);
    await late.request({});
    await new Promise((resolve) => silent.resume().once('close', resolve));
    expect(closed).toEqual(['timeout']);
    expect(listener.connections.size).toBe(1);
    expect((await late.request({})).status).toBe(200);
  });

  it('are closed when they speak something else', async () => {
    const { port, closed, listener } = await listen(echo);
    const peer = await tlsPeer(port, { ALPNProtocols: ['http/1.1'] });
    peer.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await new Promise((resolve) => peer.resume().once('close', resolve));
    await until(() => listener.sockets.open === 0);
    expect(closed).toHaveLength(1);
  });

  it('are turned away beyond the limits of the listener', async () => {
    const { port, listener } = await listen(echo, { limits: { connections: 1 } });
    await dial(port);
    await expect(dial(port)).rejects.toMatchObject({ code: 'NETWORK' });
    expect(listener.rejected.get('connections')).toBe(1);
  });

  it('have a bounded number of headers', async () => {
    const { port } = await listen(echo);
    const client = await dial(port);
    const headers = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`x-${i}`, 'x']));
    await expect(client.request({ headers })).rejects.toMatchObject({ code: 'BROKEN' });
  });
});

describe('the PROXY protocol', () => {
  it('names the client', async () => {
    const { port, accepted } = await listen(echo, { proxyProtocol: true, trustedProxies: ['127.0.0.0/8'] });
    const raw = connectTcp({ port, host: '127.0.0.1' });
    await new Promise((resolve) => raw.once('connect', resolve));
    raw.write('PROXY TCP4 198.51.100.7 192.0.2.1 4096 443\r\n');
    await tlsPeer(0, { socket: raw });
    await until(() => accepted.length === 1);
    expect(accepted[0]!.addressKey).toBe('198.51.100.7');
  });
});

describe('closing', () => {
  it('lets requests under way end, takes no new ones', async () => {
    const gate = Promise.withResolvers<void>();
    const { port, listener, closed } = await listen(async (request) => {
      await gate.promise;
      await request.respond({ status: 200 }, [Buffer.from('done')]);
    });
    const client = await dial(port);
    const answer = client.request({});
    await until(() => listener.requests === 1);
    const gone = listener.close({ graceMs: 0 });
    await until(() => !client.open);
    await expect(client.request({})).rejects.toMatchObject({ code: 'BROKEN' });
    gate.resolve();
    expect((await readAll((await answer).body)).toString()).toBe('done');
    await gone;
    expect(closed).toEqual(['drain']);
    expect(await client.closed).toBe('peer');
  });

  it('closes idle connections at once', async () => {
    const { port, listener, closed } = await listen(echo);
    const client = await dial(port);
    await client.request({});
    await listener.close();
    expect(closed).toEqual(['drain']);
    expect(await client.closed).toBe('peer');
  });

  it('does not wait for a client that does not read', async () => {
    const { port, listener, closed } = await listen(held);
    const client = await dial(port);
    client.request({}).catch(() => undefined);
    await until(() => listener.requests === 1);
    await listener.close({ graceMs: 0 });
    expect(closed).toEqual(['drain']);
  }, 15_000);
});
