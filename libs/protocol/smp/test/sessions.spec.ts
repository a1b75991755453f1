/** Whole sessions as the reference's client and server spoke them: handshakes, blocks, transmissions, authorisation (SMP §3, §4). */
import { describe, expect, it } from 'vitest';
import { concatBytes, equalBytes } from '@polyplex/base';
import { encode, pad, Reader } from '@polyplex/codec';
import { agree, decodeSignedKey, encodeSignedKey, fingerprintOf, leafPublicKey, type PrivateKey, publicKeyOf, sha256, sign, validateChain, verify } from '@polyplex/crypto';
import {
  authenticatorKey, authKindOf, authorize, authorizedBytes, type BlockCipher, clientHello, type ClientHello, encryptedBlocks, handshakeBlock, intersectVersions,
  openHandshakeBlock, plainBlocks, readBatch, readTransmission, serverHello, type ServerHello, serviceResponse, signedPart, verifyAuthenticator,
  verifySignature, writeTransmission,
} from '@polyplex/protocol-common';
import { checkCredentials, encodeCommand, readCommand, readReply, type SmpReply } from '../src/index.ts';
import { type BlockVector, type ClientTransmissionVector, dhPrivateKey, difference, hex, privateKey, publicKey, type SessionVector, unhex, wire } from './wire-vectors.ts';

function blockOf({ block }: BlockVector): Uint8Array {
  return 'encrypted' in block ? unhex(block.encrypted) : pad(unhex(block.content), block.paddedTo);
}

function ciphers(session: SessionVector): Record<'client' | 'server', BlockCipher> {
  if (!session.blockEncryption) return { client: plainBlocks, server: plainBlocks };
  const secret = agree(dhPrivateKey(session.serverX25519), publicKey(session.clientX25519.publicSpkiDer))!;
  const sessionId = unhex(session.sessionId);
  return { client: encryptedBlocks('client', sessionId, secret), server: encryptedBlocks('server', sessionId, secret) };
}

const sessions = wire.sessions.map((session, i) => [`#${i} v${session.agreedVersion} ${session.serviceRole ?? ''}${session.proxyServer ? 'proxy' : ''}`, session] as const);

