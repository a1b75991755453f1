/** The worked example of XFTP §10: the bytes of whole blocks, of the file and of its download. */
import { describe, expect, it } from 'vitest';
import { concatBytes, utf8 } from '@polyplex/base';
import { encode } from '@polyplex/codec';
import { agree, boxKeyOf, createBoxSealer, encodePublicKey, type KeyKind, type PrivateKey, publicKeyOf, sha256, sha512, sign } from '@polyplex/crypto';
import { authenticatorKey, authorize, handshakeBlock, verifyAuthenticator } from '@polyplex/protocol-common';
import {
  AUTH_ERROR, bareErrorBlock, clientHandshake, clientHello, createFileDecryptor, createFileEncryptor, encodeCommand, encodeReplyBlock, encodeRequestBlock,
  errorReply, formatDescription, OK, parseDescription, readBareError, readBlock, readReply, signedPart, type XftpCommand, type XftpReply,
} from '../src/index.ts';
import { hex, unhex } from './wire-vectors.ts';

const fill = (byte: number, count: number): Uint8Array => new Uint8Array(count).fill(byte);
const key = <K extends KeyKind>(kind: K, byte: number): PrivateKey<K> => ({ kind, raw: fill(byte, 32) });
const empty = new Uint8Array(0);
const sessionId = Uint8Array.from({ length: 32 }, (_, i) => i);
const sessionHex = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';
const senderKey = key('ed25519', 1);
const recipientKey = key('ed25519', 2);
const serverDh = key('x25519', 5);
const clientDh = key('x25519', 6);
const senderId = fill(0xa1, 16);
const recipientId = fill(0xb2, 16);
const chunkDigest = unhex('dea6a147090bbd5502dc577ad495dae7c1824fe8bebdab49da617a38370becb0');
const fileDigest = 'aa7b3f522543fa2daee7777291c369753da320f61aa3502b0ec9c07a6067537d41810b6fe1763f60cd48008e2f53ade6d2d2d6b1e6cdce8e8de6989982ef23ef';

/** The content of a block, which must fill it. */
const padded = (content: string): string => content.padEnd(2 * 16_384, '23');

function request(entityId: Uint8Array, command: XftpCommand, signer: PrivateKey<'ed25519'> | null): string {
  const fields = { sessionId, corrId: empty, entityId, command: encodeCommand(command) };
  return hex(encodeRequestBlock({ ...fields, auth: signer === null ? empty : sign(signer, signedPart(fields)) }));
}

const response = (entityId: Uint8Array, reply: XftpReply): string => hex(encodeReplyBlock({ sessionId, corrId: empty, entityId, reply }, 3));

const file = (() => {
  const encryptor = createFileEncryptor({ name: 'hello.txt', contentSize: 12, key: fill(3, 32), nonce: fill(4, 24) });
  expect(encryptor.chunkSizes).toEqual([65_536]);
  return concatBytes(encryptor.head(), encryptor.update(utf8('hello, XFTP\n')), ...encryptor.finish());
})();

describe('the file', () => {
  it('encrypted', () => {
    expect(file).toHaveLength(65_536);
    expect(hex(file.subarray(0, 48))).toBe('4542558832b17187425f8709f2f9f7538fabd7a416d397c8811e08c64c0affaefc3c26b7fa243cb94d43e845438514c8');
    expect(hex(file.subarray(-16))).toBe('1c98069994af827262ce28b116264887');
    expect(hex(sha512(file))).toBe(fileDigest);
    expect(hex(sha256(file))).toBe(hex(chunkDigest));
  });

  it('decrypted', () => {
    const decryptor = createFileDecryptor({ key: fill(3, 32), nonce: fill(4, 24), size: 65_536 });
    expect(Buffer.from(decryptor.update(file.slice())).toString()).toBe('hello, XFTP\n');
    expect(decryptor.header).toEqual({ name: 'hello.txt', extra: null });
    expect(decryptor.finish()).toBe(true);
  });
});

describe('handshake blocks', () => {
  it('web hello', () => {
    expect(hex(handshakeBlock(clientHello, { challenge: fill(0xcc, 32) }))).toBe(padded(`00223120${'cc'.repeat(32)}`));
  });

  it('client handshake', () => {
    expect(hex(handshakeBlock(clientHandshake, { version: 3, keyHash: fill(9, 32) }))).toBe(padded(`0023000320${'09'.repeat(32)}`));
    expect(encode(clientHandshake, { version: 3, keyHash: fill(9, 32) })).toHaveLength(0x23);
  });

  it('bare errors', () => {
    expect(hex(bareErrorBlock('SESSION'))).toBe(padded('000753455353494f4e'));
    expect(readBareError(bareErrorBlock('SESSION'))).toBe('SESSION');
    expect(readBareError(bareErrorBlock('HANDSHAKE'))).toBe('HANDSHAKE');
    expect(readBareError(unhex(response(empty, errorReply({ type: 'BLOCK' }))))).toBeNull();
  });
});

