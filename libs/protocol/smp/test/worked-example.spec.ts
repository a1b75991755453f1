/** The worked example of SMP §11.2-§11.8: the bytes of whole blocks and transmissions. */
import { describe, expect, it } from 'vitest';
import { reverseBytes, utf8 } from '@polyplex/base';
import { encode, Reader } from '@polyplex/codec';
import { agree, boxKeyOf, type KeyKind, nonceOf, type PrivateKey, publicKeyOf, sha256, sha3_384, sign } from '@polyplex/crypto';
import {
  authenticatorKey, authorize, authorizedBytes, clientHello, encodeBatch, encryptedBlocks, handshakeBlock, plainBlocks, readTransmission, signedPart, splitBatches,
  writeTransmission,
} from '@polyplex/protocol-common';
import {
  encodeCommand, encodeReply, readReply, sealDelivery, sealForwarded, sealForwardedResponse, sealInner, sealInnerResponse, sealNotification, type SmpCommand,
  type SmpReply,
} from '../src/index.ts';
import { hex, unhex } from './wire-vectors.ts';

const VERSION = 18;
const range = (from: number, count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => from + i);
const fill = (byte: number, count = 24): Uint8Array => new Uint8Array(count).fill(byte);
const key = <K extends KeyKind>(kind: K, byte: number): PrivateKey<K> => ({ kind, raw: fill(byte, 32) });
const digest = (bytes: Uint8Array): string => hex(sha256(bytes));

const sessionId = range(0, 32);
const corrId = range(0xa0, 24);
const recipientId = fill(1);
const senderId = fill(2);
const msgId = range(0xc0, 24);
const TIME = 1_700_000_000;

const serverSession = key('x25519', 0x11);
const clientSession = key('x25519', 0x22);
const recipientAuth = key('ed25519', 0x33);
const recipientDh = key('x25519', 0x44);
const recipientX25519 = key('x25519', 0x55);
const senderAuth = key('ed25519', 0x66);
const queueDh = key('x25519', 0x77);
const sessionSecret = agree(clientSession, publicKeyOf(serverSession))!;

function transmission(entityId: Uint8Array, command: SmpCommand, auth?: (authorized: Uint8Array) => Uint8Array): Uint8Array {
  const signed = signedPart(corrId, entityId, encodeCommand(command, VERSION));
  const authorized = authorizedBytes(sessionId, signed);
  return writeTransmission(auth === undefined ? { sessionId, signed } : { auth: auth(authorized), sessionId, signed }, VERSION);
}

function answer(entityId: Uint8Array, reply: SmpReply, id = corrId): Uint8Array {
  return writeTransmission({ sessionId, signed: signedPart(id, entityId, encodeReply(reply, VERSION)) }, VERSION);
}

describe('§11.3, §11.4 hello and blocks', () => {
  const hello = {
    version: VERSION,
    keyHash: unhex('3192fc13d2b9b00b5d0436d54c34687b52b7a02d8290b2df21411ca8941bfc32'),
    key: publicKeyOf(clientSession),
    proxyServer: false,
    service: null,
  };

  it('the client hello has 82 bytes', () => {
    const content = encode(clientHello, hello);
    expect(hex(content)).toBe(
      '0012203192fc13d2b9b00b5d0436d54c34687b52b7a02d8290b2df21411ca8941bfc32' +
        '2c302a300506032b656e0321000faa684ed28867b97f4a6a2dee5df8ce974e76b7018e3f22a1c4cf2678570f204630',
    );
    expect(content).toHaveLength(82);
    expect(clientHello.read(new Reader(content))).toEqual(hello);
    expect(hex(handshakeBlock(clientHello, hello).subarray(0, 4))).toBe('00520012');
  });

  it('PING as the first block', () => {
    const ping = transmission(new Uint8Array(0), { tag: 'PING' });
    const block = plainBlocks.seal([ping]);
    expect(hex(encodeBatch([ping]))).toBe(`01001f0018${hex(corrId)}0050494e47`);
    expect(digest(block)).toBe('a278d4d94b8eb97a5b4e49c48d8c7258d74145e8e04d1c44e620a84b2152cfce');
    const sealed = encryptedBlocks('client', sessionId, sessionSecret).seal([ping]);
    expect(hex(sealed.subarray(0, 48))).toBe('8d3f7b668d92b85cd9e65dc724ec8a99d9f5e8f4a65c6d79d0a78a949f1faf23977428929d63d10f24d1cd8e00e4968c');
    expect(digest(sealed)).toBe('e7e7080b27578d620d033204be5188d23741026a4e06646dd93247b7b6920d42');
    expect(encryptedBlocks('server', sessionId, sessionSecret).open(sealed)).toEqual(encodeBatch([ping]));
  });

  it('the chain advances for a block that does not decrypt', () => {
    const ping = transmission(new Uint8Array(0), { tag: 'PING' });
    const client = encryptedBlocks('client', sessionId, sessionSecret);
    const server = encryptedBlocks('server', sessionId, sessionSecret);
    const damaged = client.seal([ping]);
    damaged[5]! ^= 1;
    expect(server.open(damaged)).toBeNull();
    expect(server.open(client.seal([ping]))).toEqual(encodeBatch([ping]));
  });
});