describe.each(sessions)('session %s', (_, session) => {
  const { agreedVersion: version } = session;
  const sessionId = unhex(session.sessionId);
  const [server, client, service] = session.handshakeBlocks;

  it('server hello', () => {
    const block = blockOf(server!);
    const hello = openHandshakeBlock(serverHello, block)!;
    const [min, max] = session.serverVersions;
    expect(hello).toMatchObject({ versions: { min, max }, sessionId });
    expect(difference(handshakeBlock(serverHello, hello), block)).toBeNull();
    if (max < 7) expect(hello.key).toBeNull();
    else checkServerKey(hello, session);
  });

  it('client hello', () => {
    const block = blockOf(client!);
    const hello = openHandshakeBlock(clientHello, block)!;
    expect(hello).toMatchObject({ version, keyHash: unhex(session.keyHash), proxyServer: session.proxyServer });
    expect(hello.key).toEqual(version < 7 ? null : publicKey(session.clientX25519.publicSpkiDer));
    expect(difference(handshakeBlock(clientHello, hello), block)).toBeNull();
    const [min, max] = session.clientVersions;
    const [serverMin, serverMax] = session.serverVersions;
    expect(intersectVersions({ min, max }, { min: serverMin, max: serverMax })?.max).toBe(version);
    if (session.service === null) expect(hello.service).toBeNull();
    else checkService(hello, session);
  });

  it('service response', () => {
    if (session.service === null) {
      expect(service).toBeUndefined();
      return;
    }
    const block = blockOf(service!);
    const response = openHandshakeBlock(serviceResponse, block);
    expect(response).toEqual({ type: 'R', serviceId: unhex(session.service.serviceId) });
    expect(difference(handshakeBlock(serviceResponse, response!), block)).toBeNull();
  });

  it.each(session.clientTransmissions.map((t) => [`${t.authKind} ${unhex(t.command).subarray(0, 4).toString()}`, t] as const))('transmission: %s', (__, vector) => {
    checkTransmission(session, vector);
  });

  it('blocks of the client carry the transmissions: all, then the first again', () => {
    const [first, second] = session.transmissionBlocks;
    const all = session.clientTransmissions.map(({ transmission }) => unhex(transmission));
    const reading = ciphers(session).server;
    for (const [block, items] of [[first, all], [second, all.slice(0, 1)]] as const) {
      const content = reading.open(blockOf(block!));
      expect(readBatch(content!)!.map(hex)).toEqual(items.map(hex));
    }
    const writing = ciphers(session).client;
    expect(difference(writing.seal(all), blockOf(first!))).toBeNull();
    expect(difference(writing.seal(all.slice(0, 1)), blockOf(second!))).toBeNull();
  });

  it('blocks of the server carry OK, END and PONG, then ERR AUTH', () => {
    const blocks = session.transmissionBlocks.filter(({ from }) => from === 'server');
    const reading = ciphers(session).client;
    const writing = ciphers(session).server;
    const replies: SmpReply[][] = [];
    for (const vector of blocks) {
      const items = readBatch(reading.open(blockOf(vector))!)!.map((item) => Uint8Array.from(item));
      const transmissions = items.map((item) => readTransmission(item, version)!);
      replies.push(transmissions.map(({ command }) => readReply(command, version)!));
      const again = transmissions.map(({ signed }) => writeTransmission({ sessionId, signed }, version));
      expect(again.map(hex)).toEqual(items.map(hex));
      expect(difference(writing.seal(again), blockOf(vector))).toBeNull();
    }
    expect(replies.map((block) => block.map(({ tag }) => tag))).toEqual([['OK', 'END', 'PONG'], ['ERR']]);
    expect(replies[1]![0]).toEqual({ tag: 'ERR', error: { type: 'AUTH' } });
  });
});

function checkServerKey(hello: ServerHello, session: SessionVector): void {
  const { chain, signedKey } = hello.key!;
  expect(chain.map(hex)).toEqual(session.serverChainDer);
  const signed = decodeSignedKey(signedKey)!;
  const key = publicKey<'x25519'>(session.serverX25519.publicSpkiDer);
  expect(signed.key).toEqual(key);
  expect(verify(leafPublicKey(chain)!, signed.signed, signed.signature)).toBe(true);
  expect(hex(encodeSignedKey(key, privateKey(session.serverLeafPrivateKey)))).toBe(hex(signedKey));
  expect(hex(fingerprintOf(chain)!)).toBe(session.keyHash);
}

function checkService(hello: ClientHello, { service, serviceRole }: SessionVector): void {
  const { role, chain, signedKey } = hello.service!;
  expect(role).toBe(serviceRole === 'SRMessaging' ? 'M' : 'N');
  expect(chain.map(hex)).toEqual(service!.chainDer);
  expect(hex(fingerprintOf(chain)!)).toBe(service!.certHash);
  const sessionKey = publicKey<'ed25519'>(service!.sessionEd25519.publicSpkiDer);
  expect(decodeSignedKey(signedKey)!.key).toEqual(sessionKey);
  expect(hex(encodeSignedKey(sessionKey, privateKey(service!.leafPrivateKey)))).toBe(hex(signedKey));
  expect(validateChain(chain, { now: Date.UTC(2026, 0, 1), allowSelfSigned: true })).not.toEqual({ error: 'malformed' });
}

