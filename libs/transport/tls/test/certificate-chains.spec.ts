/** SMP §2.3 and the chain table of §11.1: what servers and service clients may present, and who accepts it. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  dialTls,
  type IssuedCertificate,
  issueCa,
  issueServerCertificate,
  issueServiceCertificate,
  readCredentials,
} from '../src/index.ts';
import { STRICT_PARAMETERS } from '../src/tls-parameters.ts';
import { cleanup, connectedPair, dial, dialOptions, IDENTITY, listen, newIdentity, open, tlsPeer } from './support.ts';

const DAY = 86_400_000;
const OTHER = newIdentity();
const SELF_SIGNED = issueServiceCertificate({ commonName: 'service', algorithm: 'ed25519' });

/** A server that presents whatever it is told to. */
async function presenting(leaf: IssuedCertificate, ...rest: readonly IssuedCertificate[]): Promise<number> {
  const cert = [leaf, ...rest].map(({ certificate }) => certificate).join('');
  const server = createServer({ ...STRICT_PARAMETERS, cert, key: leaf.key, ALPNProtocols: ['smp/1'] });
  server.on('tlsClientError', () => {});
  server.on('secureConnection', (socket) => socket.on('error', () => {}));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

describe('a client', () => {
  it('takes [server, ca] with the fingerprint of that CA', async () => {
    const connection = await dial(await presenting(IDENTITY.leaf, IDENTITY.ca));
    expect(connection.peerChain).toHaveLength(2);
    expect(connection.alpn).toBe('smp/1');
  });

  it.each([
    ['[server2, ca2]: unknown CA', [OTHER.leaf, OTHER.ca], 'unknown-ca'],
    ['[server2, ca]: invalid signature', [OTHER.leaf, IDENTITY.ca], 'bad-signature'],
    ['[selfsigned, ca]', [SELF_SIGNED, IDENTITY.ca], 'self-signed'],
    ['[server] alone', [IDENTITY.leaf], 'self-signed'],
    ['[selfsigned] alone', [SELF_SIGNED], 'self-signed'],
    ['five certificates', [IDENTITY.leaf, IDENTITY.ca, OTHER.ca, OTHER.ca, OTHER.ca], 'too-deep'],
  ] as const)('refuses %s', async (_name, [leaf, ...rest], error) => {
    const refused = dialTls(dialOptions(await presenting(leaf, ...rest)));
    await expect(refused).rejects.toMatchObject({ code: 'IDENTITY' });
    await expect(refused).rejects.toThrow(error);
  });

  it.each([
    ['expired', { now: Date.now() - 30 * DAY, days: 10 }],
    ['not yet valid', { now: Date.now() + 30 * DAY }],
  ])('refuses a certificate that is %s', async (_name, dates) => {
    const leaf = issueServerCertificate({ ca: IDENTITY.ca, commonName: 'localhost', algorithm: 'ed25519', ...dates });
    const refused = dialTls(dialOptions(await presenting(leaf, IDENTITY.ca)));
    await expect(refused).rejects.toMatchObject({ code: 'IDENTITY' });
    await expect(refused).rejects.toThrow('expired');
  });

  it('looks at no host name', async () => {
    const leaf = issueServerCertificate({ ca: IDENTITY.ca, commonName: 'elsewhere.example', algorithm: 'ed25519' });
    expect((await dial(await presenting(leaf, IDENTITY.ca))).peerChain).toHaveLength(2);
  });
});

describe('a service client', () => {
  const ca = issueCa({ algorithm: 'ed25519', commonName: 'services' });
  const signed = issueServiceCertificate({ ca, commonName: 'service', algorithm: 'ed25519' });

  it.each([
    ['self-signed', SELF_SIGNED, ''],
    ['signed by a CA', signed, ca.certificate],
  ])('%s: the server sees the chain as sent', async (_name, leaf, rest) => {
    const credentials = readCredentials({
      certificatePem: leaf.certificate + rest,
      keyPem: leaf.key,
      allowSelfSigned: true,
    });
    const { client, server } = await connectedPair({}, { credentials });
    expect(server.peerChain).toEqual(credentials.chain);
    expect(client.ownChain).toEqual(credentials.chain);
  });

  it.each([
    ['whose CA did not sign it', SELF_SIGNED.certificate + ca.certificate, SELF_SIGNED.key],
    ['whose CA is another', signed.certificate + IDENTITY.ca.certificate, signed.key],
    ['with five certificates', signed.certificate + ca.certificate.repeat(4), signed.key],
    ['with a leaf of a CA that is not sent', signed.certificate, signed.key],
    ['with an expired certificate', ...expired()],
  ])('%s is turned away', async (_name, cert, key) => {
    const { port, listener, accepted } = await listen();
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      await tlsPeer(port, { cert, key, maxVersion }).then(
        (peer) => new Promise((resolve) => peer.on('error', resolve).once('close', resolve).resume()),
        () => null, // refused within the handshake
      );
    }
    expect(accepted).toHaveLength(0);
    expect(listener.rejected.get('client-certificate')).toBe(2);
    expect(listener.sockets).toEqual({ open: 0, handshakes: 0 });
  });

  it('is not asked where the operator turned that off', async () => {
    const { certificate: certificatePem, key: keyPem } = SELF_SIGNED;
    const credentials = readCredentials({ certificatePem, keyPem, allowSelfSigned: true });
    const { server } = await connectedPair({ requestClientCertificate: false }, { credentials });
    expect(server.peerChain).toEqual([]);
  });

  function expired(): [string, string] {
    const old = issueServiceCertificate({ commonName: 'old', algorithm: 'ed25519', days: 1, now: Date.now() - 9 * DAY });
    return [old.certificate, old.key];
  }
});

describe('credentials of the reference implementation', () => {
  const file = (name: string): string => readFileSync(new URL(`vectors/reference/${name}`, import.meta.url), 'utf8');

  it('serve, and the address has their fingerprint', async () => {
    const credentials = readCredentials({ certificatePem: file('server.crt') + file('ca.crt'), keyPem: file('server.key') });
    const fingerprint = Buffer.from(file('fingerprint').trim(), 'base64url');
    const { client, server } = await connectedPair({ credentials: { smp: credentials } }, { fingerprint });
    const inbox = open(client);
    open(server);
    server.write(new Uint8Array(16_384).fill(7));
    await inbox.count(1);
    expect(inbox.blocks[0]!.every((byte) => byte === 7)).toBe(true);
  });
});

it('new credentials serve new connections; open ones stay', async () => {
  const { port, listener, next } = await listen();
  let accepted = next();
  const before = await dial(port);
  const beforeServer = await accepted;
  listener.setCredentials({ smp: OTHER.credentials });
  await expect(dial(port)).rejects.toMatchObject({ code: 'IDENTITY' });
  accepted = next();
  const after = await dial(port, { fingerprint: OTHER.fingerprint });
  await accepted;
  expect(after.peerChain).toEqual(OTHER.credentials.chain);
  expect(beforeServer.ownChain).toEqual(IDENTITY.credentials.chain);
  const inbox = open(before);
  beforeServer.write(new Uint8Array(16_384));
  await inbox.count(1);
  expect(inbox.blocks).toHaveLength(1);
});
