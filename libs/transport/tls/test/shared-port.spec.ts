/** SMP §2.7: one port for SMP and HTTPS, told apart by SNI alone. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { get } from 'node:https';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import type { PemCredentials } from '../src/index.ts';
import { openssl, temporaryFolder } from './openssl.ts';
import { block, cleanup, dial, IDENTITY, listen, open, type TestListener, tlsPeer, until } from './support.ts';

let web: PemCredentials;

beforeAll(async () => {
  const folder = await temporaryFolder();
  const [key, certificate] = [join(folder, 'web.key'), join(folder, 'web.crt')];
  const subject = ['-subj', '/CN=relay.example.org', '-addext', 'subjectAltName=DNS:relay.example.org'];
  await openssl(['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, ...subject]);
  web = { key: await readFile(key, 'utf8'), certificate: await readFile(certificate, 'utf8') };
});

interface SharedPort extends TestListener {
  readonly requests: string[];
}

async function sharedPort(): Promise<SharedPort> {
  const requests: string[] = [];
  const http = createServer((request, response) => {
    requests.push(request.url ?? '');
    response.end('information page');
  });
  const test = await listen({
    kind: 'shared',
    credentials: { smp: IDENTITY.credentials, web },
    onHttps: (socket) => http.emit('connection', socket),
    httpsTimeoutMs: 2000,
  });
  http.on('upgrade', (request, socket, head) => test.listener.upgrade({ request, socket, head }));
  return { ...test, requests };
}

const SNI = { servername: 'relay.example.org', ciphers: undefined, ecdhCurve: 'X25519', sigalgs: undefined };

describe('a client with SNI', () => {
  it('gets the web certificate and the page', async () => {
    const { port, requests } = await sharedPort();
    const where = { port, host: '127.0.0.1', servername: 'relay.example.org', path: '/x' };
    const request = get({ ...where, ca: web.certificate, agent: false });
    const [response] = (await once(request, 'response')) as [AsyncIterable<Buffer> & { statusCode: number }];
    let body = '';
    for await (const chunk of response) body += chunk.toString();
    expect([response.statusCode, body]).toEqual([200, 'information page']);
    expect(requests).toEqual(['/x']);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('is HTTP even when it offers smp/1 as well, %s', async (maxVersion) => {
    const { port, accepted } = await sharedPort();
    const peer = await tlsPeer(port, { ...SNI, maxVersion, ALPNProtocols: ['smp/1', 'h2', 'http/1.1'] });
    expect(peer.alpnProtocol).toBe('http/1.1');
    expect(peer.getPeerX509Certificate()!.subject).toBe('CN=relay.example.org');
    expect(accepted).toHaveLength(0);
  });

  it('that speaks only what a page does not is told so', async () => {
    const { port, listener } = await sharedPort();
    const refused = tlsPeer(port, { ...SNI, ALPNProtocols: ['smp/1'] });
    await expect(refused).rejects.toMatchObject({ code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL' });
    expect(listener.rejected.get('alpn')).toBe(1);
  });

  it('may open a WebSocket at /', async () => {
    const { port, next } = await sharedPort();
    const accepted = next();
    const options: ClientOptions & { servername: string } = { servername: 'relay.example.org', ca: web.certificate };
    const peer = new WebSocket(`wss://127.0.0.1:${port}/`, options);
    cleanup(() => peer.terminate());
    await once(peer, 'open');
    const server = await accepted;
    expect(server.sessionId).toHaveLength(32);
    expect(server.ownChain).toEqual(IDENTITY.credentials.chain);
    const inbox = open(server);
    peer.send(block(8));
    await inbox.count(1);
    expect(inbox.blocks[0]).toEqual(block(8));
  });

  it('does not stay for ever', async () => {
    const { port, listener } = await sharedPort();
    const peer = await tlsPeer(port, { ...SNI });
    peer.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(peer.resume(), 'close');
    await until(() => listener.sockets.open === 0);
  });
});

describe('a client without SNI', () => {
  it.each([['smp/1'], ['http/1.1'], ['h2']])('that offers %s is SMP', async (name) => {
    const { port, next, requests } = await sharedPort();
    const accepted = next();
    const client = await dial(port, { alpn: [name] });
    expect(client.peerChain).toEqual(IDENTITY.credentials.chain);
    expect((await accepted).alpn).toBe(name);
    expect(requests).toEqual([]);
  });

  it('that offers no ALPN is SMP', async () => {
    const { port, next } = await sharedPort();
    const accepted = next();
    await dial(port, { alpn: null });
    expect((await accepted).alpn).toBeNull();
  });

  it('may use the wider parameters', async () => {
    const { port, next } = await sharedPort();
    const accepted = next();
    const peer = await tlsPeer(port, { ciphers: 'TLS_AES_128_GCM_SHA256', minVersion: 'TLSv1.3', ecdhCurve: 'P-521' });
    expect(peer.getCipher().name).toBe('TLS_AES_128_GCM_SHA256');
    expect((await accepted).sessionId).toHaveLength(32);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('has no session to resume either, %s', async (maxVersion) => {
    const { port } = await sharedPort();
    const first = await tlsPeer(port, { maxVersion });
    const again = await tlsPeer(port, { maxVersion, session: first.getSession()! });
    expect(again.isSessionReused()).toBe(false);
  });
});

it('without web credentials everyone is SMP, by the strict parameters', async () => {
  const { port, next } = await listen({ kind: 'shared' });
  const accepted = next();
  const peer = await tlsPeer(port, { servername: 'relay.example.org', ALPNProtocols: ['http/1.1'] });
  expect(peer.getPeerX509Certificate()!.subject).toBe('CN=localhost');
  expect((await accepted).alpn).toBe('http/1.1');
  await expect(tlsPeer(port, { ciphers: 'TLS_AES_128_GCM_SHA256', minVersion: 'TLSv1.3' })).rejects.toThrow();
});

it('web credentials may come later', async () => {
  const { port, listener } = await listen({ kind: 'shared', onHttps: (socket) => socket.end('page') });
  listener.setCredentials({ smp: IDENTITY.credentials, web });
  const peer = await tlsPeer(port, { ...SNI });
  expect(String((await once(peer, 'data'))[0])).toBe('page');
  expect(() => listener.setCredentials({ smp: IDENTITY.credentials, web: { certificate: 'x', key: 'y' } })).toThrow();
  await dial(port);
});
