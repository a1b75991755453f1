/** Every command, response, hello, block and push as the reference encodes it (`vectors/ntf-wire.json`). */
import { describe, expect, it } from 'vitest';
import { lenientTextOf, utf8 } from '@polyplex/base';
import { encode, pad } from '@polyplex/codec';
import { agree, boxKeyOf, decodeSignedKey, encodeSignedKey, fingerprintOf, leafPublicKey, verify } from '@polyplex/crypto';
import { authenticatorKey, authorize, authorizedBytes, openHandshakeBlock, signedPart, verifyAuthenticator, verifySignature } from '@polyplex/protocol-common';
import {
  deviceOf, deviceToken, encodeCommand, encodeReply, ntfBatching, ntfBlocks, ntfClientHello, type NtfCommand, ntfErrorText, ntfHandshakeBlock, type NtfReply, ntfServerHello,
  openPush, parsePushItems, pushItemsText, pushItemText, readCommand, readNtfTransmission, readReply, replyTransmission, sealPush, writeNtfTransmission,
} from '../src/index.ts';
import { type BlockVector, type ClientTransmissionVector, type Fields, hex, privateKeyOf, publicKeyOf, type SessionVector, unhex, VERSIONS, wire } from './wire-vectors.ts';

interface DeviceVector {
  readonly smpEncode: string;
  readonly strEncode: string;
}

describe('commands', () => {
  it.each(wire.commands.map((vector, i) => [`#${i} ${vector.command}`, vector] as const))('%s', (_, { command, fields, byVersion }) => {
    for (const version of VERSIONS) {
      const read = readCommand(unhex(byVersion[version]));
      if (typeof read === 'string') throw new Error(read);
      expect(read.tag).toBe(command);
      checkCommand(read, fields);
      expect(hex(encodeCommand(read))).toBe(byVersion[version]);
    }
  });

  it('cover all tags', () => {
    expect(new Set(wire.commands.map(({ command }) => command))).toEqual(new Set(['TNEW', 'TVFY', 'TCHK', 'TRPL', 'TDEL', 'TCRN', 'SNEW', 'SCHK', 'SDEL', 'PING']));
  });
});

function checkCommand(command: NtfCommand, fields: Fields): void {
  switch (command.tag) {
    case 'TNEW':
      expect(command.authKey).toEqual(publicKeyOf(fields['authKey'] as string));
      expect(command.dhKey).toEqual(publicKeyOf(fields['dhKey'] as string));
      checkDevice(command.device, fields['deviceToken'] as DeviceVector);
      return;
    case 'TRPL':
      checkDevice(command.device, fields['deviceToken'] as DeviceVector);
      return;
    case 'TVFY':
      expect(hex(command.code)).toBe(fields['code']);
      return;
    case 'TCRN':
      expect(command.minutes).toBe(fields['intervalMinutes']);
      return;
    case 'SNEW': {
      const { notifierId, server } = fields['smpQueue'] as { notifierId: string; server: string };
      expect(hex(command.tokenId)).toBe(fields['tokenId']);
      expect(hex(command.notifierId)).toBe(notifierId);
      expect(command.notifierKey).toEqual(privateKeyOf((fields['notifierPrivateKey'] as { pkcs8Der: string }).pkcs8Der));
      expect(server).toContain(`@${command.relay.hosts.join(',')}:${command.relay.port}`);
      return;
    }
    default:
      expect(fields).toEqual({});
  }
}

function checkDevice(device: Parameters<typeof deviceOf>[0], { smpEncode, strEncode }: DeviceVector): void {
  const { provider, token } = deviceOf(device);
  expect(`${provider} ${lenientTextOf(token)}`).toBe(strEncode);
  expect(hex(encode(deviceToken, device))).toBe(smpEncode);
}

