/** The constructed example of NTF §10, made from its inputs and compared with its hashes. */
import { describe, expect, it } from 'vitest';
import { concatBytes, lenientTextOf, toBase64Url, utf8 } from '@polyplex/base';
import { encode } from '@polyplex/codec';
import { agree, boxKeyOf, publicKeyOf, sealBox, sha256, type PrivateKey, sign, encodePublicKey } from '@polyplex/crypto';
import { authenticatorKey, authorize, authorizedBytes, signedPart, verifySignature } from '@polyplex/protocol-common';
import {
  APNS_PADDED_BYTES, CHECK_PUSH_DATA, deviceOf, deviceToken, encodeCommand, errorReply, messagePushData, ntfBlocks, ntfClientHello, type NtfCommand, ntfHandshakeBlock,
  type NtfReply, ntfServerHello, openPushData, pushItemText, replyTransmission, sealPush, verificationPushData, writeNtfTransmission,
} from '../src/index.ts';
import { hex, unhex } from './wire-vectors.ts';

const of = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte);
const key = <K extends 'ed25519' | 'x25519'>(kind: K, byte: number): PrivateKey<K> => ({ kind, raw: of(byte) });
const hashOf = (bytes: Uint8Array): string => hex(sha256(bytes));

const sessionId = of(0xaa);
const caHash = of(0xbb);
const corrId = Uint8Array.from({ length: 24 }, (_, i) => i);
const authKey = key('ed25519', 1);
const clientDh = key('x25519', 0x11);
const serverDh = key('x25519', 0x22);
const tokenId = of(0x33, 24);
const code = of(0x44);
const pushNonce = of(0x55, 24);
const EMPTY = new Uint8Array(0);
const VERSION = 3;

function request(command: NtfCommand, entityId: Uint8Array, privateKey = authKey): { transmission: Uint8Array; signed: Uint8Array; block: Uint8Array } {
  const signed = signedPart(corrId, entityId, encodeCommand(command));
  const auth = authorize(privateKey, corrId, authorizedBytes(sessionId, signed));
  const transmission = writeNtfTransmission({ auth, sessionId, signed }, VERSION);
  return { transmission, signed, block: ntfBlocks(VERSION).seal([transmission]) };
}

function response(reply: NtfReply, entityId: Uint8Array): Uint8Array {
  return replyTransmission(reply, { sessionId, corrId, entityId }, VERSION);
}
const blockOf = (transmission: Uint8Array): Uint8Array => ntfBlocks(VERSION).seal([transmission]);

const tnew: NtfCommand = {
  tag: 'TNEW', device: { provider: 'apns_test', token: utf8('abcd') }, authKey: publicKeyOf(authKey), dhKey: publicKeyOf(clientDh),
};

describe('handshake (10.1, 10.2)', () => {
  it('server: a bare signed key, of 120 bytes', () => {
    const spki = encodePublicKey(publicKeyOf(serverDh));
    const signedKey = concatBytes(unhex('3076'), spki, unhex('300506032b6570034100'), sign(key('ed25519', 3), spki));
    expect(signedKey).toHaveLength(120);
    const block = ntfHandshakeBlock(ntfServerHello, { versions: { min: 1, max: 3 }, sessionId, signedKey });
    expect(hex(block.subarray(0, 2))).toBe('009f');
    expect(hashOf(block)).toBe('3b506350f4c99d756011323dc1791ad05cd07bb23fc3b95dbc804733775a5d93');
  });

  it('server without ALPN: versions and session id, nothing more', () => {
    const block = ntfHandshakeBlock(ntfServerHello, { versions: { min: 1, max: 1 }, sessionId, signedKey: null });
    expect(hex(block.subarray(0, 40))).toBe(`00250001000120${'aa'.repeat(32)}23`);
    expect(block).toHaveLength(512);
  });

  it('client', () => {
    const block = ntfHandshakeBlock(ntfClientHello, { version: 3, keyHash: caHash });
    expect(hashOf(block)).toBe('6589e89556feb19f938bd37cc64f61e1ac016ec426da2ce94b922bb153c79172');
  });
});

