/** XFTP §2.1, §2.2: certificates, ALPN, suites and session ids, against Node's own TLS. */
import { connect } from 'node:http2';
import type { PemCredentials } from '@polyplex/transport-tls';
import { beforeAll, describe, expect, it } from 'vitest';
import { dial, echo, http2Peer, IDENTITY, listen, newIdentity, readAll, tlsPeer, until, webCredentials } from './support.ts';

let web: PemCredentials;
beforeAll(async () => {
  web = await webCredentials();
});

describe('HTTP/2 is spoken whatever ALPN says', () => {
  it.each([
    { offered: ['xftp/1'], chosen: 'xftp/1' },
    { offered: ['h2'], chosen: 'h2' },
    { offered: ['http/1.1'], chosen: 'http/1.1' },
    { offered: ['http/1.1', 'h2'], chosen: 'h2' },
    { offered: ['http/1.1', 'unknown', 'h2', 'xftp/1'], chosen: 'xftp/1' },
    { offered: null, chosen: null },
  ])('offered $offered: $chosen', async ({ offered, chosen }) => {
    const { port, accepted } = await listen(echo);
    const client = await dial(port, { alpn: offered });
    const response = await client.request({ body: Buffer.from('hello') });
    expect((await readAll(response.body)).toString()).toBe('hello');
    expect([client.alpn, accepted[0]!.alpn]).toEqual([chosen, chosen]);
  });

  it('but not with a client that offers nothing we know', async () => {
    const { port, listener } = await listen(echo);
    const refused = tlsPeer(port, { ALPNProtocols: ['smp/1', 'h3'] });
    await expect(refused).rejects.toMatchObject({ code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL' });
    expect(listener.rejected.get('alpn')).toBe(1);
  });
});

describe('the session id is the client Finished of TLS', () => {
  it.each([
    { maxVersion: 'TLSv1.2', bytes: 12 },
    { maxVersion: 'TLSv1.3', ciphers: 'TLS_CHACHA20_POLY1305_SHA256', bytes: 32 },
  ] as const)('$maxVersion without web credentials: $bytes bytes', async ({ bytes, ...options }) => {
    const { port, accepted } = await listen(echo);
    const { socket, session } = await http2Peer(port, { ...options, ALPNProtocols: ['xftp/1'] });
    expect(session.destroyed).toBe(false);
    await until(() => accepted.length === 1);
    expect(accepted[0]!.sessionId).toHaveLength(bytes);
    expect(Buffer.from(accepted[0]!.sessionId)).toEqual(socket.getFinished());
  });

  it('TLS 1.3 with a SHA-384 suite, as browsers have it: 48 bytes', async () => {
    const { port, accepted } = await listen(echo, { credentials: { xftp: IDENTITY.credentials, web } });
    const { socket } = await http2Peer(port, { ALPNProtocols: ['h2'], servername: 'localhost', ciphers: 'TLS_AES_256_GCM_SHA384' });
    await until(() => accepted.length === 1);
    expect(accepted[0]!.sessionId).toHaveLength(48);
    expect(Buffer.from(accepted[0]!.sessionId)).toEqual(socket.getFinished());
  });

  it('and the same at both ends', async () => {
    const { port, accepted } = await listen(echo);
    const client = await dial(port);
    await until(() => accepted.length === 1);
    expect(client.sessionId).toEqual(accepted[0]!.sessionId);
    expect(client.peerChain).toEqual(IDENTITY.credentials.chain);
  });
});

describe('certificates', () => {
  it('the own chain without SNI, the web certificate with any name', async () => {
    const { port, accepted } = await listen(echo, { credentials: { xftp: IDENTITY.credentials, web } });
    const native = await dial(port);
    const browser = await tlsPeer(port, { ALPNProtocols: ['h2'], servername: 'whatever.example.com' });
    expect(native.peerChain).toEqual(IDENTITY.credentials.chain);
    expect(browser.getPeerX509Certificate()!.subject).toBe('CN=files.example.org');
    await until(() => accepted.length === 2);
    expect(accepted.map((connection) => connection.web)).toEqual([false, true]);
    // Hellos are signed with the own chain on web connections, too.
    expect(accepted[1]!.ownChain).toEqual(IDENTITY.credentials.chain);
  });

  it('SNI says nothing without web credentials', async () => {
    const { port, accepted } = await listen(echo);
    const peer = await tlsPeer(port, { ALPNProtocols: ['h2'], servername: 'localhost' });
    expect(peer.getPeerX509Certificate()!.subject).toBe('CN=localhost');
    await until(() => accepted.length === 1);
    expect(accepted[0]!.web).toBe(false);
  });

  it('Ed448, and a reload that serves new connections', async () => {
    const { port, listener, accepted } = await listen(echo);
    const before = await dial(port);
    const next = newIdentity('ed448');
    listener.setCredentials({ xftp: next.credentials });
    const after = await dial(port, { fingerprint: next.fingerprint });
    expect(after.peerChain).toEqual(next.credentials.chain);
    await until(() => accepted.length === 2);
    expect(accepted.map(({ ownChain }) => ownChain)).toEqual([IDENTITY.credentials.chain, next.credentials.chain]);
    expect(before.open).toBe(true);
  });

  it('a client of Node as it comes (ALPN h2, SNI)', async () => {
    const { port } = await listen(echo, { credentials: { xftp: IDENTITY.credentials, web } });
    const session = connect(`https://localhost:${port}`, { ca: web.certificate, lookup: (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]) });
    const stream = session.request({ ':method': 'POST', ':path': '/' });
    stream.end('from a browser');
    const body = await readAll(stream);
    session.close();
    expect(body.toString()).toBe('from a browser');
  });
});

describe('dialing', () => {
  it('another server than expected', async () => {
    const { port } = await listen(echo);
    await expect(dial(port, { fingerprint: newIdentity().fingerprint })).rejects.toMatchObject({ code: 'IDENTITY' });
  });

  it('whoever it is: the caller looks at the chain', async () => {
    const { port } = await listen(echo);
    expect((await dial(port, { fingerprint: null })).peerChain).toEqual(IDENTITY.credentials.chain);
  });

  it('nobody there', async () => {
    const { port, listener } = await listen(echo);
    await listener.close();
    await expect(dial(port)).rejects.toMatchObject({ code: 'NETWORK' });
  });
});
