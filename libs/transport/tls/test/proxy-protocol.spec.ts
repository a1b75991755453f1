/** PROXY protocol in front of TLS, from balancers that are trusted and from others (design §5). */
import { describe, expect, it } from 'vitest';
import { dial, ended, listen, open, rawPeer, type TestListener, tlsPeer, until } from './support.ts';

const V2_START = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
const TLV = [0x04, 0x00, 0x02, 0xaa, 0xbb];

function v2(commandAndVersion: number, family: number, body: readonly number[]): Buffer {
  return Buffer.from([...V2_START, commandAndVersion, family, body.length >> 8, body.length & 255, ...body]);
}

const V2_IPV4 = v2(0x21, 0x11, [198, 51, 100, 7, 192, 0, 2, 1, 0x10, 0, 0x14, 0x67, ...TLV]);
const V2_IPV6 = v2(0x21, 0x21, [0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 2, ...new Array<number>(24).fill(9), 0, 1, 0, 2]);

function behindProxy(options: { readonly handshakeTimeoutMs?: number } = {}): Promise<TestListener> {
  return listen({ proxyProtocol: true, trustedProxies: ['127.0.0.0/8'], ...options });
}

describe('a trusted balancer', () => {
  it.each([
    ['version 1, IPv4', Buffer.from('PROXY TCP4 198.51.100.7 192.0.2.1 4096 5223\r\n'), '198.51.100.7'],
    ['version 1, IPv6', Buffer.from('PROXY TCP6 2001:db8:1:2::9 2001:db8::1 4096 5223\r\n'), '2001:db8:1:2::/64'],
    ['version 1, UNKNOWN', Buffer.from('PROXY UNKNOWN whatever\r\n'), '127.0.0.1'],
    ['version 2, IPv4 and a TLV', V2_IPV4, '198.51.100.7'],
    ['version 2, IPv6', V2_IPV6, '2001:db8:1:2::/64'],
    ['version 2, LOCAL', v2(0x20, 0x00, []), '127.0.0.1'],
  ])('names the client: %s', async (_name, header, addressKey) => {
    const { port, next } = await behindProxy();
    const accepted = next();
    const raw = await rawPeer(port);
    raw.write(header);
    await tlsPeer(0, { socket: raw });
    expect((await accepted).addressKey).toBe(addressKey);
  });

  it.each([1, 5, 16, 30])('may send the header in pieces of %d bytes', async (size) => {
    const { port, next } = await behindProxy();
    const accepted = next();
    const raw = await rawPeer(port);
    raw.setNoDelay(true);
    for (let at = 0; at < V2_IPV4.length; at += size) {
      raw.write(V2_IPV4.subarray(at, at + size));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await tlsPeer(0, { socket: raw });
    expect((await accepted).addressKey).toBe('198.51.100.7');
  });

  it('may send the header and the ClientHello at once, and blocks follow', async () => {
    const { port, next } = await behindProxy();
    const accepted = next();
    const raw = await rawPeer(port);
    // Both are written before the listener, in the same process, reads for the first time.
    raw.write(V2_IPV4);
    const peer = await tlsPeer(0, { socket: raw });
    const inbox = open(await accepted);
    peer.write(Buffer.alloc(16_384, 5));
    await inbox.count(1);
    expect(inbox.blocks[0]![0]).toBe(5);
  });

  it('is held to the client’s limit, not to one of its own', async () => {
    const { port, listener } = await listen({
      proxyProtocol: true,
      trustedProxies: ['127.0.0.1'],
      limits: { connectionsPerAddress: 1 },
    });
    const connect = async (address: string): Promise<unknown> => {
      const raw = await rawPeer(port);
      raw.write(`PROXY TCP4 ${address} 192.0.2.1 1 2\r\n`);
      return tlsPeer(0, { socket: raw });
    };
    await connect('198.51.100.1');
    await connect('198.51.100.2');
    await expect(connect('198.51.100.1')).rejects.toThrow();
    expect(listener.rejected.values).toEqual(new Map([['address', 1]]));
  });

  it.each([
    ['no header', Buffer.from([22, 3, 1, 0, 5, 1, 0, 0, 1, 0])],
    ['a family that does not fit', Buffer.from('PROXY TCP4 2001:db8::1 192.0.2.1 1 2\r\n')],
    ['a port out of range', Buffer.from('PROXY TCP4 198.51.100.7 192.0.2.1 65536 2\r\n')],
    ['no end of line', Buffer.from(`PROXY TCP4 ${'1'.repeat(200)}`)],
    ['a bare line feed', Buffer.from('PROXY UNKNOWN\n')],
    ['another version', v2(0x31, 0x11, new Array<number>(12).fill(1))],
    ['another command', v2(0x22, 0x11, new Array<number>(12).fill(1))],
    ['another family', v2(0x21, 0x41, new Array<number>(12).fill(1))],
    ['too few address bytes', v2(0x21, 0x11, new Array<number>(11).fill(1))],
    ['a body that is too long', Buffer.from([...V2_START, 0x21, 0x11, 0xff, 0xff])],
  ])('is cut off for %s', async (_name, bytes) => {
    const { port, listener, accepted } = await behindProxy();
    const raw = await rawPeer(port);
    raw.write(bytes);
    await ended(raw);
    expect(listener.rejected.values).toEqual(new Map([['proxy', 1]]));
    expect(accepted).toHaveLength(0);
    await until(() => listener.sockets.open === 0);
  });

  it('is cut off when the header does not come', async () => {
    const { port, listener } = await behindProxy({ handshakeTimeoutMs: 300 });
    const raw = await rawPeer(port);
    raw.write('PROXY TCP4 198.');
    await ended(raw);
    expect(listener.rejected.values).toEqual(new Map([['timeout', 1]]));
  });
});

describe('anyone else', () => {
  it('is a client, and a header from it is not TLS', async () => {
    const { port, listener, next } = await listen({ proxyProtocol: true, trustedProxies: ['10.0.0.0/8', '2001:db8::/32'] });
    const accepted = next();
    await dial(port);
    expect((await accepted).addressKey).toBe('127.0.0.1');
    const raw = await rawPeer(port);
    raw.write(V2_IPV4);
    await ended(raw);
    expect(listener.rejected.values).toEqual(new Map([['tls', 1]]));
  });

  it('is nobody by accident: what is not an address is refused at the start', async () => {
    await expect(listen({ proxyProtocol: true, trustedProxies: ['balancer.local'] })).rejects.toThrow(RangeError);
  });
});