describe('responses', () => {
  it.each(wire.responses.map((vector, i) => [`#${i} ${vector.response} ${lenientTextOf(unhex(vector.byVersion['3'])).slice(0, 30)}`, vector] as const))('%s', (_, vector) => {
    const current = readReply(unhex(vector.byVersion['3']), 3);
    if (current === null) throw new Error('not readable');
    expect(current.tag).toBe(vector.response);
    checkReply(current, vector.fields);
    for (const version of VERSIONS) {
      expect(hex(encodeReply(current, Number(version)))).toBe(vector.byVersion[version]);
      const read = readReply(unhex(vector.byVersion[version]), Number(version));
      expect(hex(encodeReply(read!, Number(version)))).toBe(vector.byVersion[version]);
    }
  });
});

function checkReply(reply: NtfReply, fields: Fields): void {
  switch (reply.tag) {
    case 'IDTKN':
      expect([hex(reply.tokenId), reply.dhKey]).toEqual([fields['tokenId'], publicKeyOf(fields['dhKey'] as string)]);
      return;
    case 'IDSUB':
      expect(hex(reply.subscriptionId)).toBe(fields['subscriptionId']);
      return;
    case 'TKN':
    case 'SUB':
      expect(reply.status).toBe(fields['statusStr']);
      return;
    case 'ERR':
      // "CMD {cmdErr = SYNTAX}" → "CMD SYNTAX"
      expect(ntfErrorText(reply.error)).toBe((fields['error'] as string).replace(/\{\w+ = (\w+)\}/, '$1'));
      return;
    default:
      expect(fields).toEqual({});
  }
}

function blockOf({ block }: BlockVector): Uint8Array {
  return pad(unhex(block.content), block.paddedTo);
}

describe.each(wire.sessions.map((session) => [session.agreedVersion, session] as const))('session of version %i', (version, session) => {
  const sessionId = unhex(session.sessionId);
  const [server, client] = session.handshakeBlocks;

  it('server hello', () => {
    const hello = openHandshakeBlock(ntfServerHello, blockOf(server!))!;
    expect(hello).toMatchObject({ versions: { min: 1, max: version }, sessionId });
    expect(hex(ntfHandshakeBlock(ntfServerHello, hello))).toBe(hex(blockOf(server!)));
    if (version === 1) expect(hello.signedKey).toBeNull();
    else checkSignedKey(hello.signedKey!, session);
  });

  it('client hello', () => {
    const hello = openHandshakeBlock(ntfClientHello, blockOf(client!))!;
    expect(hello).toEqual({ version, keyHash: unhex(session.keyHash) });
    expect(hex(ntfHandshakeBlock(ntfClientHello, hello))).toBe(hex(blockOf(client!)));
    expect(hex(fingerprintOf(session.serverChainDer.map(unhex))!)).toBe(session.keyHash);
  });

  it.each(session.clientTransmissions.map((vector) => [vector.authKind, vector] as const))('transmission: %s', (_, vector) => checkTransmission(session, vector));

  it('blocks of the client carry the transmissions: in version 1 one each', () => {
    const blocks = session.transmissionBlocks.filter(({ from }) => from === 'client');
    const items = blocks.flatMap((block) => [...ntfBatching(version).read(ntfBlocks(version).open(blockOf(block))!)!]);
    expect(items.map(hex)).toEqual(session.clientTransmissions.map(({ transmission }) => transmission));
    const batches = ntfBatching(version).split(session.clientTransmissions.map(({ transmission }) => unhex(transmission)));
    expect(batches.map((batch) => hex(ntfBlocks(version).seal(batch)))).toEqual(blocks.map((block) => hex(blockOf(block))));
  });

  it('the block of the server answers TKN ACTIVE', () => {
    const [block] = session.transmissionBlocks.filter(({ from }) => from === 'server');
    const [item] = ntfBatching(version).read(ntfBlocks(version).open(blockOf(block!))!)!;
    const { corrId, entityId, command } = readNtfTransmission(item!, version)!;
    const reply = readReply(command, version)!;
    expect(reply).toEqual({ tag: 'TKN', status: 'ACTIVE' });
    const again = replyTransmission(reply, { sessionId, corrId, entityId }, version);
    expect(hex(ntfBlocks(version).seal([again]))).toBe(hex(blockOf(block!)));
  });
});

