/** Who speaks what (XFTP §2.1, §2.4, §2.5): ALPN with and without SNI, versions, lengths of session ids, tabs of one browser. */
import { concatBytes, equalBytes } from '@polyplex/base';
import { decodeSignedKey, fingerprintOf, leafPublicKey, sha256, verify } from '@polyplex/crypto';
import { handshakeBlock } from '@polyplex/protocol-common';
import { clientHandshake, clientHello } from '@polyplex/protocol-xftp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFile, download, uploadedFile } from './support/file.ts';
import { startFileServer, type TestFileServer, webCredentials } from './support/file-server.ts';
import { bareErrorOf, RawClient, received, said } from './support/raw-client.ts';

let plain: TestFileServer;
let web: TestFileServer;
const clients: RawClient[] = [];
beforeAll(async () => {
  plain = await startFileServer({ algorithm: 'ed448' });
  web = await startFileServer({
    web: await webCredentials(),
    pages: async ({ path }) => Promise.resolve(path === '/file' ? { status: 200, headers: { 'content-type': 'text/html' }, pieces: [Buffer.from('<html>')] } : null),
  });
});
afterAll(async () => {
  for (const client of clients) client.close();
  await plain.stop();
  await web.stop();
});

async function connect(...[options]: Parameters<typeof RawClient.connect>): Promise<RawClient> {
  const client = await RawClient.connect(options);
  clients.push(client);
  return client;
}

const clientHandshakeBlock = (server: TestFileServer, version = 3): Uint8Array => handshakeBlock(clientHandshake, { version, keyHash: server.fingerprint });
const PING = { tag: 'PING' } as const;

describe('a transfer works', () => {
  it.each([
    { name: 'native', alpn: 'xftp/1', sniSent: false },
    { name: 'native on the web port', alpn: 'http/1.1', sniSent: false },
    { name: 'without ALPN', alpn: null, sniSent: false },
    { name: 'browser', alpn: 'h2', sniSent: true },
    { name: 'native names with SNI', alpn: 'xftp/1', sniSent: true },
    { name: 'http/1.1 with SNI', alpn: 'http/1.1', sniSent: true },
  ])('$name', async ({ alpn, sniSent }) => {
    const client = await connect({ ...web, alpn, web: sniSent });
    const file = await uploadedFile(client);
    expect(equalBytes((await download(client, file.recipients[0]!)).content!, file.content)).toBe(true);
  });

  it.each([
    { suite: 'TLS 1.2', bytes: 12, tls: { maxVersion: 'TLSv1.2' } },
    { suite: 'TLS 1.3, SHA-256', bytes: 32, tls: { ciphers: 'TLS_CHACHA20_POLY1305_SHA256' } },
    { suite: 'TLS 1.3, SHA-384', bytes: 48, tls: { ciphers: 'TLS_AES_256_GCM_SHA384' } },
  ] as const)('with a session id of $bytes bytes ($suite)', async ({ bytes, tls }) => {
    for (const sniSent of [true, false]) {
      const client = await connect({ ...web, web: sniSent, tls });
      expect(client.hello!.sessionId).toEqual(client.sessionId);
      expect(client.sessionId).toHaveLength(bytes);
      const file = await uploadedFile(client, { kind: 'x25519' });
      expect((await download(client, file.recipients[0]!)).content).not.toBeNull();
    }
  });

  it.each([1, 2, 3])('in version %d, with X25519 authorisation, too', async (version) => {
    const client = await connect({ ...plain, version });
    expect(client.hello!.versions).toEqual({ min: 1, max: 3 });
    const file = await uploadedFile(client, { kind: 'x25519' });
    expect((await download(client, file.recipients[0]!)).content).not.toBeNull();
  });
});

describe('h2 without SNI', () => {
  it('is told nothing: 200 with an empty body, whatever it asks', async () => {
    const client = await connect({ ...web, alpn: 'h2', version: null });
    for (const method of ['POST', 'GET', 'OPTIONS']) {
      const answer = await client.ask({ method, headers: { 'xftp-web-hello': '1' } }, Buffer.alloc(method === 'POST' ? 16_384 : 0));
      expect([answer.status, answer.body.length, answer.headers['access-control-allow-origin']]).toEqual([200, 0, undefined]);
    }
  });
});

