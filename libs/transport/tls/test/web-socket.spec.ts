/** SMP §2.7: blocks over a WebSocket inside TLS, one binary message each. */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { dialWebSocket } from '../src/index.ts';
import { block, cleanup, dialOptions, IDENTITY, listen, open, type TestListener, tlsPeer, until } from './support.ts';

async function webSocketPeer(port: number, path = '/'): Promise<WebSocket> {
  const webSocket = new WebSocket(`wss://127.0.0.1:${port}${path}`, { rejectUnauthorized: false, perMessageDeflate: true });
  cleanup(() => webSocket.terminate());
  await once(webSocket, 'open');
  return webSocket;
}

function listenForWebSockets(options: Parameters<typeof listen>[0] = {}): Promise<TestListener> {
  return listen({ kind: 'websocket', ...options });
}

describe('a WebSocket', () => {
  it('carries blocks both ways, with the session id of its TLS connection', async () => {
    const { port, next } = await listenForWebSockets();
    const accepted = next();
    const client = await dialWebSocket(dialOptions(port));
    cleanup(() => client.destroy('local'));
    const server = await accepted;
    expect(server.sessionId).toHaveLength(32);
    expect(server.sessionId).toEqual(client.sessionId);
    expect(client.peerChain).toEqual(IDENTITY.credentials.chain);
    server.write(block(1));
    const [toClient, toServer] = [open(client), open(server)];
    for (let i = 0; i < 20; i++) client.write(block(i));
    await Promise.all([toClient.count(1), toServer.count(20)]);
    expect(toServer.blocks.map((each) => each[16_383])).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(toServer.blocks[0]!.constructor).toBe(Uint8Array);
    client.close('local');
    expect(await toServer.closed).toBe('peer');
    expect(await toClient.closed).toBe('local');
  });

  it('is not compressed, whatever the client offers', async () => {
    const { port } = await listenForWebSockets();
    expect((await webSocketPeer(port)).extensions).toBe('');
  });

  it.each([
    ['one byte short', (peer: WebSocket) => peer.send(new Uint8Array(16_383))],
    ['one byte long', (peer: WebSocket) => peer.send(new Uint8Array(16_385))],
    ['empty', (peer: WebSocket) => peer.send(new Uint8Array(0))],
    ['very long', (peer: WebSocket) => peer.send(new Uint8Array(1_000_000))],
    ['text', (peer: WebSocket) => peer.send('x'.repeat(16_384))],
  ])('closes at a message that is %s', async (_name, send) => {
    const { port, next } = await listenForWebSockets();
    const accepted = next();
    const peer = await webSocketPeer(port);
    peer.on('error', () => {});
    const inbox = open(await accepted);
    send(peer);
    expect(await inbox.closed).toBe('error');
    expect(inbox.blocks).toHaveLength(0);
  });

  it('takes a block in fragments', async () => {
    const { port, next } = await listenForWebSockets();
    const accepted = next();
    const peer = await webSocketPeer(port);
    const inbox = open(await accepted);
    peer.send(block(3).subarray(0, 5000), { fin: false });
    peer.send(block(3).subarray(5000), { fin: true });
    await inbox.count(1);
    expect(inbox.blocks[0]).toEqual(block(3));
  });

  it('keeps blocks that come before the start, and waits while paused', async () => {
    const { port, next } = await listenForWebSockets();
    const accepted = next();
    const peer = await webSocketPeer(port);
    for (let i = 0; i < 12; i++) peer.send(block(i));
    const server = await accepted;
    await new Promise((resolve) => setTimeout(resolve, 20));
    const inbox = open(server);
    server.pause();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const early = inbox.blocks.length;
    expect(early).toBeLessThan(12);
    server.resume();
    await inbox.count(12);
    expect(inbox.blocks).toHaveLength(12);
  });

  it('stops its writer, tells it to go on, and cuts off who does not read', async () => {
    const { port, next } = await listenForWebSockets({ writeTimeoutMs: 1000 });
    const accepted = next();
    const peer = await webSocketPeer(port);
    peer.pause();
    const server = await accepted;
    const inbox = open(server);
    while (server.write(block(0))) await new Promise((resolve) => setImmediate(resolve));
    peer.resume();
    await until(() => inbox.drained === 1);
    peer.pause();
    while (server.write(block(0))) await new Promise((resolve) => setImmediate(resolve));
    expect(await inbox.closed).toBe('slow');
  });

  it('answers pings', async () => {
    const { port, next } = await listenForWebSockets();
    const accepted = next();
    const peer = await webSocketPeer(port);
    open(await accepted);
    peer.ping('still there?');
    expect(String((await once(peer, 'pong'))[0])).toBe('still there?');
  });

  it('closes with the listener', async () => {
    const { port, next, listener } = await listenForWebSockets();
    const accepted = next();
    await webSocketPeer(port);
    const inbox = open(await accepted);
    await listener.close();
    expect(await inbox.closed).toBe('drain');
  });
});

describe('a WebSocket endpoint', () => {
  it('refuses another path, and plain requests', async () => {
    const { port, accepted, listener } = await listenForWebSockets();
    await expect(webSocketPeer(port, '/other')).rejects.toThrow('400');
    const peer = await tlsPeer(port, { ALPNProtocols: ['http/1.1'] });
    peer.write('GET / HTTP/1.1\r\nHost: relay\r\n\r\n');
    expect(String((await once(peer, 'data'))[0])).toMatch(/^HTTP\/1\.1 426 /);
    expect(accepted).toHaveLength(0);
    await until(() => listener.sockets.open === 0);
  });

  it('closes who does not upgrade', async () => {
    const { port, listener } = await listenForWebSockets({ httpsTimeoutMs: 100 });
    const peer = await tlsPeer(port);
    peer.write('GET / HTTP/1.1\r\nHost: re');
    await once(peer.resume(), 'close');
    await until(() => listener.sockets.open === 0);
  });

  it('makes the client say why it failed', async () => {
    const { port } = await listen();
    await expect(dialWebSocket(dialOptions(port, { connectTimeoutMs: 200 }))).rejects.toMatchObject({ code: 'TIMEOUT' });
    const { port: other } = await listenForWebSockets();
    const wrong = dialWebSocket(dialOptions(other, { fingerprint: new Uint8Array(32) }));
    await expect(wrong).rejects.toMatchObject({ code: 'IDENTITY' });
  });
});
