/** Every command, response, error, hello and block as the reference encodes them (XFTP §2.4, §3). */
import { describe, expect, it } from 'vitest';
import { encode, Reader } from '@polyplex/codec';
import { agree, boxKeyOf, decodePrivateKey, decodePublicKey, decodeSignedKey, fingerprintOf, leafPublicKey, type PrivateKey, sha256, sign, verify } from '@polyplex/crypto';
import { authenticatorKey, authorize, handshakeBlock, openHandshakeBlock, parseBlockingInfo } from '@polyplex/protocol-common';
import {
  clientHandshake, clientHello, encodeCommand, encodeReply, encodeRequestBlock, errorReply, proofContent, readBlock, readCommand, readReply, serverHello, signedPart,
  type XftpCommand, type XftpError, xftpErrorText, type XftpReply,
} from '../src/index.ts';
import { authPublicKey, dhPublicKey, hex, privateKey, unhex, wire } from './wire-vectors.ts';

type Fields = Readonly<Record<string, unknown>>;
const texts = (value: unknown): string[] => value as string[];
const bytes = (value: unknown): Uint8Array => unhex(value as string);

function commandOf(tag: string, f: Fields): XftpCommand {
  if (tag === 'FNEW') {
    const info = f['fileInfo'] as { size: number; digest: string; sndKey: string };
    const recipientKeys = texts(f['rcvKeys']).map(authPublicKey);
    return { tag, senderKey: authPublicKey(info.sndKey), size: info.size, digest: unhex(info.digest), recipientKeys, password: f['basicAuth'] as string | null };
  }
  if (tag === 'FADD') return { tag, recipientKeys: texts(f['rcvKeys']).map(authPublicKey) };
  return tag === 'FGET' ? { tag, dhKey: dhPublicKey(f['rcvDhKey'] as string) } : ({ tag } as XftpCommand);
}

function replyOf(tag: string, f: Fields): XftpReply {
  if (tag === 'SIDS') return { tag, senderId: bytes(f['senderId']), recipientIds: texts(f['recipientIds']).map(unhex) };
  if (tag === 'RIDS') return { tag, recipientIds: texts(f['recipientIds']).map(unhex) };
  return tag === 'FILE' ? { tag, dhKey: dhPublicKey(f['dhKey'] as string), nonce: bytes(f['nonce']) } : ({ tag } as XftpReply);
}

function errorOf(text: string): XftpError {
  const [type, rest] = text.split(/ (.*)/s) as [string, string?];
  if (type === 'CMD') return { type, error: rest } as XftpError;
  return type === 'BLOCKED' ? { type, info: parseBlockingInfo(rest!)! } : ({ type } as XftpError);
}

describe('commands', () => {
  it.each(wire.commands.map((vector, i) => [`${vector.command} #${i}`, vector] as const))('%s', (_, { command: tag, fields, byVersion }) => {
    const command = commandOf(tag, fields);
    for (const encoded of Object.values(byVersion)) {
      expect(hex(encodeCommand(command))).toBe(encoded);
      expect(readCommand(unhex(encoded))).toEqual(command);
    }
  });
});

describe('responses', () => {
  it.each(wire.responses.map((vector) => [vector.response, vector] as const))('%s', (tag, { fields, byVersion }) => {
    const reply = replyOf(tag, fields);
    for (const [version, encoded] of Object.entries(byVersion)) {
      expect(hex(encodeReply(reply, Number(version)))).toBe(encoded);
      expect(readReply(unhex(encoded))).toEqual(reply);
    }
  });
});

describe('errors', () => {
  it.each(wire.errors.map((vector) => [vector.strEncode, vector] as const))('%s', (text, { byVersion }) => {
    const error = errorOf(text);
    expect(xftpErrorText(error)).toBe(text);
    for (const [version, encoded] of Object.entries(byVersion)) expect(hex(encodeReply(errorReply(error), Number(version)))).toBe(encoded);
    expect(readReply(unhex(byVersion['3']))).toEqual(errorReply(error));
  });
});

