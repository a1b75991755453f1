/**
 * The same with records of our own after OpenSSL's handshake: the tests of connections run again, and what is particular. Real
 * OpenSSL is the other end of most, so that the records of both must be the same.
 */
import { spawn } from 'node:child_process';
import type { BlockConnection } from '@polyplex/protocol-common';
import { describe, expect, it } from 'vitest';
import { RecordConnection } from '../src/records/record-connection.ts';
import { STRICT_PARAMETERS, WIDE_PARAMETERS } from '../src/tls-parameters.ts';
import { block, cleanup, connectedPair, ended, IDENTITY, listen, newIdentity, open, rawPeer, tlsPeer, until, useOwnRecords } from './support.ts';

useOwnRecords();

describe('all of it again:', async () => {
  await import('./blocks.spec.ts');
  await import('./certificates.spec.ts');
  await import('./certificate-chains.spec.ts');
  await import('./dial.spec.ts');
  await import('./limits.spec.ts');
  await import('./proxy-protocol.spec.ts');
  await import('./shared-port.spec.ts');
  await import('./tls-parameters.spec.ts');
});

const isOwn = (connection: BlockConnection): boolean => connection instanceof RecordConnection;

describe('who does the records', () => {
  it.each([
    { name: 'we do, of TLS 1.3', options: {}, own: true },
    { name: 'OpenSSL does, of TLS 1.2', options: { maxVersion: 'TLSv1.2' as const }, own: false },
    { name: 'we do, of a client with a name, which an SMP port ignores', options: { servername: 'relay.example' }, own: true },
  ])('$name', async ({ options, own }) => {
    const { port, next } = await listen();
    const accepted = next();
    await tlsPeer(port, options);
    expect(isOwn(await accepted)).toBe(own);
  });

  it('OpenSSL does, of a client of a shared port that offers AES alone', async () => {
    const web = newIdentity().credentials.pem;
    const { port, next } = await listen({ kind: 'shared', credentials: { smp: IDENTITY.credentials, web } });
    const [aes, chacha] = [next(), next()];
    await tlsPeer(port, { ...WIDE_PARAMETERS, ciphers: 'TLS_AES_128_GCM_SHA256', servername: '' });
    expect(isOwn(await aes)).toBe(false);
    await tlsPeer(port, { ...WIDE_PARAMETERS, servername: '' });
    expect(isOwn(await chacha)).toBe(true);
  });

  it('OpenSSL does, unless it is asked for', async () => {
    const { server } = await connectedPair({ ownRecords: false });
    expect(isOwn(server)).toBe(false);
  });
});

describe('with OpenSSL at the other end', () => {
  interface SClient {
    said(): string;
    write(bytes: Uint8Array | string): void;
    readonly gone: Promise<void>;
  }

  function sClient(port: number, ...args: readonly string[]): SClient {
    const child = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-tls1_3', '-noservername', ...args]);
    cleanup(() => child.kill());
    let said = '';
    child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString('latin1')));
    child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString('latin1')));
    return { said: () => said, write: (bytes) => void child.stdin.write(bytes), gone: new Promise((resolve) => child.once('close', () => resolve())) };
  }

  it('no ticket is sent', async () => {
    const { port, next } = await listen();
    const accepted = next();
    const client = sClient(port, '-msg');
    const server = await accepted;
    const inbox = open(server);
    server.write(block(65));
    await until(() => client.said().includes('A'.repeat(100)));
    expect(client.said()).toContain('Finished');
    expect(client.said()).not.toContain('NewSessionTicket');
    server.close('local');
    expect(await inbox.closed).toBe('local');
    await client.gone;
  });

  it('it may change its keys, and have ours changed', async () => {
    const { port, next } = await listen();
    const accepted = next();
    const client = sClient(port, '-msg');
    const server = await accepted;
    const inbox = open(server);
    client.write('K\n'); // new keys of its own, and a request for new ones of ours
    await until(() => client.said().includes('KEYUPDATE'));
    client.write(Uint8Array.from([...block(66).subarray(1), 10]));
    await inbox.count(1);
    expect(inbox.blocks[0]![0]).toBe(66);
    server.write(block(67));
    await until(() => client.said().includes('C'.repeat(1000)));
    expect(client.said()).toMatch(/<<<[^\n]*KeyUpdate/);
    client.write('k\n');
    client.write(Uint8Array.from([...block(68).subarray(1), 10]));
    await inbox.count(2);
    expect(inbox.blocks[1]![0]).toBe(68);
  });

  it('its end is heard, and ours in order', async () => {
    const { port, next } = await listen();
    const accepted = next();
    const client = sClient(port, '-msg');
    const inbox = open(await accepted);
    await until(() => client.said().includes('Finished'));
    client.write('Q\n');
    expect(await inbox.closed).toBe('peer');
    const again = next();
    const other = sClient(port, '-msg');
    const server = await again;
    open(server);
    server.close('local');
    await other.gone;
    expect(other.said()).toMatch(/<<<[^\n]*Alert[^\n]*close_notify/);
  });
});

describe('before the handshake is over', () => {
  it.each([
    { name: 'says nothing', bytes: new Uint8Array(0) },
    { name: 'says half of a hello', bytes: Uint8Array.of(22, 3, 1, 1, 0, 1) },
  ])('a peer that $name is cut off in time', async ({ bytes }) => {
    const { listener, port } = await listen({ handshakeTimeoutMs: 100 });
    const peer = await rawPeer(port);
    peer.write(bytes);
    await ended(peer);
    await until(() => listener.sockets.open === 0);
    expect(listener.rejected.get('timeout')).toBe(1);
  });

  it('what is no TLS is refused', async () => {
    const { listener, port } = await listen();
    const peer = await rawPeer(port);
    peer.write('GET / HTTP/1.1\r\n\r\n');
    await ended(peer);
    await until(() => listener.sockets.open === 0);
    expect(listener.rejected.get('tls')).toBe(1);
  });

  it('unknown protocols are refused with their alert, and counted', async () => {
    const { listener, port } = await listen();
    await expect(tlsPeer(port, { ...STRICT_PARAMETERS, ALPNProtocols: ['none/1'] })).rejects.toThrow(/no application protocol/i);
    await until(() => listener.sockets.open === 0);
    expect(listener.rejected.get('alpn')).toBe(1);
    expect(listener.sockets.handshakes).toBe(0);
  });
});

it('blocks that come with the end of the handshake are not lost, and wait for the start', async () => {
  const { port, next } = await listen();
  const accepted = next();
  const peer = await tlsPeer(port);
  for (let i = 1; i <= 5; i++) peer.write(block(i));
  const server = await accepted;
  await new Promise((resolve) => setImmediate(resolve));
  const inbox = open(server);
  await inbox.count(5);
  expect(inbox.blocks.map((each) => each[0])).toEqual([1, 2, 3, 4, 5]);
});