describe('§11.5 NEW', () => {
  const command: SmpCommand = {
    tag: 'NEW', rcvAuthKey: publicKeyOf(recipientAuth), rcvDhKey: publicKeyOf(recipientDh), password: null, subMode: 'S',
    request: { type: 'M', data: null }, notifier: null,
  };

  it('command', () => {
    const bytes = transmission(new Uint8Array(0), command, (authorized) => sign(recipientAuth, authorized));
    expect(hex(encodeBatch([bytes]))).toBe(
      '0100c0' +
        '4097164fc5c512126f6ffcea7b2dfd174673be278a750b45dd649256d6a8ef7500d7ec37f678b73fc4ee5d992670a2d4ca8c4f949ff368f70d507df28449353502' +
        `3018${hex(corrId)}00` +
        '4e4557202c302a300506032b657003210017cb79fb2b4120f2b1ec65e4198d6e08b28e813feb01e4a400839b85e18080ce' +
        '2c302a300506032b656e032100ff2ee45601ec1b67310c7790404585ae697331eee1c1f8cf2419731c1fff3e6b3053314d3030',
    );
  });

  it('answer', () => {
    const reply: SmpReply = { tag: 'IDS', recipientId, senderId, dhKey: publicKeyOf(queueDh), mode: 'M', linkId: null, serviceId: null, notifier: null };
    const bytes = answer(new Uint8Array(0), reply);
    expect(bytes).toHaveLength(131);
    expect(hex(bytes)).toBe(
      `0018${hex(corrId)}004944532018${hex(recipientId)}18${hex(senderId)}` +
        '2c302a300506032b656e0321001cf579aba45a10ba1d1ef06d91fca2aa9ed0a1150515653155405d0b18cb9a67314d303030',
    );
    expect(readReply(readTransmission(bytes, VERSION)!.command, VERSION)).toEqual(reply);
  });

  it('sender id with link data', () => {
    expect(hex(sha3_384(corrId).subarray(0, 24))).toBe('7de47b90163d262178956b4b72817512d5cbe12a79349ded');
  });
});

describe('§11.6 SUB', () => {
  it('with Ed25519', () => {
    expect(hex(transmission(recipientId, { tag: 'SUB' }, (authorized) => sign(recipientAuth, authorized)))).toBe(
      '4085fd446c2ce3596f978b43bdc6c0d807184781102119b21330c84008b053366346fff6b814455f66e084a7036688b3b65b3a612873cc801a33142e36da016d06' +
        `3018${hex(corrId)}18${hex(recipientId)}535542`,
    );
  });

  it('with X25519', () => {
    expect(hex(transmission(recipientId, { tag: 'SUB' }, (authorized) => authorize(authenticatorKey(recipientX25519, publicKeyOf(serverSession))!, corrId, authorized)))).toBe(
      '507f9fe871c1743db51d5a9b4b5d96a18b06ef7c10f1544e4ee3cc61cc20c4a2848efccaf80d74b124eeb617afd1bd541743ad340d17e69064d2cae1c54ec99583b967f6ac1bf44af870ce0a17c76104ae' +
        `3018${hex(corrId)}18${hex(recipientId)}535542`,
    );
  });

  it('answer', () => {
    expect(hex(answer(recipientId, { tag: 'SOK', serviceId: null }))).toBe(`0018${hex(corrId)}18${hex(recipientId)}534f4b2030`);
  });
});

describe('§11.7 SEND and delivery', () => {
  const send: SmpCommand = { tag: 'SEND', notify: true, body: utf8('hello') };
  const queueKey = boxKeyOf(agree(recipientDh, publicKeyOf(queueDh))!);

  it('unsecured', () => {
    const bytes = transmission(senderId, send);
    expect(bytes).toHaveLength(63);
    expect(hex(encodeBatch([bytes]))).toBe(`01003f0018${hex(corrId)}18${hex(senderId)}53454e4420542068656c6c6f`);
  });

  it('secured', () => {
    expect(hex(transmission(senderId, send, (authorized) => sign(senderAuth, authorized)))).toBe(
      '40433d050835e859ca01853417213fa25fbe8fe6f966d0f46181fb2a47535dbe3bc39312e4dd5cde23473813dba724d8fbd249fa61413bd12cabf5623f17f8e207' +
        `3018${hex(corrId)}18${hex(senderId)}53454e4420542068656c6c6f`,
    );
  });

  it('MSG', () => {
    const body = sealDelivery(queueKey, msgId, { kind: 'message', ts: TIME, notify: true, body: utf8('hello') });
    const bytes = answer(recipientId, { tag: 'MSG', msgId, body }, new Uint8Array(0));
    expect(bytes).toHaveLength(16_178);
    expect(hex(bytes.subarray(0, 56))).toBe(`000018${hex(recipientId)}4d53472018${hex(msgId)}`.slice(0, 112));
    expect(digest(body)).toBe('4e5a29878b12f59b93b3b4fb0ba4f5c85ff26c6f0e93a18e696c80b6c734926e');
  });

  it('quota marker', () => {
    expect(digest(sealDelivery(queueKey, msgId, { kind: 'quota', ts: TIME }))).toBe('8e119c85d2b48bfa455c922554b38997155cfec2f6d6c5d7b096debb14d4842c');
  });

  it('NMSG', () => {
    const ntfKey = boxKeyOf(agree(key('x25519', 0x88), publicKeyOf(key('x25519', 0x99)))!);
    expect(hex(sealNotification(ntfKey, fill(0x0a), { msgId, ts: TIME }))).toBe(
      '778f2c213a6a35c01e49aa5cd4a34458b1c8fae4fcbd982376947d59c3b78d2419960f350b4f87ca61ede6813542fa909cfe4bd9b84fbc49975350d35447d333' +
        'd12c4f80f670023249c91d7ab888c4998f242b7a28668c1939e301ce2ea19f8590eaaf1f427e990de0cee526afe2452376875c6bfae23a401c4466489574eba34cd45d2f24207124a9ffa03e75c740eb',
    );
  });
});

