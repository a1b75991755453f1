/** SMP §2.1, §2.2 and §2.5 against peers that are not ours: versions, suites, groups, signatures, ALPN, SNI. */
import { describe, expect, it } from 'vitest';
import { connectedPair, dial, ended, IDENTITY, listen, newIdentity, rawPeer, tlsPeer } from './support.ts';

describe('what a strict port accepts', () => {
  it.each([
    { maxVersion: 'TLSv1.3', cipher: 'TLS_CHACHA20_POLY1305_SHA256', finished: 32 },
    { maxVersion: 'TLSv1.2', cipher: 'ECDHE-ECDSA-CHACHA20-POLY1305', finished: 12 },
  ] as const)('$maxVersion with its suite, and a session id of $finished bytes', async ({ maxVersion, cipher, finished }) => {
    const { port, next } = await listen();
    const accepted = next();
    const peer = await tlsPeer(port, { maxVersion });
    expect(peer.getProtocol()).toBe(maxVersion);
    expect(peer.getCipher().name).toBe(cipher);
    const connection = await accepted;
    expect(connection.sessionId).toHaveLength(finished);
    expect(Buffer.from(connection.sessionId)).toEqual(peer.getFinished());
  });

  it.each(['X448', 'X25519'])('group %s', async (ecdhCurve) => {
    const { port } = await listen();
    expect((await tlsPeer(port, { ecdhCurve })).getEphemeralKeyInfo()).toMatchObject({ name: ecdhCurve });
  });

  it('prefers X448 when a client offers both', async () => {
    const { port } = await listen();
    const peer = await tlsPeer(port, { ecdhCurve: 'X448:X25519', maxVersion: 'TLSv1.2' });
    expect(peer.getEphemeralKeyInfo()).toMatchObject({ name: 'X448' });
  });

  it('Ed448 credentials', async () => {
    const identity = newIdentity('ed448');
    const { port } = await listen({ credentials: { smp: identity.credentials } });
    const connection = await dial(port, { fingerprint: identity.fingerprint });
    expect(connection.peerChain).toEqual(identity.credentials.chain);
  });
});

describe('what a strict port refuses', () => {
  it.each([
    ['TLS 1.1', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0', sigalgs: 'ed25519' }],
    ['another TLS 1.3 suite', { ciphers: 'TLS_AES_128_GCM_SHA256', minVersion: 'TLSv1.3' }],
    ['another TLS 1.2 suite', { ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' }],
    ['another group', { ecdhCurve: 'P-256' }],
    ['another group on TLS 1.2', { ecdhCurve: 'P-256', maxVersion: 'TLSv1.2' }],
    ['signatures without Ed25519', { sigalgs: 'RSA+SHA256:ECDSA+SHA256' }],
  ] as const)('%s', async (_name, options) => {
    const { port, listener, accepted } = await listen();
    await expect(tlsPeer(port, options)).rejects.toThrow(/alert|handshake|disconnected|version/i);
    expect(accepted).toHaveLength(0);
    expect(listener.rejected.get('tls')).toBe(1);
  });

  it('bytes that are not TLS', async () => {
    const { port, listener } = await listen();
    const peer = await rawPeer(port);
    peer.write('GET / HTTP/1.1\r\n\r\n');
    await ended(peer);
    expect(listener.rejected.get('tls')).toBe(1);
    expect(listener.sockets).toEqual({ open: 0, handshakes: 0 });
  });
});

describe('ALPN', () => {
  it.each([
    { offered: ['smp/1'], chosen: 'smp/1' },
    { offered: ['http/1.1'], chosen: 'http/1.1' },
    { offered: ['h2'], chosen: 'h2' },
    { offered: ['http/1.1', 'smp/1'], chosen: 'http/1.1' },
    { offered: ['unknown', 'h2', 'smp/1'], chosen: 'h2' },
    { offered: [], chosen: null },
  ])('offered $offered: $chosen', async ({ offered, chosen }) => {
    const { client, server } = await connectedPair({}, { alpn: offered });
    expect(client.alpn).toBe(chosen);
    expect(server.alpn).toBe(chosen);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('none known, %s: alert no_application_protocol', async (maxVersion) => {
    const { port, listener, accepted } = await listen();
    const refused = tlsPeer(port, { ALPNProtocols: ['xftp/1', 'h3'], maxVersion });
    await expect(refused).rejects.toMatchObject({ code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL' });
    await expect(refused).rejects.toThrow('SSL alert number 120');
    expect(listener.rejected.get('alpn')).toBe(1);
    expect(listener.rejected.get('tls')).toBe(0);
    expect(accepted).toHaveLength(0);
  });
});

describe('a connection', () => {
  it('has the same session id on both ends, the whole chain, and no client chain', async () => {
    const { client, server } = await connectedPair();
    expect(client.sessionId).toEqual(server.sessionId);
    expect(client.peerChain).toEqual(IDENTITY.credentials.chain);
    expect(server.ownChain).toEqual(IDENTITY.credentials.chain);
    expect(server.peerChain).toEqual([]);
    expect(client.ownChain).toEqual([]);
    expect(server.addressKey).toBe('127.0.0.1');
  });

  it('is SMP although the client sends SNI, on a port without web credentials', async () => {
    const { port, next } = await listen();
    const accepted = next();
    const peer = await tlsPeer(port, { servername: 'relay.example.org', ALPNProtocols: ['h2'] });
    expect(peer.getPeerX509Certificate()!.subject).toBe('CN=localhost');
    expect((await accepted).alpn).toBe('h2');
  });
});
