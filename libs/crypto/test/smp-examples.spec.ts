/** The worked example of SMP §11, as far as primitives reach: each value of the tables, from the constructed keys. */
import { concatBytes, reverseBytes, utf8 } from '@polyplex/base';
import {
  advanceChain, agree, boxKeyOf, decodeSignedKey, fingerprintOf, initialChainKeys, leafPublicKey, openBox, sealBox, sha256,
  sha3_384, sha512, sign, validateChain, verify,
} from '@polyplex/crypto';
import { describe, expect, test } from 'vitest';
import { hex, padTo, toHex } from './hex.ts';
import {
  constructed, corrId, HELLO_TIME_MS, helloChain, helloFingerprint, helloSessionKey, helloSignedKey, messageId, recipientId,
  senderId, sessionId,
} from './smp-examples.ts';

const serverSession = constructed('x25519', 0x11);
const clientSession = constructed('x25519', 0x22);
const sessionSecret = agree(serverSession.privateKey, clientSession.publicKey)!;
const short = (bytes: Uint8Array): Uint8Array => concatBytes(Uint8Array.of(bytes.length), bytes);
/** What is signed: session id, corrId, entity id, command (SMP §4.3). */
const authorized = (entityId: Uint8Array, command: Uint8Array): Uint8Array =>
  concatBytes(short(sessionId), short(corrId), short(entityId), command);
const send = utf8('SEND T hello');

describe('§11.2 keys', () => {
  test.each([
    [0x11, '7b4e909bbe7ffe44c465a220037d608ee35897d31ef972f07f74892cb0f73f13'],
    [0x22, '0faa684ed28867b97f4a6a2dee5df8ce974e76b7018e3f22a1c4cf2678570f20'],
    [0x44, 'ff2ee45601ec1b67310c7790404585ae697331eee1c1f8cf2419731c1fff3e6b'],
    [0x55, '38ab664bd86f77d7e66bdd9ae0792913a94fd8b33a1260027e4b46c1f4884c67'],
    [0x77, '1cf579aba45a10ba1d1ef06d91fca2aa9ed0a1150515653155405d0b18cb9a67'],
    [0xaa, '14ca9e4d387bccf35746e0407daaacc6b28a4f8445ef5a5158894db983e24070'],
  ])('X25519 of %i', (byte, publicKey) => {
    expect(toHex(constructed('x25519', byte).publicKey.raw)).toBe(publicKey);
  });

  test('Ed25519 of the recipient, and the secrets', () => {
    const recipient = constructed('ed25519', 0x33).publicKey.raw;
    expect(toHex(recipient)).toBe('17cb79fb2b4120f2b1ec65e4198d6e08b28e813feb01e4a400839b85e18080ce');
    expect(toHex(sessionSecret)).toBe('9e004098efc091d4ec2663b4e9f5cfd4d7064571690b4bea97ab146ab9f35056');
  });
});

test('§11.3 the chain and the signed key of the hello', () => {
  expect(fingerprintOf(helloChain)).toEqual(helloFingerprint);
  expect(validateChain(helloChain, { expectedFingerprint: helloFingerprint, now: HELLO_TIME_MS })).toBe('ok');
  const signedKey = decodeSignedKey(helloSignedKey)!;
  expect(signedKey.key).toEqual(helloSessionKey);
  expect(verify(leafPublicKey(helloChain)!, signedKey.signed, signedKey.signature)).toBe(true);
});

describe('§11.4 block keys', () => {
  const { first, second } = initialChainKeys(sessionId, sessionSecret);

  test('the chain keys', () => {
    expect(toHex(first)).toBe('90f64c20cb311c7a4a1cceb8d987e8d53e7b70f9fe124c21c7b1b5973805ebca');
    expect(toHex(second)).toBe('68e2bbbe091a658e43822957c30706d3020fc8993b9084894e5d81991f33305a');
  });

  test.each([
    {
      side: 'server', start: first,
      keys: [
        'e099729a74acb4b651496907fd6b41260055ce0baa0f362a6a4f803ccfa1f008',
        'ac182098e214f5fe1406ae5aeeed6f7e7513f92da7672f1c54d349fcffb0aa0f',
      ],
      nonces: ['71ced8e0e749695d2e5a6621e0686624c1267c57fbe4f00b', 'e502bf1e988bdc9e4e8086645a24b294709c2a9cd01cce09'],
    },
    {
      side: 'client', start: second,
      keys: [
        'b2eea0d081065bdbe683c74ecb4fb46932c08aec859546220de705f3c254c05a',
        '93b24ef8972d9768ed7ffc015d8cc1295df616bb5eaa90b89983393f1880ef8f',
      ],
      nonces: ['14e962255fa9fa02c25029b6c67971294283d7201d8a87e1', '9ca25a108e361dcea34e222c5bfa0373b7a65e50629bd9b8'],
    },
  ])('the first two steps of the $side', ({ start, keys, nonces }) => {
    const step1 = advanceChain(start);
    const step2 = advanceChain(step1.chainKey);
    expect([step1.boxKey, step2.boxKey]).toEqual(keys.map((key) => boxKeyOf(hex(key))));
    expect([toHex(step1.nonce), toHex(step2.nonce)]).toEqual(nonces);
  });

  test('PING as the first block of the client', () => {
    const content = concatBytes(hex('01001f00'), short(corrId), hex('00'), utf8('PING'));
    const block = padTo(16368, content);
    expect(toHex(sha256(padTo(16384, content)))).toBe('a278d4d94b8eb97a5b4e49c48d8c7258d74145e8e04d1c44e620a84b2152cfce');
    const { boxKey, nonce } = advanceChain(second);
    const box = sealBox(boxKey, nonce, block);
    expect(toHex(box.subarray(0, 48))).toBe(
      '8d3f7b668d92b85cd9e65dc724ec8a99d9f5e8f4a65c6d79d0a78a949f1faf23977428929d63d10f24d1cd8e00e4968c',
    );
    expect(toHex(sha256(box))).toBe('e7e7080b27578d620d033204be5188d23741026a4e06646dd93247b7b6920d42');
  });
});

