/** Who speaks what (NTF §1): ALPN, versions, kinds of keys, session ids, WebSockets, and handshakes that fail. */
import { decodeSignedKey, generateKeyPair, leafPublicKey, verify as verifySignature } from '@polyplex/crypto';
import { openHandshakeBlock } from '@polyplex/protocol-common';
import { ntfClientHello, ntfHandshakeBlock, ntfServerHello } from '@polyplex/protocol-ntf';
import { dialWebSocket } from '@polyplex/transport-tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { activeToken, newApp, register, snew, subscribe, verify } from './support/device.ts';
import { startProxy, type TestProxy } from './support/proxy.ts';
import { dialProxy, RawClient, said } from './support/raw-client.ts';

const proxies: TestProxy[] = [];
let proxy: TestProxy;
beforeAll(async () => {
  for (const algorithm of ['ed25519', 'ed448'] as const) proxies.push(await startProxy({ algorithm }));
  proxy = proxies[0]!;
});
afterAll(async () => {
  for (const each of proxies) await each.stop();
});

/** Closed at the end of its test. */
async function withClient(options: Partial<Parameters<typeof RawClient.connect>[0]>, use: (client: RawClient) => Promise<void>, on = proxy): Promise<void> {
  const client = await RawClient.connect({ ...on, ...options });
  try {
    await use(client);
  } finally {
    client.close();
  }
}

describe.each([1, 2, 3])('version %i', (version) => {
  it.each(['ed25519', 'ed448', 'x25519'] as const)('a device registers, is verified and subscribes with an %s key', async (kind) => {
    await withClient({ version }, async (client) => {
      const app = newApp(kind);
      if (version === 1 && kind === 'x25519') {
        // There is no session key to agree with in version 1: nobody can make an authenticator.
        expect(said(await client.ask({ tag: 'TCHK' }, { entityId: new Uint8Array(24), auth: new Uint8Array(80) }))).toBe('ERR AUTH');
        return;
      }
      const token = await register(client, app);
      expect(said(await verify(client, proxy.store, token))).toBe('OK');
      const entityId = await subscribe(client, token);
      expect(said(await client.ask({ tag: 'SCHK' }, { ...token.sent, entityId }))).toBe('SUB NEW');
      expect(said(await client.ask({ tag: 'TDEL' }, token.sent))).toBe('OK');
    });
  });

  it('says why a token is INVALID from version 3 on', async () => {
    await withClient({ version }, async (client) => {
      const token = await register(client);
      const jobs = await proxy.store.takeDue(Date.now(), 1000, 1000);
      for (const job of jobs) await proxy.store.settle(job, { verification: 'INVALID,TOPIC', retryAt: null }, Date.now(), 1000);
      expect(said(await client.ask({ tag: 'TCHK' }, token.sent))).toBe(version < 3 ? 'TKN INVALID' : 'TKN INVALID,TOPIC');
    });
  });

  it('answers to one block come in its order, in as few blocks as fit', async () => {
    await withClient({ version }, async (client) => {
      const token = await activeToken(client, proxy.store);
      const corrIds = Array.from({ length: 6 }, (_, i) => Uint8Array.of(i));
      client.send(...corrIds.map((corrId) => client.transmission({ tag: 'TCHK' }, { ...token.sent, corrId })));
      for (const corrId of corrIds) {
        const answer = await client.next();
        expect([said(answer.reply), answer.corrId]).toEqual(['TKN ACTIVE', corrId]);
      }
      // Two requests of this size fill a block; their answers share one.
      client.send(client.transmission({ tag: 'PING' }), client.transmission({ tag: 'PING' }));
      expect(await client.nextBlock()).toHaveLength(version === 1 ? 1 : 2);
    });
  });
});