describe('the hello', () => {
  it.each(['plain', 'web'] as const)('is signed by the leaf of the own chain (%s server)', async (which) => {
    const server = which === 'plain' ? plain : web;
    const { hello, socket } = await connect({ ...server, web: which === 'web' });
    expect(hello!.key.chain).toHaveLength(2);
    expect(fingerprintOf(hello!.key.chain)).toEqual(server.fingerprint);
    expect(sha256(hello!.key.chain[1]!)).toEqual(server.fingerprint);
    const signed = decodeSignedKey(hello!.key.signedKey)!;
    expect(verify(leafPublicKey(hello!.key.chain)!, signed.signed, signed.signature)).toBe(true);
    expect(hello!.key.signedKey).toHaveLength(which === 'plain' ? 173 : 122);
    expect(equalBytes(hello!.key.chain[0]!, socket.getPeerX509Certificate()!.raw)).toBe(which === 'plain');
  });

  it('proves the identity where it was asked to', async () => {
    const client = await connect({ ...web, web: true });
    const challenge = new Uint8Array(32).fill(9);
    const { proof, key } = await client.greet(challenge);
    expect(verify(leafPublicKey(key.chain)!, concatBytes(challenge, client.sessionId), proof)).toBe(true);
    expect((await connect(plain)).hello!.proof).toHaveLength(0);
  });

  it('of a browser may have no challenge, or an empty body', async () => {
    const client = await connect({ ...web, web: true, version: null });
    const empty = await client.post(new Uint8Array(0), { 'xftp-web-hello': '1' });
    const none = await client.post(handshakeBlock(clientHello, { challenge: null }), { 'xftp-web-hello': '' });
    expect(empty.body.equals(none.body)).toBe(true);
    expect(bareErrorOf(empty)).toBe('16384 bytes');
  });

  it('offers the same session key each time it is asked', async () => {
    const client = await connect({ ...web, web: true });
    const again = await client.greet(null);
    expect(again.key.signedKey).toEqual(client.hello!.key.signedKey);
  });
});

describe('the handshake', () => {
  it('is answered with an empty body', async () => {
    const client = await connect({ ...plain, version: null });
    await client.greet(null);
    const answer = await client.post(clientHandshakeBlock(plain));
    expect([answer.status, answer.body.length]).toEqual([200, 0]);
  });

  it('may be repeated until it is right', async () => {
    const client = await connect({ ...plain, version: null });
    await client.greet(null);
    expect(bareErrorOf(await client.post(clientHandshakeBlock(plain, 9)))).toBe('HANDSHAKE');
    expect(bareErrorOf(await client.post(client.block(PING)))).toBe('HANDSHAKE');
    expect((await client.post(clientHandshakeBlock(plain))).body).toHaveLength(0);
    expect(said((await client.send(PING)).reply)).toBe('PONG');
  });

  it('cannot be left out', async () => {
    const client = await connect({ ...plain, version: null });
    expect(bareErrorOf(await client.post(client.block(PING)))).toBe('HANDSHAKE'); // taken as a hello with a body
  });

  it('is not there without ALPN: commands at once, in version 1', async () => {
    const client = await connect({ ...plain, alpn: null });
    expect(said((await client.send(PING)).reply)).toBe('PONG');
    expect(said(received(await client.post(clientHandshakeBlock(plain))).reply)).toBe('ERR BLOCK');
  });

  it('without ALPN there is no X25519 authorisation: nobody knows the key', async () => {
    const file = await createFile(await connect(plain), { kind: 'x25519' });
    const client = await connect({ ...plain, alpn: null });
    const { reply } = await client.send({ tag: 'FDEL' }, { entityId: file.senderId, auth: new Uint8Array(80).fill(1) });
    expect(said(reply)).toBe('ERR AUTH');
  });
});