test('§11.5 signature of NEW, and the sender id that link data would demand', () => {
  const spki = (raw: string, oid: string): string => `2c302a300506032b65${oid}032100${raw}`;
  const command = concatBytes(
    utf8('NEW '),
    hex(spki('17cb79fb2b4120f2b1ec65e4198d6e08b28e813feb01e4a400839b85e18080ce', '70')),
    hex(spki('ff2ee45601ec1b67310c7790404585ae697331eee1c1f8cf2419731c1fff3e6b', '6e')),
    utf8('0S1M00'),
  );
  expect(toHex(sign(constructed('ed25519', 0x33).privateKey, authorized(new Uint8Array(0), command)))).toBe(
    '97164fc5c512126f6ffcea7b2dfd174673be278a750b45dd649256d6a8ef7500' +
      'd7ec37f678b73fc4ee5d992670a2d4ca8c4f949ff368f70d507df28449353502',
  );
  expect(toHex(sha3_384(corrId).subarray(0, 24))).toBe('7de47b90163d262178956b4b72817512d5cbe12a79349ded');
});

describe('§11.6 SUB', () => {
  const data = authorized(recipientId, utf8('SUB'));

  test('Ed25519 signature', () => {
    expect(toHex(sign(constructed('ed25519', 0x33).privateKey, data))).toBe(
      '85fd446c2ce3596f978b43bdc6c0d807184781102119b21330c84008b0533663' +
        '46fff6b814455f66e084a7036688b3b65b3a612873cc801a33142e36da016d06',
    );
  });

  test('X25519 authenticator', () => {
    const secret = agree(constructed('x25519', 0x55).privateKey, serverSession.publicKey)!;
    expect(toHex(secret)).toBe('db00c848d90eb8638a66a7e8e41561be9b264e2c91dfe2c6a073780af383c052');
    const hash = sha512(data);
    expect(toHex(hash)).toBe(
      '720fab3e75828fc83cc6c69ac2cc3775379e1d33a6dcdcaaa93392fadd4564de' +
        '774e70f1ea8f528111633f46853f5f6c1539b793115897cba876cdcc3b6ad7d0',
    );
    expect(toHex(sealBox(boxKeyOf(secret), corrId, hash))).toBe(
      '7f9fe871c1743db51d5a9b4b5d96a18b06ef7c10f1544e4ee3cc61cc20c4a2848efccaf80d74b124eeb617afd1bd5417' +
        '43ad340d17e69064d2cae1c54ec99583b967f6ac1bf44af870ce0a17c76104ae',
    );
  });
});