describe('§11.8 proxied SEND', () => {
  const m = range(0xe0, 24);
  const commandKey = key('x25519', 0xaa);
  const csecret = boxKeyOf(agree(commandKey, publicKeyOf(serverSession))!);
  const psecret = boxKeyOf(sessionSecret);
  const encTransmission = sealInner(csecret, corrId, transmission(senderId, { tag: 'SEND', notify: true, body: utf8('hello') }));
  const encResponse = sealInnerResponse(csecret, corrId, answer(senderId, { tag: 'OK' }))!;

  it.each([
    ['EncTransmission', encTransmission, 16_242, '4ee44100e40352b7942465f0c4913d9b27ae7b5278be8b5e3478da946e3431cc'],
    [
      'EncFwdTransmission',
      sealForwarded(psecret, m, { corrId, version: 17, key: publicKeyOf(commandKey), encTransmission }),
      16_330,
      'f73e80c7d8d67d60e2188f8455bfcc8b1baa5288e90f07679fe289ee6566d2de',
    ],
    ['EncResponse', encResponse, 16_242, '20eceb03f6374545cd55a61a5402978de52a06113c36bb32f4ded070a6f0d863'],
    ['EncFwdResponse', sealForwardedResponse(psecret, m, corrId, encResponse), 16_283, '3160d8ddda394dbe758a40917cfd98cb8abde6646528ca94efb4c13fba5629d3'],
  ] as const)('%s', (_, bytes, length, sum) => {
    expect(bytes).toHaveLength(length);
    expect(digest(bytes)).toBe(sum);
  });

  it('the response block', () => {
    expect(hex(encodeBatch([answer(senderId, { tag: 'OK' })]))).toBe(`0100350018${hex(corrId)}18${hex(senderId)}4f4b`);
    expect(hex(nonceOf(reverseBytes(corrId)))).toBe(hex(reverseBytes(corrId)));
  });
});

describe('§11.1 how many fit a block', () => {
  // We fill blocks from the front, the reference from the end: the same sizes, mirrored.
  const sizes = (item: Uint8Array, count: number): number[] => splitBatches(Array.from({ length: count }, () => item)).map((batch) => batch.length);
  const sub = (version: number, authBytes: number): Uint8Array => {
    const signed = signedPart(corrId, recipientId, encodeCommand({ tag: 'SUB' }, version));
    return writeTransmission({ auth: new Uint8Array(authBytes), sessionId, signed }, version);
  };
  const event = (reply: SmpReply): Uint8Array => answer(recipientId, reply, new Uint8Array(0));
  // As in the reference's test: with a corrId, and a body shorter than a delivered one.
  const message = answer(recipientId, { tag: 'MSG', msgId, body: new Uint8Array(16_048) });
  const sok = answer(recipientId, { tag: 'SOK', serviceId: null });

  it.each([
    ['300 SUB at v18', sub(18, 64), 300, [135, 135, 30]],
    ['300 SUB with authenticators', sub(18, 80), 300, [119, 119, 62]],
    ['250 SUB at v6', sub(6, 64), 250, [106, 106, 38]],
    ['300 END', event({ tag: 'END' }), 300, [255, 45]],
    ['200 NMSG', event({ tag: 'NMSG', nonce: fill(0), encMeta: new Uint8Array(144) }), 200, [80, 80, 40]],
  ] as const)('%s', (_, item, count, expected) => {
    expect(sizes(item, count)).toEqual(expected);
  });

  it('four SOK and a message fit one block, five do not', () => {
    expect(splitBatches([sok, sok, sok, sok, message])).toHaveLength(1);
    expect(splitBatches([sok, sok, sok, sok, sok, message])).toHaveLength(2);
  });
});
