/** Design §4: bounds on handshakes, connections and addresses, over real sockets. */
import { describe, expect, it } from 'vitest';
import { dial, ended, fakeClock, listen, open, rawPeer, tlsPeer, until } from './support.ts';

describe('a peer that does not finish its handshake', () => {
  it('is closed when it says nothing', async () => {
    const { port, listener } = await listen({ handshakeTimeoutMs: 500 });
    const peer = await rawPeer(port);
    await until(() => listener.sockets.handshakes === 1);
    await ended(peer);
    await until(() => listener.sockets.open === 0);
    expect(listener.rejected.values).toEqual(new Map([['timeout', 1]]));
  });

  it('is closed when it drips', async () => {
    const { port, listener } = await listen({ handshakeTimeoutMs: 200 });
    const peer = await rawPeer(port);
    // The beginning of a ClientHello that would be 16 KiB long.
    peer.write(Buffer.from([22, 3, 1, 0x3f, 0xff, 1, 0, 0x3f, 0xfb, 3, 3]));
    const drip = setInterval(() => peer.write(Buffer.of(0)), 20);
    await ended(peer);
    clearInterval(drip);
    expect(listener.rejected.get('timeout')).toBe(1);
  });

  it('does not hold up the close of the listener', async () => {
    const { port, listener } = await listen();
    const peer = await rawPeer(port);
    await until(() => listener.sockets.handshakes === 1);
    await listener.close();
    await ended(peer);
    expect(listener.sockets).toEqual({ open: 0, handshakes: 0 });
  });
});

describe('the sockets of a port', () => {
  it('are counted, those included that were turned away', async () => {
    const { port, listener, next } = await listen({ limits: { connections: 1 } });
    const accepted = next();
    await dial(port);
    await accepted;
    await expect(dial(port)).rejects.toMatchObject({ code: 'NETWORK' });
    await until(() => listener.ports[0]!.closed === 1);
    expect(listener.ports).toMatchObject([{ port, accepted: 2, closed: 1, active: 1 }]);
    expect(listener.handshakeSeconds.count).toBe(1);
    expect(listener.handshakeSeconds.sum).toBeGreaterThan(0);
    await listener.close();
    expect(listener.ports).toMatchObject([{ port, accepted: 2, closed: 2, active: 0 }]);
  });
});

describe('limits', () => {
  it('on handshakes in flight; a finished one gives its slot back', async () => {
    const { port, listener, next } = await listen({ limits: { handshakes: 1 } });
    const accepted = next();
    await dial(port);
    await accepted;
    const holding = await rawPeer(port);
    await until(() => listener.sockets.handshakes === 1);
    await expect(dial(port)).rejects.toMatchObject({ code: 'NETWORK' });
    expect(listener.rejected.get('handshakes')).toBe(1);
    holding.destroy();
    await until(() => listener.sockets.handshakes === 0);
    await dial(port);
  });

  it('on handshakes of one address: a tenth', async () => {
    const { port, listener } = await listen({ limits: { handshakes: 20 } });
    const holding = [await rawPeer(port), await rawPeer(port)];
    await until(() => listener.sockets.handshakes === 2);
    await expect(dial(port)).rejects.toMatchObject({ code: 'NETWORK' });
    expect(listener.rejected.values).toEqual(new Map([['address', 1]]));
    holding[0]!.destroy();
    await until(() => listener.sockets.handshakes === 1);
    for (let i = 0; i < 2; i++) { // a finished one does not count
      await dial(port);
      await until(() => listener.sockets.handshakes === 1);
    }
  });

  it('on connections in all; a closed one gives its place back', async () => {
    const { port, listener, next } = await listen({ limits: { connections: 2 } });
    let accepted = next();
    const first = await dial(port);
    await accepted;
    accepted = next();
    await dial(port);
    await accepted;
    await expect(dial(port)).rejects.toMatchObject({ code: 'NETWORK' });
    expect(listener.rejected.get('connections')).toBe(1);
    first.destroy('local');
    await until(() => listener.sockets.open === 1);
    await dial(port);
  });

  it('on connections of one address', async () => {
    const { port, listener, accepted } = await listen({ limits: { connectionsPerAddress: 1 } });
    await dial(port);
    await until(() => accepted.length === 1);
    open(accepted[0]!);
    await expect(dial(port)).rejects.toMatchObject({ code: 'NETWORK' });
    expect(listener.rejected.values).toEqual(new Map([['address', 1]]));
    // Another address is another client; all of 127.0.0.0/8 is this machine.
    await tlsPeer(port, { localAddress: '127.0.0.2' });
    await until(() => accepted.length === 2);
    accepted[0]!.destroy('idle');
    await until(() => listener.connections.size === 1);
    await dial(port);
  });

  it('on new connections a minute from one address', async () => {
    let now = 1_000_000;
    const clock = { now: () => now, after: () => () => {}, every: () => () => {} };
    const { port, listener } = await listen({ limits: { newPerMinutePerAddress: 2 }, clock });
    for (let i = 0; i < 2; i++) (await dial(port)).destroy('local');
    await expect(dial(port)).rejects.toMatchObject({ code: 'NETWORK' });
    expect(listener.rejected.get('address')).toBe(1);
    now += 150_000;
    await dial(port);
  });
});

describe('close', () => {
  it('stops accepting and closes all connections with the reason drain', async () => {
    const { port, listener, accepted } = await listen();
    const clients = await Promise.all(Array.from({ length: 5 }, () => dial(port)));
    await until(() => accepted.length === 5);
    const ends = accepted.map((connection) => open(connection).closed);
    await listener.close();
    expect(await Promise.all(ends)).toEqual(new Array(5).fill('drain'));
    expect(await Promise.all(clients.map((client) => open(client).closed))).toEqual(new Array(5).fill('peer'));
    await expect(dial(port)).rejects.toMatchObject({ code: 'NETWORK' });
  });

  it('spreads the closes over the grace', async () => {
    const clock = fakeClock();
    const { port, listener, accepted } = await listen({ clock });
    const clients = await Promise.all(Array.from({ length: 8 }, () => dial(port)));
    clients.forEach((client) => void open(client));
    await until(() => accepted.length === 8);
    const closed = listener.close({ graceMs: 600 });
    clock.advance(300);
    await until(() => listener.connections.size <= 4);
    expect(listener.connections.size).toBe(4);
    clock.advance(300);
    await closed;
    expect(listener.sockets.open).toBe(0);
  });
});