describe('commands and responses', () => {
  it('FNEW', () => {
    const command: XftpCommand = {
      tag: 'FNEW', senderKey: publicKeyOf(senderKey), size: 65_536, digest: chunkDigest, recipientKeys: [publicKeyOf(recipientKey)], password: null,
    };
    expect(encodeCommand(command)).toHaveLength(134);
    expect(request(empty, command, senderKey)).toBe(padded(
      '00ed0100ea' +
      '404927d43b0102c745a155652ed15d2a34a64cad4c909fcf28b5c4eb3176d313e72271993376ddd95a93595b2c93a640dc02bad0308d9552749024c9ce5681b904' +
      `20${sessionHex}0000464e455720` +
      '2c302a300506032b65700321008a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c' +
      `0001000020${hex(chunkDigest)}` +
      '012c302a300506032b65700321008139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b39430',
    ));
  });

  it('SIDS', () => {
    const reply: XftpReply = { tag: 'SIDS', senderId, recipientIds: [recipientId] };
    expect(response(empty, reply)).toBe(padded(`004f01004c0020${sessionHex}0000534944532010${hex(senderId)}0110${hex(recipientId)}`));
  });

  it('FPUT and OK', () => {
    const signature = 'b651ba124c4d94b1205ce3a42b2395d3c350d5ce9d2cf017477586ee324a98f52e194db27b5fbbc6055d3845acd195d86407ab2f65594f46088a044b33ec500e';
    expect(request(senderId, { tag: 'FPUT' }, senderKey)).toBe(padded(`007b01007840${signature}20${sessionHex}0010${hex(senderId)}46505554`));
    expect(response(senderId, OK)).toBe(padded(`00390100360020${sessionHex}0010${hex(senderId)}4f4b`));
  });

  it('FGET and FILE', () => {
    const signature = 'b5616f95167b1d5188eae710885d450af14695a9e50cf535cae07e208b970b83246afe7a76d7fcd8adece4f5da07e80af0b4ffe4bad8bc772ff32b07ad018801';
    const clientSpki = hex(encodePublicKey(publicKeyOf(clientDh)));
    const serverSpki = hex(encodePublicKey(publicKeyOf(serverDh)));
    expect(request(recipientId, { tag: 'FGET', dhKey: publicKeyOf(clientDh) }, recipientKey)).toBe(
      padded(`00a90100a640${signature}20${sessionHex}0010${hex(recipientId)}46474554202c${clientSpki}`),
    );
    const block = response(recipientId, { tag: 'FILE', dhKey: publicKeyOf(serverDh), nonce: fill(7, 24) });
    expect(block).toBe(padded(`008101007e0020${sessionHex}0010${hex(recipientId)}46494c45202c${serverSpki}${'07'.repeat(24)}`));
    expect(readReply(readBlock(unhex(block))!.command)).toMatchObject({ tag: 'FILE', dhKey: publicKeyOf(serverDh) });
  });

  it('the body of the download', () => {
    const secret = agree(serverDh, publicKeyOf(clientDh))!;
    expect(hex(secret)).toBe('edfa360a9633ca9b6fe655be8849389323ae3a3444866567f463c8e2c80bbb5a');
    const sealer = createBoxSealer(boxKeyOf(secret), fill(7, 24));
    expect(hex(sealer.update(file.slice()).subarray(0, 32))).toBe('caa1d7bf97c1b6315f99b4bd82203040ad3046ec1dcc56b10f1674a306836029');
    expect(hex(sealer.finish())).toBe('470d44e444ab437dfae2029bd8d73a3e');
  });

  it('ERR AUTH, PING and PONG', () => {
    expect(response(recipientId, errorReply(AUTH_ERROR))).toBe(padded(`003f01003c0020${sessionHex}0010${hex(recipientId)}4552522041555448`));
    expect(request(empty, { tag: 'PING' }, null)).toBe(padded(`002b0100280020${sessionHex}000050494e47`));
    expect(response(empty, { tag: 'PONG' })).toBe(padded(`002b0100280020${sessionHex}0000504f4e47`));
  });

  it('FDEL by an X25519 authenticator', () => {
    const [session, entity] = [key('x25519', 8), key('x25519', 10)];
    const signed = signedPart({ sessionId, corrId: empty, entityId: senderId, command: encodeCommand({ tag: 'FDEL' }) });
    expect(hex(signed)).toBe(`20${sessionHex}0010${hex(senderId)}4644454c`);
    const auth = authorize(authenticatorKey(entity, publicKeyOf(session))!, empty, signed);
    expect(hex(auth)).toBe(
      '1dab367a7067964da7d47d98fbd2494bb8a5451c4024e34506cd5a1345ef79b7b2c7204955aedd556fbaa1e35066824945221a4dcfc14929e21a166af3d926c22e35889e094b5d1efcff9b00a53da45b',
    );
    expect(verifyAuthenticator(authenticatorKey(session, publicKeyOf(entity))!, empty, auth, signed)).toBe(true);
  });
});

it('the description', () => {
  const text = `chunkSize: 64kb
digest: qns_UiVD-i2u53dykcNpdT2jIPYao1ArDsnAemBnU31BgQtv4XY_YM1IAI4vU63m0tLWsebNzo6N5piZgu8j7w==
key: AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=
nonce: BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE
party: recipient
replicas:
- chunks:
  - 1:srKysrKysrKysrKysrKysg==:MC4CAQAwBQYDK2VwBCIEIAICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC:3qahRwkLvVUC3Fd61JXa58GCT-i-vatJ2mF6ODcL7LA=
  server: xftp://CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=@localhost:7000
size: 64kb
`;
  const server = { hosts: ['localhost'], port: '7000', keyHash: fill(9, 32) };
  const description = {
    party: 'recipient', size: 65_536, digest: unhex(fileDigest), key: fill(3, 32), nonce: fill(4, 24), chunkSize: 65_536,
    chunks: [{ size: 65_536, digest: chunkDigest, replicas: [{ server, replicaId: recipientId, replicaKey: recipientKey }] }],
    redirect: null,
  } as const;
  expect(formatDescription(description)).toBe(text);
  expect(parseDescription(text)).toEqual(description);
});
