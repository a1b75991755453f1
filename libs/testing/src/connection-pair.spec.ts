import { describe, expect, it } from 'vitest';
import type { BlockConnection, CloseReason } from '@polyplex/protocol-common';
import { connectionPair, type ConnectionPairOptions } from './connection-pair.ts';
import { createFakeClock } from './fake-clock.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await turn();
};

function block(fill: number): Uint8Array {
  return new Uint8Array(16_384).fill(fill);
}

interface Seen {
  readonly blocks: number[];
  drained: number;
  readonly closed: CloseReason[];
}

function watch(connection: BlockConnection): Seen {
  const seen: Seen = { blocks: [], drained: 0, closed: [] };
  connection.start({
    block: (bytes) => seen.blocks.push(bytes[0]!),
    drained: () => seen.drained++,
    closed: (reason) => seen.closed.push(reason),
  });
  return seen;
}

function pairOf(options?: ConnectionPairOptions): ReturnType<typeof connectionPair> {
  return connectionPair(options);
}

describe('connectionPair', () => {
  it('shares the session id and swaps the chains', () => {
    const serverChain = [new Uint8Array([1])];
    const { client, server } = pairOf({ serverChain, alpn: null });
    expect(client.sessionId).toEqual(server.sessionId);
    expect(client.peerChain).toBe(serverChain);
    expect(server.ownChain).toBe(serverChain);
    expect([client.alpn, server.alpn]).toEqual([null, null]);
  });

  it('delivers blocks in order, never inside write, and only after start', async () => {
    const { client, server } = pairOf();
    client.write(block(1));
    client.write(block(2));
    await turn();
    const seen = watch(server);
    expect(seen.blocks).toEqual([]);
    await turns(2);
    expect(seen.blocks).toEqual([1, 2]);
  });

  it('gives the receiver memory of its own', async () => {
    const { client, server } = pairOf();
    const sent = block(7);
    server.start({ block: (bytes) => bytes.fill(0), drained: () => undefined, closed: () => undefined });
    client.write(sent);
    await turns(2);
    expect(sent[0]).toBe(7);
  });

  it('holds blocks back while the receiver is paused, says stop, and says when to go on', async () => {
    const { client, server } = pairOf({ highWaterBytes: 2 * 16_384 });
    const writer = watch(client);
    const reader = watch(server);
    server.pause();
    expect(client.write(block(1))).toBe(true);
    expect(client.write(block(2))).toBe(false);
    await turns(3);
    expect(client.bufferedBytes).toBe(2 * 16_384);
    expect([reader.blocks, writer.drained]).toEqual([[], 0]);
    server.resume();
    await turns(2);
    expect([reader.blocks, writer.drained, client.bufferedBytes]).toEqual([[1, 2], 1, 0]);
  });

  it('sends what is queued before it closes, and tells each end once', async () => {
    const { client, server } = pairOf();
    const writer = watch(client);
    const reader = watch(server);
    client.write(block(1));
    client.close('drain');
    client.write(block(2));
    await turns(4);
    expect(reader).toMatchObject({ blocks: [1], closed: ['peer'] });
    expect(writer.closed).toEqual(['drain']);
  });

  it('cuts a close off when the other end does not read', async () => {
    const clock = createFakeClock();
    const { client, server } = pairOf({ clock });
    const writer = watch(client);
    watch(server);
    server.pause();
    client.write(block(1));
    client.close('local');
    await turns(2);
    expect(writer.closed).toEqual([]);
    clock.advance(5_000);
    await turns(2);
    expect(writer.closed).toEqual(['local']);
  });

  it('drops what is queued when destroyed', async () => {
    const { client, server } = pairOf();
    const reader = watch(server);
    client.write(block(1));
    client.destroy('error');
    await turns(3);
    expect(reader).toMatchObject({ blocks: [], closed: ['peer'] });
  });

  it('delays blocks by the latency, and lets a test change or drop them', async () => {
    const clock = createFakeClock();
    const { client, server } = pairOf({ clock, latencyMs: 50, intercept: (b, from) => (b[0] === 2 ? null : b.fill(from === 'client' ? 9 : 8)) });
    const reader = watch(server);
    client.write(block(1));
    client.write(block(2));
    clock.advance(49);
    await turns(2);
    expect(reader.blocks).toEqual([]);
    clock.advance(1);
    await turns(2);
    expect(reader.blocks).toEqual([9]);
  });

  it('withholds blocks while held', async () => {
    const { client, server } = pairOf();
    const reader = watch(server);
    client.hold();
    client.write(block(1));
    await turns(2);
    expect(reader.blocks).toEqual([]);
    client.release();
    await turns(2);
    expect(reader.blocks).toEqual([1]);
  });
});
