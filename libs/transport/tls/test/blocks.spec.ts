/** SMP §3.1 over real sockets: cutting, order, back-pressure, ends of a connection. */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { BlockConnection } from '@polyplex/protocol-common';
import { describe, expect, it } from 'vitest';
import { block, connectedPair, ended, fakeClock, listen, open, rawPeer, tlsPeer, until } from './support.ts';

describe('blocks', () => {
  it('arrive whole and in order, both ways, those written before the start included', async () => {
    const { client, server } = await connectedPair();
    for (let i = 0; i < 40; i++) server.write(block(i));
    const toClient = open(client);
    const toServer = open(server);
    for (let i = 0; i < 40; i++) client.write(block(100 + i));
    await Promise.all([toClient.count(40), toServer.count(40)]);
    expect(toClient.blocks.map((each) => each[0])).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(toServer.blocks.map((each) => each[16_383])).toEqual(Array.from({ length: 40 }, (_, i) => 100 + i));
    expect(toClient.blocks.every((each) => each.length === 16_384 && each.constructor === Uint8Array)).toBe(true);
  });

  it('are cut out of records of any size', async () => {
    const { port, next } = await listen();
    const accepted = next();
    const peer = await tlsPeer(port);
    const inbox = open(await accepted);
    const stream = Buffer.concat([block(1), block(2), block(3)]);
    for (let at = 0, size = 1; at < stream.length; at += size, size = (size * 7) % 5003 || 1) {
      peer.write(stream.subarray(at, at + size));
    }
    await inbox.count(3);
    expect(inbox.blocks.map((each) => [each[0], each[16_383]])).toEqual([[1, 1], [2, 2], [3, 3]]);
  });

  it('wait while reading is paused', async () => {
    const { client, server } = await connectedPair();
    const inbox = open(server);
    server.pause();
    open(client);
    for (let i = 0; i < 20; i++) client.write(block(i));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(inbox.blocks.length).toBeLessThan(8);
    server.resume();
    await inbox.count(20);
    expect(inbox.blocks).toHaveLength(20);
  });
});

describe('back-pressure', () => {
  it('stops a writer until the peer has read', async () => {
    const { client, server } = await connectedPair();
    const fromServer = open(server);
    client.pause();
    let written = 0;
    while (server.write(block(written))) {
      written++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(server.bufferedBytes).toBeGreaterThan(16_384);
    expect(server.bufferedBytes).toBeLessThan(200_000);
    expect(fromServer.drained).toBe(0);
    const inbox = open(client);
    client.resume();
    await until(() => fromServer.drained === 1);
    await inbox.count(written + 1);
    expect(server.bufferedBytes).toBe(0);
  });

  it('cuts off a peer that reads nothing', async () => {
    const { port, next } = await listen({ writeTimeoutMs: 200 });
    const accepted = next();
    (await tlsPeer(port)).pause();
    const server = await accepted;
    const inbox = open(server);
    await writeUntilFull(server);
    expect(await inbox.closed).toBe('slow');
    expect(server.write(block(1))).toBe(true);
  });

  it('leaves a slow but steady reader alone, until it stops', async () => {
    const clock = fakeClock();
    const { port, next } = await listen({ clock, writeTimeoutMs: 60_000 });
    const accepted = next();
    const peer = await tlsPeer(port);
    const server = await accepted;
    const inbox = open(server);
    for (let drains = 1; drains <= 3; drains++) {
      peer.pause();
      await writeUntilFull(server);
      clock.advance(59_000);
      peer.resume();
      await until(() => inbox.drained === drains);
    }
    expect(server.bufferedBytes).toBe(0);
    clock.advance(600_000);
    peer.pause();
    await writeUntilFull(server);
    clock.advance(91_000);
    expect(await inbox.closed).toBe('slow');
  });

  it('cuts off a peer that keeps a single block waiting', async () => {
    const clock = fakeClock();
    const { port, next } = await listen({ clock, writeTimeoutMs: 60_000 });
    const accepted = next();
    (await tlsPeer(port)).pause();
    const server = await accepted;
    const inbox = open(server);
    do {
      server.write(block(0));
      await new Promise((resolve) => setTimeout(resolve, 1));
    } while (server.bufferedBytes === 0);
    clock.advance(91_000);
    expect(await inbox.closed).toBe('slow');
  });
});

describe('the end', () => {
  it('comes once, after the blocks before it, when the peer closes', async () => {
    const { client, server } = await connectedPair();
    client.write(block(1));
    client.close('local');
    const inbox = open(server);
    expect(await inbox.closed).toBe('peer');
    expect(inbox.blocks).toHaveLength(1);
    expect(await open(client).closed).toBe('local');
  });

  it('in the middle of a block gives no block', async () => {
    const { port, next } = await listen();
    const accepted = next();
    const peer = await tlsPeer(port);
    const inbox = open(await accepted);
    peer.end(Buffer.alloc(20_000));
    expect(await inbox.closed).toBe('peer');
    expect(inbox.blocks).toHaveLength(1);
  });

  it('by a reset, without TLS saying so, or by a broken record does not escape', async () => {
    const { port, next } = await listen();
    for (const harm of [reset, endWithoutNotice, breakRecord]) {
      const accepted = next();
      const raw = await rawPeer(port);
      const peer = await tlsPeer(0, { socket: raw });
      const inbox = open(await accepted);
      harm(raw, peer);
      expect(['peer', 'error']).toContain(await inbox.closed);
    }
  });

  it('is told to a connection that starts after it', async () => {
    const { client, server, listener } = await connectedPair();
    client.destroy('local');
    await until(() => listener.connections.size === 0);
    expect(await open(server).closed).toBe('peer');
  });

  it('sends what is queued first', async () => {
    const { client, server } = await connectedPair();
    for (let i = 0; i < 30; i++) server.write(block(i));
    server.close('drain');
    expect(server.write(block(99))).toBe(true);
    const inbox = open(client);
    expect(await inbox.closed).toBe('peer');
    expect(inbox.blocks).toHaveLength(30);
    expect(await open(server).closed).toBe('drain');
  });

  it('drops what arrives after our own close', async () => {
    const { client, server } = await connectedPair();
    const inbox = open(server);
    server.close('idle');
    client.write(block(1));
    expect(await inbox.closed).toBe('idle');
    expect(inbox.blocks).toHaveLength(0);
  });

  it('comes at once when destroyed', async () => {
    const { client, server } = await connectedPair();
    const inbox = open(server);
    server.destroy('timeout');
    expect(await inbox.closed).toBe('timeout');
    expect(await open(client).closed).toBe('peer');
  });

  it('is cut off when the peer does not close its side', async () => {
    const clock = fakeClock();
    const { port, next } = await listen({ clock });
    const accepted = next();
    const peer = await tlsPeer(port);
    peer.pause();
    const server = await accepted;
    const inbox = open(server);
    await writeUntilFull(server);
    server.close('drain');
    clock.advance(5000);
    expect(await inbox.closed).toBe('drain');
    await ended(peer);
  });
});

/** Writes until the connection says stop, with time for the system to take what it can. */
async function writeUntilFull(connection: BlockConnection): Promise<void> {
  while (connection.write(block(0))) await new Promise((resolve) => setImmediate(resolve));
}

function reset(raw: Socket): void {
  raw.resetAndDestroy();
}

function endWithoutNotice(raw: Socket): void {
  raw.end();
}

function breakRecord(raw: Socket, _peer: TLSSocket): void {
  raw.write(Buffer.from([23, 3, 3, 0, 32, ...new Array<number>(32).fill(1)]));
}