function checkSignedKey(signedKey: Uint8Array, session: SessionVector): void {
  const key = publicKeyOf<'x25519'>(session.serverX25519.publicSpkiDer);
  const signed = decodeSignedKey(signedKey)!;
  expect(signed.key).toEqual(key);
  expect(verify(leafPublicKey(session.serverChainDer.map(unhex))!, signed.signed, signed.signature)).toBe(true);
  expect(hex(encodeSignedKey(key, privateKeyOf(session.serverLeafPrivateKey)))).toBe(hex(signedKey));
}

function checkTransmission(session: SessionVector, vector: ClientTransmissionVector): void {
  const version = session.agreedVersion;
  const sessionId = unhex(session.sessionId);
  const read = readNtfTransmission(unhex(vector.transmission), version)!;
  expect(hex(read.corrId)).toBe(vector.corrId);
  expect(hex(read.entityId)).toBe(vector.entityId);
  expect(read.sessionId === null ? null : hex(read.sessionId)).toBe(version === 1 ? session.sessionId : null);
  expect(hex(signedPart(read.corrId, read.entityId, read.command))).toBe(hex(read.signed));
  const authorized = authorizedBytes(sessionId, read.signed);
  expect(hex(authorized)).toBe(vector.authorized);
  expect(hex(writeNtfTransmission({ auth: read.auth, sessionId, signed: read.signed }, version))).toBe(vector.transmission);
  if (vector.privateKey === null) {
    expect(read.auth).toHaveLength(0);
  } else if (vector.authKind === 'X25519 authenticator') {
    const boxKey = authenticatorKey(privateKeyOf(session.serverX25519.pkcs8Der), publicKeyOf(vector.privateKey.publicSpkiDer))!;
    expect(verifyAuthenticator(boxKey, read.corrId, read.auth, authorized)).toBe(true);
    expect(hex(authorize(boxKey, read.corrId, authorized))).toBe(hex(read.auth));
  } else {
    expect(verifySignature(publicKeyOf(vector.privateKey.publicSpkiDer), authorized, read.auth)).toBe(true);
    expect(hex(authorize(privateKeyOf(vector.privateKey.pkcs8Der), read.corrId, authorized))).toBe(hex(read.auth));
  }
}

describe('pushes', () => {
  it('items', () => {
    const { encoded, messages } = wire.pushMessages;
    const items = parsePushItems(encoded)!;
    expect(items).toHaveLength(messages.length);
    items.forEach((item, i) => {
      const message = messages[i]!;
      expect({ meta: hex(item.meta), nonce: hex(item.nonce), at: item.receivedAt }).toEqual({ meta: message.encNMsgMeta, nonce: message.nonce, at: message.ntfTs * 1000 });
      expect(message.smpQueueStr.startsWith(`${item.relay}/`)).toBe(true);
      expect(pushItemText(item)).toBe(message.strEncode);
    });
    expect(pushItemsText(items, 3072)).toBe(encoded);
  });

  it('encryption', () => {
    const { encrypted, nonce, paddedLength, peerKey, plaintext, privateKey } = wire.pushPayloadEncryption;
    const secret = agree(privateKeyOf(privateKey.pkcs8Der), publicKeyOf(peerKey.publicSpkiDer))!;
    const key = boxKeyOf(secret);
    const plain = utf8(plaintext);
    expect(hex(sealPush(key, unhex(nonce), plain, paddedLength))).toBe(encrypted);
    expect(lenientTextOf(openPush(key, unhex(nonce), unhex(encrypted))!)).toBe(plaintext);
  });
});