function checkTransmission(session: SessionVector, vector: ClientTransmissionVector): void {
  const { agreedVersion: version } = session;
  const sessionId = unhex(session.sessionId);
  const parsed = readTransmission(unhex(vector.transmission), version)!;
  expect(hex(parsed.corrId)).toBe(vector.corrId);
  expect(hex(parsed.entityId)).toBe(vector.entityId);
  expect(hex(parsed.command)).toBe(vector.command);
  expect(parsed.sessionId === null || equalBytes(parsed.sessionId, sessionId)).toBe(true);
  expect(parsed.sessionId === null).toBe(version >= 7);
  const authorized = authorizedBytes(sessionId, parsed.signed);
  expect(hex(authorized)).toBe(vector.authorized);
  expect(parsed.serviceSignature !== null).toBe(vector.serviceSigned);

  const command = readCommand(parsed.command, version);
  if (typeof command === 'string') throw new Error(command);
  expect(hex(encodeCommand(command, version))).toBe(vector.command);
  if (command.tag !== 'NEW') expect(checkCredentials(command.tag, parsed.auth.length > 0, parsed.entityId.length > 0)).toBeNull();

  const signed = signedPart(parsed.corrId, parsed.entityId, parsed.command);
  const auth = vector.privateKey === null ? new Uint8Array(0) : checkAuth(session, vector, parsed.auth, authorized);
  const serviceSignature = vector.serviceSigned ? sign(privateKey<'ed25519'>(session.service!.sessionEd25519), authorized) : null;
  expect(hex(writeTransmission({ auth, serviceSignature, sessionId, signed }, version))).toBe(vector.transmission);
}

/** The authorisation that we make of the given key; the one in the vector must verify. */
function checkAuth(session: SessionVector, vector: ClientTransmissionVector, auth: Uint8Array, authorized: Uint8Array): Uint8Array {
  const key = privateKey(vector.privateKey!);
  // In a service session queue keys cover the service's certificate too.
  const covered = vector.serviceSigned ? concatBytes(unhex(session.service!.certHash), authorized) : authorized;
  const corrId = unhex(vector.corrId);
  expect(authKindOf(auth)).toBe(key.kind);
  if (key.kind === 'x25519') {
    const boxKey = authenticatorKey(dhPrivateKey(session.serverX25519), publicKeyOf(key as never))!;
    expect(verifyAuthenticator(boxKey, corrId, auth, covered)).toBe(true);
    expect(verifyAuthenticator(boxKey, corrId, auth, concatBytes(covered, new Uint8Array(1)))).toBe(false);
    expect(verifyAuthenticator(boxKey, sha256(corrId).subarray(0, 24), auth, covered)).toBe(false);
  } else {
    expect(verifySignature(publicKeyOf(key) as never, covered, auth)).toBe(true);
    expect(verifySignature(publicKeyOf(key) as never, concatBytes(covered, new Uint8Array(1)), auth)).toBe(false);
  }
  const serverKey = publicKey<'x25519'>(session.serverX25519.publicSpkiDer);
  return authorize(key.kind === 'x25519' ? authenticatorKey(key as PrivateKey<'x25519'>, serverKey)! : (key as PrivateKey<'ed25519'>), corrId, covered);
}

describe('hello details', () => {
  const hello = { versions: { min: 6, max: 18 }, sessionId: new Uint8Array(32), key: null };

  it('a server hello whose key cannot be read has none', () => {
    const content = concatBytes(encode(serverHello, hello), new Uint8Array([1, 0, 1, 7, 0, 1, 9]));
    expect(openHandshakeBlock(serverHello, pad(content, 16_384))).toEqual(hello);
  });

  it('bytes after a hello are ignored', () => {
    const value: ClientHello = { version: 18, keyHash: new Uint8Array(32), key: null, proxyServer: false, service: null };
    const content = concatBytes(encode(clientHello, value), new Uint8Array(40));
    expect(openHandshakeBlock(clientHello, pad(content, 16_384))).toEqual(value);
    expect(clientHello.read(new Reader(content))).toEqual(value);
  });

  it('a hello that does not unpad is none', () => {
    expect(openHandshakeBlock(clientHello, new Uint8Array(16_384).fill(0xff))).toBeNull();
  });
});