describe('handshake', () => {
  const { handshake } = wire;
  const sessionId = unhex(handshake.sessionId);
  const chain = handshake.serverChainDer.map(unhex);
  const leafKey = decodePrivateKey(unhex(handshake.serverLeafPrivateKey)) as PrivateKey<'ed25519'>;

  it('client hello', () => {
    const { noChallenge, withChallenge, webChallenge } = handshake.clientHello;
    expect(hex(encode(clientHello, { challenge: null }))).toBe(noChallenge);
    expect(hex(encode(clientHello, { challenge: unhex(webChallenge) }))).toBe(withChallenge);
    expect(openHandshakeBlock(clientHello, handshakeBlock(clientHello, { challenge: unhex(webChallenge) }))).toEqual({ challenge: unhex(webChallenge) });
  });

  it('client handshake', () => {
    const value = { version: 3, keyHash: unhex(handshake.keyHash) };
    expect(hex(encode(clientHandshake, value))).toBe(handshake.clientHandshake);
    expect(openHandshakeBlock(clientHandshake, handshakeBlock(clientHandshake, value))).toEqual(value);
  });

  it.each([['without proof', handshake.serverHandshake, ''], ['with proof', handshake.serverHandshakeWithProof, handshake.proof]])('server hello %s', (_, encoded, proof) => {
    const hello = serverHello.read(new Reader(unhex(encoded)));
    expect(hello).toMatchObject({ versions: { min: 1, max: 3 }, sessionId, proof: unhex(proof) });
    expect(hello.key.chain).toEqual(chain);
    expect(hex(encode(serverHello, hello))).toBe(encoded);
  });

  it('its block', () => {
    const hello = serverHello.read(new Reader(unhex(handshake.serverHandshake)));
    expect(hex(sha256(handshakeBlock(serverHello, hello)))).toBe(handshake.serverHandshakeBlockSha256);
  });

  it('a server hello that ends before the proof', () => {
    const hello = serverHello.read(new Reader(unhex(handshake.serverHandshake.slice(0, -2))));
    expect(hello.proof).toHaveLength(0);
    expect(hello.sessionId).toEqual(sessionId);
  });

  it('the session key is signed by the leaf, inside a sequence', () => {
    const { key } = serverHello.read(new Reader(unhex(handshake.serverHandshake)));
    const signedKey = decodeSignedKey(key.signedKey)!;
    expect(signedKey.key).toEqual(decodePublicKey(unhex(handshake.serverX25519.publicSpkiDer)));
    expect(hex(signedKey.signed)).toBe(`302c${handshake.serverX25519.publicSpkiDer}`);
    expect(verify(leafPublicKey(chain)!, signedKey.signed, signedKey.signature)).toBe(true);
    expect(hex(fingerprintOf(chain)!)).toBe(handshake.keyHash);
  });

  it('proof of identity', () => {
    const content = proofContent(unhex(handshake.clientHello.webChallenge), sessionId);
    expect(hex(content)).toBe(handshake.proofSignedBytes);
    expect(hex(sign(leafKey, content))).toBe(handshake.proof);
  });
});

describe('transmissions', () => {
  const sessionId = unhex(wire.handshake.sessionId);
  const serverKey = dhPublicKey(wire.handshake.serverX25519.publicSpkiDer);
  const authorised = wire.transmissions.filter(({ authorized }) => authorized !== undefined);

  it.each(authorised.map((vector) => [vector.name, vector] as const))('%s', (_, vector) => {
    const [corrId, entityId] = [unhex(vector.corrId!), unhex(vector.entityId!)];
    const command = unhex(vector.authorized!).subarray(1 + sessionId.length + 1 + corrId.length + 1 + entityId.length);
    const request = { sessionId, corrId, entityId, command };
    const signed = signedPart(request);
    expect(hex(signed)).toBe(vector.authorized);
    expect(readCommand(command)).toMatchObject({ tag: vector.name.slice(0, 4) });

    const key = privateKey<'ed25519' | 'x25519'>(vector.privateKey!);
    const auth = authorize(key.kind === 'x25519' ? authenticatorKey(key as PrivateKey<'x25519'>, serverKey)! : (key as PrivateKey<'ed25519'>), corrId, signed);
    const block = hex(encodeRequestBlock({ ...request, auth }));
    // Some blocks were made as other protocols have them, without the session id; they differ in that and their lengths only.
    const expected = vector.implySessId === true ? withSessionId(vector.block, auth.length) : vector.block;
    expect(block).toBe(expected);
    expect(readBlock(unhex(expected))).toEqual({ ...request, auth, signed });
  });

  /** The recorded block with the session id put in after the authorisation. */
  function withSessionId(block: string, authBytes: number): string {
    const length = Number.parseInt(block.slice(0, 4), 16);
    const content = block.slice(4, 4 + 2 * length);
    const inserted = 1 + sessionId.length;
    const word = (value: number): string => value.toString(16).padStart(4, '0');
    const at = 2 * (3 + 1 + authBytes);
    const longer = `${content.slice(0, 2)}${word(length - 3 + inserted)}${content.slice(6, at)}20${hex(sessionId)}${content.slice(at)}`;
    return `${word(length + inserted)}${longer}`.padEnd(2 * 16_384, '23');
  }

  it('authenticators open for the server', () => {
    const [own, peer] = [privateKey<'x25519'>(wire.handshake.serverX25519), dhPublicKey(authorised[1]!.privateKey!.publicSpkiDer)];
    expect(boxKeyOf(agree(own, peer)!)).toEqual(authenticatorKey(privateKey(authorised[1]!.privateKey!), serverKey));
  });
});