describe('TNEW and its answer (10.3, 10.4)', () => {
  it('command, signature, transmission, block', () => {
    const command = encodeCommand(tnew);
    expect(command).toHaveLength(103);
    expect(hex(command.subarray(0, 13))).toBe('544e4557205441540461626364');
    const { signed, transmission, block } = request(tnew, EMPTY);
    expect(authorizedBytes(sessionId, signed)).toHaveLength(162);
    expect(hex(transmission.subarray(1, 65))).toBe(
      'f289b88d1f9a5ca8b115ab4adffa8e6e902328955a3f631f924d188ffa49937aab21e21cd6b336b2daf35e6981776267a3822de5b89b395e2f1d6912d1bb850e',
    );
    expect(transmission).toHaveLength(194);
    expect(hashOf(block)).toBe('a8a64c6437b8c384a324ee916ab8a17edeb20e6be2d235a3e23112030d7ca9d8');
  });

  it('IDTKN', () => {
    const transmission = response({ tag: 'IDTKN', tokenId, dhKey: publicKeyOf(serverDh) }, EMPTY);
    expect(transmission).toHaveLength(103);
    const block = blockOf(transmission);
    expect(hex(block.subarray(0, 5))).toBe('006a010067');
    expect(hashOf(block)).toBe('291d4c50f0476f32c2adf69e121add81c038c17c0466a4d6a9e6e3ead211ed65');
  });
});

const secret = agree(clientDh, publicKeyOf(serverDh))!;
const boxKey = boxKeyOf(secret);

describe('secret and verification (10.5 – 10.7)', () => {
  it('agreement and box key', () => {
    expect(hex(secret)).toBe('9e004098efc091d4ec2663b4e9f5cfd4d7064571690b4bea97ab146ab9f35056');
    expect(hex(boxKey)).toBe('8abe7c8ae6800b76d4f5986b04b77f6e9b4f332403c90df02428336e8bd9b525');
  });

  it('push of the code', () => {
    const sealed = sealPush(boxKey, pushNonce, code, APNS_PADDED_BYTES);
    expect(sealed).toHaveLength(3088);
    expect(hex(sealed.subarray(0, 32))).toBe('8a9350ac6a128da1a7342a1883295d2529a63ceb4955e1e4b846a10a7f07732c');
    expect(hashOf(sealed)).toBe('4481138f5d53481f72bfd57f3bb133eacf9fb9646822ede2b653ccfc294a9372');
    const data = verificationPushData(code, { key: boxKey, nonce: pushNonce, paddedBytes: APNS_PADDED_BYTES });
    expect(data).toEqual({ nonce: 'V'.repeat(32), verification: toBase64Url(sealed) });
    expect('verification' in data && data.verification).toHaveLength(4120);
    expect(JSON.stringify({ aps: { 'content-available': 1 }, notificationData: data })).toHaveLength(4233);
    expect(openPushData(boxKey, data)).toEqual({ kind: 'verification', code });
  });

  it('TVFY, OK, TCHK', () => {
    const { transmission, block } = request({ tag: 'TVFY', code }, tokenId);
    expect(transmission).toHaveLength(153);
    expect(hashOf(block)).toBe('c640b7a0874854a49daacb6ba1f356bb14bb874780da2544b8ab313f07816851');
    const ok = response({ tag: 'OK' }, tokenId);
    expect(ok).toHaveLength(53);
    expect(hashOf(blockOf(ok))).toBe('c8556c3d5b672754d7d3fe92416d304e240df80baefc68c113e6aa0f39c08b6b');
    expect(hex(response({ tag: 'TKN', status: 'ACTIVE' }, tokenId).subarray(51))).toBe('544b4e20414354495645');
  });

  it('an authenticator for TCHK', () => {
    const tokenKey = key('x25519', 7);
    const made = authenticatorKey(tokenKey, publicKeyOf(serverDh))!;
    const signed = signedPart(corrId, tokenId, encodeCommand({ tag: 'TCHK' }));
    expect(hex(authorize(made, corrId, authorizedBytes(sessionId, signed)))).toBe(
      '3c036c4b67b40b51e3604fe650d0e28f67901d214ef7c2cd486dc5ac4e2bdb86ccf92d4b6160ec84996680b17f34e361c3959128e0d964d640845a8e29255bd4690b0cacf171122260a9d5089847e380',
    );
  });
});

describe('SNEW and its answer (10.8)', () => {
  const snew: NtfCommand = {
    tag: 'SNEW', tokenId, relay: { hosts: ['localhost'], port: '5001', keyHash: of(0xcc) }, notifierId: of(0x66, 24), notifierKey: key('ed25519', 2),
  };

  it('command and block', () => {
    expect(encodeCommand(snew)).toHaveLength(154);
    const { transmission, signed, block } = request(snew, EMPTY);
    expect(transmission).toHaveLength(245);
    expect(verifySignature(publicKeyOf(authKey), authorizedBytes(sessionId, signed), transmission.subarray(1, 65))).toBe(true);
    expect(hashOf(block)).toBe('05ba092c3919dc36231847f93d1825a6eec4b7ead078b86cc680718c5c6b706c');
  });

  it('IDSUB', () => {
    const block = blockOf(response({ tag: 'IDSUB', subscriptionId: of(0x5a, 24) }, EMPTY));
    expect(hashOf(block)).toBe('f8fad60a7648f4819ff3728562d4881352b1ae4e6d01af148a4fc64949c136f5');
  });
});