describe('§11.7 SEND and its delivery', () => {
  const queueSecret = agree(constructed('x25519', 0x77).privateKey, constructed('x25519', 0x44).publicKey)!;

  test('signature of the secured SEND', () => {
    expect(toHex(sign(constructed('ed25519', 0x66).privateKey, authorized(senderId, send)))).toBe(
      '433d050835e859ca01853417213fa25fbe8fe6f966d0f46181fb2a47535dbe3b' +
        'c39312e4dd5cde23473813dba724d8fbd249fa61413bd12cabf5623f17f8e207',
    );
  });

  test.each([
    [
      'message', '000000006553f100542068656c6c6f',
      'eb3cb33a69de3ad0a30838f267fdb6789084067640e7fbb7c212c21c5f46bbfdf0ed8d77a94ee66d5bbeaf9c5097e9b7',
      '4e5a29878b12f59b93b3b4fb0ba4f5c85ff26c6f0e93a18e696c80b6c734926e',
    ],
    [
      'quota marker', '51554f544120000000006553f100',
      '390ca2d4ccf83445fee9d3ce09b70185908557230fb3dfc43312963c52702691',
      '8e119c85d2b48bfa455c922554b38997155cfec2f6d6c5d7b096debb14d4842c',
    ],
  ])('delivered %s', (_, plain, start, hash) => {
    expect(toHex(queueSecret)).toBe('eb532bc92d147156f44579af1c0656ec77ef43ad65561fcd40d8ca45c2e0fe03');
    const box = sealBox(boxKeyOf(queueSecret), messageId, padTo(16106, hex(plain)));
    expect(toHex(box).startsWith(start)).toBe(true);
    expect(toHex(sha256(box))).toBe(hash);
  });

  test('notification meta', () => {
    const secret = agree(constructed('x25519', 0x88).privateKey, constructed('x25519', 0x99).publicKey)!;
    expect(toHex(secret)).toBe('065de87db7245e56174071700ceb07c94a16deb1448c73c656377801467e5367');
    const encrypted = hex(
      `778f2c213a6a35c01e49aa5cd4a34458b1c8fae4fcbd982376947d59c3b78d2419960f350b4f87ca61ede6813542fa909cfe4bd9b84fbc49975350d3
       5447d333d12c4f80f670023249c91d7ab888c4998f242b7a28668c1939e301ce2ea19f8590eaaf1f427e990de0cee526afe2452376875c6bfae23a40
       1c4466489574eba34cd45d2f24207124a9ffa03e75c740eb`,
    );
    const meta = concatBytes(short(messageId), hex('000000006553f100'));
    const plain = openBox(boxKeyOf(secret), new Uint8Array(24).fill(0x0a), encrypted)!;
    expect(plain).toEqual(padTo(encrypted.length - 16, meta));
  });
});

describe('§11.8 proxied SEND', () => {
  const commandSecret = agree(constructed('x25519', 0xaa).privateKey, serverSession.publicKey)!;
  const proxyCorrId = Uint8Array.from({ length: 24 }, (_, i) => 0xe0 + i);
  const withLength = (transmission: Uint8Array): Uint8Array =>
    concatBytes(Uint8Array.of(1, 0, transmission.length), transmission);
  const inner = withLength(concatBytes(hex('00'), short(corrId), short(senderId), send));
  const encTransmission = sealBox(boxKeyOf(commandSecret), corrId, padTo(16226, inner));
  const response = withLength(concatBytes(hex('00'), short(corrId), short(senderId), utf8('OK')));
  const encResponse = sealBox(boxKeyOf(commandSecret), reverseBytes(corrId), padTo(16226, response));
  const spki = hex('2c302a300506032b656e03210014ca9e4d387bccf35746e0407daaacc6b28a4f8445ef5a5158894db983e24070');

  test('the secret', () => {
    expect(toHex(commandSecret)).toBe('837e4d3e12dbe27c8610b4f0afd3e22dd89ee42ed57670d3b392611df779d834');
  });

  test.each([
    [
      'EncTransmission', encTransmission, 16242,
      'c256f79f8b78eed71e03e0d19607078c92b86a349ab768296e5a5a7188859217',
      '4ee44100e40352b7942465f0c4913d9b27ae7b5278be8b5e3478da946e3431cc',
    ],
    [
      'EncFwdTransmission',
      sealBox(boxKeyOf(sessionSecret), proxyCorrId, concatBytes(short(corrId), hex('0011'), spki, encTransmission)), 16330,
      '280c8cadc2911e0a1392dfb98e9fae622b7c239ae50c3aba13eca5bd03234186',
      'f73e80c7d8d67d60e2188f8455bfcc8b1baa5288e90f07679fe289ee6566d2de',
    ],
    [
      'EncResponse', encResponse, 16242,
      'f0be76391ef80f923f09ad72bedd82c9189813fd95f22bc0059da8a8ecef0c81',
      '20eceb03f6374545cd55a61a5402978de52a06113c36bb32f4ded070a6f0d863',
    ],
    [
      'EncFwdResponse',
      sealBox(boxKeyOf(sessionSecret), reverseBytes(proxyCorrId), concatBytes(short(corrId), encResponse)), 16283,
      '7e3045fdd67c6c8f1080315700ad1615a69d52c765a585a1955aeec0968db762',
      '3160d8ddda394dbe758a40917cfd98cb8abde6646528ca94efb4c13fba5629d3',
    ],
  ])('%s', (_, box, length, start, hash) => {
    expect(box.length).toBe(length);
    expect(toHex(box.subarray(0, 32))).toBe(start);
    expect(toHex(sha256(box))).toBe(hash);
  });
});