describe('tabs of a browser, on one connection', () => {
  it('greet while another works', async () => {
    const client = await connect({ ...web, web: true });
    const file = await uploadedFile(client, { kind: 'x25519' });
    await client.greet(new Uint8Array(32).fill(2));
    // The first tab's command, between hello and handshake of the second.
    expect((await download(client, file.recipients[0]!)).content).not.toBeNull();
    const second = await client.post(clientHandshakeBlock(web), { 'xftp-handshake': '1' });
    expect(second.body).toHaveLength(0);
    expect((await download(client, file.recipients[0]!)).content).not.toBeNull();
  });

  it('greet before any of them is through', async () => {
    const client = await connect({ ...web, web: true, version: null });
    await client.greet(new Uint8Array(32).fill(1));
    await client.greet(new Uint8Array(32).fill(2));
    for (let tab = 0; tab < 2; tab++) {
      expect((await client.post(clientHandshakeBlock(web), { 'xftp-handshake': '1' })).body).toHaveLength(0);
    }
    expect(said((await client.send(PING)).reply)).toBe('PONG');
  });

  it('all at once', async () => {
    const client = await connect({ ...web, web: true });
    const file = await uploadedFile(client, { size: 262_144 });
    const tabs = Array.from({ length: 10 }, async (_, i) => {
      await client.greet(new Uint8Array(32).fill(i));
      const answer = await client.post(clientHandshakeBlock(web), { 'xftp-handshake': '1' });
      expect(answer.body).toHaveLength(0);
      return (await download(client, file.recipients[0]!)).content;
    });
    expect((await Promise.all(tabs)).map((content) => content !== null && equalBytes(content, file.content))).toEqual(tabs.map(() => true));
  });

  it('a bad handshake of one does not end the session of the others', async () => {
    const client = await connect({ ...web, web: true });
    expect(bareErrorOf(await client.post(new Uint8Array(16_384), { 'xftp-handshake': '1' }))).toBe('HANDSHAKE');
    expect(bareErrorOf(await client.post(new Uint8Array(16_384), { 'xftp-web-hello': '1' }))).toBe('HANDSHAKE');
    expect(said((await client.send(PING)).reply)).toBe('PONG');
  });

  it('headers of browsers mean nothing without SNI', async () => {
    const client = await connect(web);
    const answer = await client.post(client.block(PING), { 'xftp-web-hello': '1', 'xftp-handshake': '1' });
    expect(said(received(answer).reply)).toBe('PONG');
  });
});

describe('CORS', () => {
  it('on every response to a browser', async () => {
    const client = await connect({ ...web, web: true });
    const answer = await client.post(client.block(PING));
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': '*', 'access-control-expose-headers': '*' });
    expect(answer.headers['content-type']).toBeUndefined();
  });

  it('preflight, before any handshake and on any path', async () => {
    const client = await connect({ ...web, web: true, version: null });
    const answer = await client.ask({ method: 'OPTIONS', path: '/anything' });
    expect([answer.status, answer.body.length]).toEqual([200, 0]);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'POST, OPTIONS',
      'access-control-allow-headers': '*',
      'access-control-max-age': '86400',
    });
  });

  it('not to others, for whom OPTIONS is a request like POST', async () => {
    const client = await connect(web);
    const answer = await client.ask({ method: 'OPTIONS' }, client.block(PING));
    expect(said(received(answer).reply)).toBe('PONG');
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('pages', () => {
  it('for browsers, without a handshake', async () => {
    const client = await connect({ ...web, web: true, version: null });
    const page = await client.ask({ method: 'GET', path: '/file' });
    expect([page.status, page.headers['content-type'], page.body.toString()]).toEqual([200, 'text/html', '<html>']);
    expect((await client.ask({ method: 'GET', path: '/none' })).status).toBe(404);
  });

  it('404 where there are none', async () => {
    const server = await startFileServer({ web: await webCredentials() });
    const client = await connect({ ...server, web: true, version: null });
    expect((await client.ask({ method: 'GET' })).status).toBe(404);
    await server.stop();
  });
});