describe('message push (10.9)', () => {
  const plain = concatBytes(Uint8Array.of(24), of(0x77, 24), unhex('0000000065920080'));
  const padded = concatBytes(Uint8Array.of(0, plain.length), plain, of(0x23, 128 - 2 - plain.length));
  const meta = sealBox(of(0x99) as never, of(0x88, 24), padded);
  const item = {
    relay: 'smp://zMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMw=@localhost:5001', notifierId: of(0x66, 24), nonce: of(0x88, 24), meta, receivedAt: 1_704_067_200_999,
  };

  it('item', () => {
    expect(plain).toHaveLength(33);
    expect(pushItemText(item)).toBe(
      'smp://zMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMw=@localhost:5001/ZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZm 1704067200 iIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI HPnXTTpJUKF1fj5B9zz7iQ7C3Vo23T1wroVu7A0GYd4otWYYRzuAfAxKXVIwOYxvBmGE_DOJDc92vMIqZaRAjeR_jyYpnlKNPO0yxryy18QI2vJ4EUTOq0I9NcA9D3EWQZUHn9iQvHJcoF-Irb4RWiQ4JdJJ5DMjOyNVq1G4Qi0T-ujmbwxBzh_7gMSEkfi3',
    );
  });

  it('sealed, and in a body', () => {
    const data = messagePushData([item], { key: boxKey, nonce: pushNonce, paddedBytes: APNS_PADDED_BYTES });
    const sealed = Buffer.from('message' in data ? data.message : '', 'base64url');
    expect(hex(sealed.subarray(0, 16))).toBe('ce93957cfa7e370a42ebb8c1e237d81a');
    expect(hashOf(sealed)).toBe('2f3cd3214d7f0accedae57fba3ba69a20ed184b5dcbd5ec84dac3f0ac1fa41e5');
    const aps = { 'mutable-content': 1, alert: 'Encrypted message or another app event', category: 'NTF_CAT_CHECK_MESSAGE' };
    expect(JSON.stringify({ aps, notificationData: data })).toHaveLength(4310);
    expect(openPushData(boxKey, data)).toEqual({ kind: 'message', items: [{ ...item, receivedAt: 1_704_067_200_000 }] });
    expect(JSON.stringify({ aps: { 'content-available': 1 }, notificationData: CHECK_PUSH_DATA })).toHaveLength(73);
  });
});

it('errors (10.10)', () => {
  const bad = replyTransmission(errorReply({ type: 'BLOCK' }), { sessionId, corrId: EMPTY, entityId: EMPTY }, VERSION);
  const block = blockOf(bad);
  expect(hex(block.subarray(0, 17))).toBe('000f01000c0000004552522042' + '4c4f434b');
  expect(hashOf(block)).toBe('b6295612989e49886f26f65a88436984292af57bc50878c837d391c4327885be');
  const hello = replyTransmission(errorReply({ type: 'CMD', error: 'UNKNOWN' }), { sessionId, corrId: utf8('abcd'), entityId: utf8('1234') }, VERSION);
  expect(hex(hello)).toBe('000461626364043132333445525220434d4420554e4b4e4f574e');
});

it('a Web Push token (10.11)', () => {
  const auth = Buffer.from('AQ3VfRX3_F38J3ltcmMVRg', 'base64url');
  const p256dh = Buffer.from('BKuw4WxupnnrZHqk6vCwoms4tOpitZMvFdR9eAn54yOPY4q9jpXOpl-Ui_FwbIy8ZbFCnuaS7RnO02ahuL4XxIM', 'base64url');
  const token = { provider: 'webpush', host: 'localhost', port: '6011', path: '/secret', auth, p256dh } as const;
  const bytes = hex(encode(deviceToken, token));
  expect(bytes).toContain('5750096c6f63616c686f73740436303131072f73656372657410010dd57d15f7fc5dfc27796d726315464104abb0e1');
  const device = deviceOf(token);
  expect(device.provider).toBe('webpush https://localhost:6011');
  expect(lenientTextOf(device.token)).toBe(
    '/secret AQ3VfRX3_F38J3ltcmMVRg BKuw4WxupnnrZHqk6vCwoms4tOpitZMvFdR9eAn54yOPY4q9jpXOpl-Ui_FwbIy8ZbFCnuaS7RnO02ahuL4XxIM',
  );
});