describe('ALPN', () => {
  it.each([
    ['ntf/1', ['ntf/1'], 3], ['h2', ['h2'], 3], ['http/1.1', ['http/1.1'], 3], ['several', ['x', 'ntf/1'], 3], ['none', null, 1],
  ] as const)('%s', async (_, alpn, max) => {
    await withClient({ alpn, version: max }, async (client) => {
      expect(client.hello.versions).toEqual({ min: 1, max });
      expect(client.hello.signedKey === null).toBe(max === 1);
      expect(said(await client.ask({ tag: 'PING' }))).toBe('PONG');
    });
  });

  it('only unknown names: refused in the TLS handshake', async () => {
    await expect(RawClient.connect({ ...proxy, alpn: ['smp/1'] })).rejects.toThrow();
  });

  it('none, and a version above 1: closed', async () => {
    const { connection, blocks, closed } = await dialProxy({ ...proxy, alpn: null });
    await blocks.next();
    connection.write(ntfHandshakeBlock(ntfClientHello, { version: 2, keyHash: proxy.fingerprint }));
    expect(await closed).toBe('peer');
  });
});

describe('the hello', () => {
  it.each(['ed25519', 'ed448'] as const)('has a fresh session key that the leaf of TLS signed with %s', async (algorithm) => {
    const on = proxies[algorithm === 'ed25519' ? 0 : 1]!;
    const keys = new Set<string>();
    for (let i = 0; i < 2; i++) {
      await withClient({}, (client) => {
        const signed = decodeSignedKey(client.hello.signedKey!)!;
        expect(signed.algorithm).toBe(algorithm);
        expect(verifySignature(leafPublicKey(client.connection.peerChain)!, signed.signed, signed.signature)).toBe(true);
        expect(client.hello.sessionId).toEqual(client.connection.sessionId);
        keys.add(Buffer.from(signed.key.raw).toString('hex'));
        return Promise.resolve();
      }, on);
    }
    expect(keys.size).toBe(2);
  });

  it.each<[string, () => Uint8Array]>([
    ['another identity', () => ntfHandshakeBlock(ntfClientHello, { version: 3, keyHash: new Uint8Array(32) })],
    ['no identity', () => ntfHandshakeBlock(ntfClientHello, { version: 3, keyHash: new Uint8Array(0) })],
    ['version 0', () => ntfHandshakeBlock(ntfClientHello, { version: 0, keyHash: proxy.fingerprint })],
    ['version 4', () => ntfHandshakeBlock(ntfClientHello, { version: 4, keyHash: proxy.fingerprint })],
    ['a length beyond the block', () => new Uint8Array(512).fill(0xff)],
    ['nothing', () => new Uint8Array(512)],
  ])('answered with %s: closed without a word', async (_, hello) => {
    const before = proxy.stats.handshakeFailures.total;
    const { connection, blocks, closed } = await dialProxy(proxy);
    expect(openHandshakeBlock(ntfServerHello, await blocks.next())).not.toBeNull();
    connection.write(hello());
    expect(await closed).toBe('peer');
    await expect(blocks.next()).rejects.toThrow('closed');
    expect(proxy.stats.handshakeFailures.total).toBe(before + 1);
  });
});

it('over a WebSocket', async () => {
  const dial: typeof dialWebSocket = (options) => dialWebSocket({ ...options, alpn: ['http/1.1'] });
  await withClient({ port: proxy.webSocketPort, dial }, async (client) => {
    const token = await activeToken(client, proxy.store);
    expect(said(await client.ask(snew(token), { key: token.sent.key }))).toBe('IDSUB');
  });
});

it('two connections of one app share nothing but the store', async () => {
  await withClient({}, async (first) => {
    const token = await activeToken(first, proxy.store, newApp('x25519'));
    await withClient({ version: 1, alpn: null }, async (second) => {
      // Made for the other session: the authenticator is over another key and session id.
      const item = first.transmission({ tag: 'TCHK' }, token.sent);
      expect(item[0]).toBe(80);
      expect(said(await second.ask({ tag: 'TCHK' }, { entityId: token.tokenId, key: generateKeyPair('ed25519').privateKey }))).toBe('ERR AUTH');
    });
    await withClient({}, async (second) => {
      second.send(first.transmission({ tag: 'TCHK' }, token.sent));
      expect(said((await second.next()).reply)).toBe('ERR AUTH');
      expect(said(await second.ask({ tag: 'TCHK' }, token.sent))).toBe('TKN ACTIVE');
    });
  });
});
