/** The handshake of browsers (XFTP §2.4): what a server has to prove, since TLS proves nothing of it there. */
import { concatBytes, equalBytes, systemClock } from '@polyplex/base';
import { encodeSignedKey, fingerprintOf, generateKeyPair, type PrivateKey, sign } from '@polyplex/crypto';
import { handshakeBlock, openHandshakeBlock } from '@polyplex/protocol-common';
import { bareErrorBlock, clientHandshake, clientHello, proofContent, serverHello, type XftpServerHello } from '@polyplex/protocol-xftp';
import { issueCa, issueServerCertificate, readCredentials } from '@polyplex/transport-tls';
import { describe, expect, it } from 'vitest';
import { connectXftp, type XftpDial } from '../../src/index.ts';

type Connection = Awaited<ReturnType<XftpDial>>;
type Request = Parameters<Connection['request']>[0];

function identity(algorithm: 'ed25519' | 'ed448', ca = issueCa({ algorithm })) {
  const leaf = issueServerCertificate({ ca, commonName: 'localhost', algorithm });
  const { chain, privateKey } = readCredentials({ certificatePem: leaf.certificate + ca.certificate, keyPem: leaf.key });
  return { chain, privateKey: privateKey as PrivateKey<'ed25519' | 'ed448'>, keyHash: fingerprintOf(chain)! };
}

const own = identity('ed25519');
const stranger = identity('ed25519');
const SESSION = new Uint8Array(48).fill(7);

function helloBy({ chain, privateKey }: typeof own, challenge: Uint8Array): XftpServerHello {
  const key = { chain, signedKey: encodeSignedKey(generateKeyPair('x25519').publicKey, privateKey) };
  return { versions: { min: 1, max: 3 }, sessionId: SESSION, key, proof: sign(privateKey, proofContent(challenge, SESSION)) };
}

async function bytesOf({ body }: Request): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body as AsyncIterable<Uint8Array>) pieces.push(piece);
  return concatBytes(...pieces);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

interface Scripted {
  readonly hello: (challenge: Uint8Array) => Uint8Array;
  readonly second?: Uint8Array;
}

/** A server that answers two requests; keeps what it was sent. */
function scripted({ hello, second = new Uint8Array(0) }: Scripted): { dial: XftpDial; requests: { headers: Request['headers']; body: Uint8Array }[] } {
  const requests: { headers: Request['headers']; body: Uint8Array }[] = [];
  const connection: Connection = {
    sessionId: new Uint8Array(0), alpn: 'h2', peerChain: [], ownChain: [], addressKey: '', open: true, closed: new Promise(() => {}), close: () => {},
    request: async (request) => {
      const body = await bytesOf(request);
      requests.push({ headers: request.headers, body });
      const answer = requests.length === 1 ? hello(openHandshakeBlock(clientHello, body)!.challenge!) : second;
      return { status: 200, headers: {}, body: once(answer) };
    },
  };
  return { dial: async () => connection, requests };
}

const connect = (dial: XftpDial, keyHash = own.keyHash) =>
  connectXftp({ address: { hosts: ['localhost'], port: '', keyHash }, dial, web: true, clock: systemClock });

const block = (hello: XftpServerHello): Uint8Array => handshakeBlock(serverHello, hello);

describe('a server that proves its identity', () => {
  it.each(['ed25519', 'ed448'] as const)('with %s is accepted, and told the version and whom it is taken for', async (algorithm) => {
    const server = identity(algorithm);
    const { dial, requests } = scripted({ hello: (challenge) => block(helloBy(server, challenge)) });
    expect((await connect(dial, server.keyHash)).version).toBe(3);
    expect(requests.map(({ headers }) => headers)).toEqual([{ 'xftp-web-hello': '1' }, { 'xftp-handshake': '1' }]);
    expect(openHandshakeBlock(clientHandshake, requests[1]!.body)).toEqual({ version: 3, keyHash: server.keyHash });
  });

  it('is asked with another challenge each time', async () => {
    const challenges: Uint8Array[] = [];
    const hello = (challenge: Uint8Array): Uint8Array => {
      challenges.push(Uint8Array.from(challenge));
      return block(helloBy(own, challenge));
    };
    await connect(scripted({ hello }).dial);
    await connect(scripted({ hello }).dial);
    expect(equalBytes(challenges[0]!, challenges[1]!)).toBe(false);
  });
});

describe('a server that does not', () => {
  const anotherChallenge = new Uint8Array(32);
  const publicCa = own.chain[1]!;
  it.each<[string, string, (challenge: Uint8Array) => Uint8Array]>([
    ['of another identity', 'IDENTITY', (challenge) => block(helloBy(stranger, challenge))],
    ['with our identity certificate behind a leaf that it did not sign', 'IDENTITY', (challenge) =>
      block(helloBy({ ...stranger, chain: [stranger.chain[0]!, publicCa] }, challenge))],
    ['that repeats the proof of another hello', 'IDENTITY', () => block(helloBy(own, anotherChallenge))],
    ['that proves another session', 'IDENTITY', (challenge) => block({ ...helloBy(own, challenge), sessionId: new Uint8Array(48) })],
    ['without a proof', 'IDENTITY', (challenge) => block({ ...helloBy(own, challenge), proof: new Uint8Array(0) })],
    ['whose session key somebody else signed', 'HANDSHAKE', (challenge) => {
      const { chain, signedKey } = { chain: own.chain, signedKey: helloBy(stranger, challenge).key.signedKey };
      return block({ ...helloBy(own, challenge), key: { chain, signedKey } });
    }],
    ['with one certificate', 'HANDSHAKE', (challenge) => block(helloBy({ ...own, chain: [publicCa] }, challenge))],
    ['with three certificates', 'HANDSHAKE', (challenge) => block(helloBy({ ...own, chain: [...own.chain, publicCa] }, challenge))],
    ['of later versions', 'VERSION', (challenge) => block({ ...helloBy(own, challenge), versions: { min: 4, max: 5 } })],
    ['that answers something else', 'HANDSHAKE', () => new Uint8Array(16_384)],
    ['that answers less', 'HANDSHAKE', (challenge) => block(helloBy(own, challenge)).subarray(0, 16_383)],
    ['that refuses', 'REFUSED', () => bareErrorBlock('SESSION')],
  ])('%s is left: %s', async (_, code, hello) => {
    const { dial, requests } = scripted({ hello });
    await expect(connect(dial)).rejects.toMatchObject({ code });
    expect(requests).toHaveLength(1);
  });

  it('accept the handshake is left', async () => {
    const hello = (challenge: Uint8Array): Uint8Array => block(helloBy(own, challenge));
    await expect(connect(scripted({ hello, second: bareErrorBlock('HANDSHAKE') }).dial)).rejects.toMatchObject({ error: { type: 'HANDSHAKE' } });
    await expect(connect(scripted({ hello, second: Uint8Array.of(1) }).dial)).rejects.toMatchObject({ code: 'HANDSHAKE' });
  });
});
