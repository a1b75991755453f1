/** One line for each way in which a block, a command, its credentials, a hello or a reply can be malformed (XFTP §3, §6). */
import { describe, expect, it } from 'vitest';
import { concatBytes, utf8 } from '@polyplex/base';
import { pad } from '@polyplex/codec';
import { encodePublicKey, encodeSignedKey, generateKeyPair, type KeyKind } from '@polyplex/crypto';
import { openHandshakeBlock } from '@polyplex/protocol-common';
import {
  checkCredentials, clientHandshake, clientHello, encodeRequestBlock, readBareError, readBlock, readCommand, readReply, replySuitsEntity, serverHello,
  transmissionError, type XftpCommandTag, xftpCommands, type XftpReplyTag,
} from '../src/index.ts';

type Part = string | readonly number[] | Uint8Array;
const bytes = (...parts: readonly Part[]): Uint8Array => concatBytes(...parts.map((part) => (typeof part === 'string' ? utf8(part) : Uint8Array.from(part))));
const short = (value: Uint8Array): Uint8Array => concatBytes(Uint8Array.of(value.length), value);
const spki = (kind: KeyKind): Uint8Array => encodePublicKey(generateKeyPair(kind).publicKey);

const ed = short(spki('ed25519'));
const x25519 = short(spki('x25519'));
const x448 = short(spki('x448'));
const damagedKey = short(spki('ed25519').fill(0x31, 0, 1));
const digest = short(new Uint8Array(32).fill(1));
const size = [0, 1, 0, 0];
const fnew = bytes('FNEW ', ed, size, digest);

const commands: readonly (readonly [string, Uint8Array, 'UNKNOWN' | 'SYNTAX'])[] = [
  ['nothing at all', bytes(), 'UNKNOWN'],
  ['only a space', bytes(' '), 'UNKNOWN'],
  ['an unknown tag', bytes('FXXX'), 'UNKNOWN'],
  ['an unknown tag with parameters', bytes('FXXX 1'), 'UNKNOWN'],
  ['a tag in small letters', bytes('fput'), 'UNKNOWN'],
  ['a tag that goes on', bytes('FPUTX'), 'UNKNOWN'],
  ['a long tag', bytes('constructor'), 'UNKNOWN'],
  ['a short name every object has', bytes('__pr'), 'UNKNOWN'],
  ['a response', bytes('OK'), 'UNKNOWN'],
  ['a command of SMP', bytes('SEND T x'), 'UNKNOWN'],
  ['a tag cut short', bytes('FPU'), 'UNKNOWN'],
  ['bytes that are no text', bytes([0xff, 0xfe]), 'UNKNOWN'],
  ['a tab instead of the space', bytes('FGET\t', x25519), 'UNKNOWN'],
  ['PING and a space', bytes('PING '), 'SYNTAX'],
  ['FPUT and a space', bytes('FPUT '), 'SYNTAX'],
  ['FDEL and a parameter', bytes('FDEL x'), 'SYNTAX'],
  ['FACK and a parameter', bytes('FACK ', ed), 'SYNTAX'],
  ['FGET without parameters', bytes('FGET'), 'SYNTAX'],
  ['FGET without a key', bytes('FGET '), 'SYNTAX'],
  ['FGET with two spaces', bytes('FGET  ', x25519), 'SYNTAX'],
  ['FGET with an Ed25519 key', bytes('FGET ', ed), 'SYNTAX'],
  ['FGET with an X448 key', bytes('FGET ', x448), 'SYNTAX'],
  ['FGET with a key cut short', bytes('FGET ', x25519.subarray(0, 40)), 'SYNTAX'],
  ['FGET with a wrong length byte', bytes('FGET ', [43], x25519.subarray(1)), 'SYNTAX'],
  ['FGET with raw key bytes', bytes('FGET ', short(new Uint8Array(32))), 'SYNTAX'],
  ['FGET and trailing bytes', bytes('FGET ', x25519, [0]), 'SYNTAX'],
  ['FADD with no keys', bytes('FADD ', [0]), 'SYNTAX'],
  ['FADD without a list', bytes('FADD '), 'SYNTAX'],
  ['FADD with fewer keys than said', bytes('FADD ', [2], ed), 'SYNTAX'],
  ['FADD with more keys than said', bytes('FADD ', [1], ed, ed), 'SYNTAX'],
  ['FADD with an X448 key', bytes('FADD ', [1], x448), 'SYNTAX'],
  ['FNEW without parameters', bytes('FNEW'), 'SYNTAX'],
  ['FNEW with a damaged sender key', bytes('FNEW ', damagedKey, size, digest, [1], ed, '0'), 'SYNTAX'],
  ['FNEW with an X448 sender key', bytes('FNEW ', x448, size, digest, [1], ed, '0'), 'SYNTAX'],
  ['FNEW with its size in digits', bytes('FNEW ', ed, '65536 ', digest, [1], ed, '0'), 'SYNTAX'],
  ['FNEW cut in the size', bytes('FNEW ', ed, [0, 1]), 'SYNTAX'],
  ['FNEW cut in the digest', bytes('FNEW ', ed, size, digest.subarray(0, 20)), 'SYNTAX'],
  ['FNEW with no recipients', bytes(fnew, [0], '0'), 'SYNTAX'],
  ['FNEW with fewer recipients than said', bytes(fnew, [2], ed, '0'), 'SYNTAX'],
  ['FNEW with a bad recipient key', bytes(fnew, [2], ed, damagedKey, '0'), 'SYNTAX'],
  ['FNEW that ends before the password', bytes(fnew, [1], ed), 'SYNTAX'],
  ['FNEW with another mark for the password', bytes(fnew, [1], ed, 'T', short(utf8('pass'))), 'SYNTAX'],
  ['FNEW with a password cut short', bytes(fnew, [1], ed, '1', [9], 'pass'), 'SYNTAX'],
  ['FNEW with an empty password', bytes(fnew, [1], ed, '1', [0]), 'SYNTAX'],
  ['FNEW with a password of forbidden characters', bytes(fnew, [1], ed, '1', short(utf8('pass:word'))), 'SYNTAX'],
  ['FNEW with white space in the password', bytes(fnew, [1], ed, '1', short(utf8('pass word'))), 'SYNTAX'],
  ['FNEW and trailing bytes', bytes(fnew, [1], ed, '0', [0]), 'SYNTAX'],
];

describe('commands', () => {
  it.each(commands)('%s', (_, encoded, error) => {
    expect(readCommand(encoded)).toBe(error);
  });

  it('what is not checked when it is read: lengths of digests, sizes, kinds of keys', () => {
    const encoded = bytes('FNEW ', x25519, [0xff, 0xff, 0xff, 0xff], [0], [1], short(spki('ed448')), '1', short(utf8('pass')));
    expect(readCommand(encoded)).toMatchObject({ size: 0xffff_ffff, digest: new Uint8Array(0), password: 'pass' });
  });
});

describe('credentials', () => {
  const rules: readonly (readonly [XftpCommandTag, boolean, boolean, ReturnType<typeof checkCredentials>])[] = [
    ['FNEW', true, false, null],
    ['FNEW', false, false, 'NO_AUTH'],
    ['FNEW', true, true, 'HAS_AUTH'],
    ['FNEW', false, true, 'NO_AUTH'],
    ['PING', false, false, null],
    ['PING', true, false, 'HAS_AUTH'],
    ['PING', false, true, 'HAS_AUTH'],
    ['PING', true, true, 'HAS_AUTH'],
    ...(['FADD', 'FPUT', 'FDEL', 'FGET', 'FACK'] as const).flatMap((tag) => [
      [tag, true, true, null] as const,
      [tag, false, true, 'NO_AUTH'] as const,
      [tag, true, false, 'NO_AUTH'] as const,
      [tag, false, false, 'NO_AUTH'] as const,
    ]),
  ];
  it.each(rules)('%s, authorised %s, with an entity %s: %s', (tag, hasAuth, hasEntity, error) => {
    expect(checkCredentials(tag, hasAuth, hasEntity)).toBe(error);
  });

  it('are told for every command', () => {
    expect(new Set(rules.map(([tag]) => tag))).toEqual(new Set(Object.keys(xftpCommands)));
  });
});

describe('blocks', () => {
  const content = (count: number, ...items: readonly Uint8Array[]): Uint8Array =>
    bytes([count], ...items.flatMap((item) => [[item.length >> 8, item.length & 0xff], item]));
  const ping = bytes([0], short(new Uint8Array(32)), [0], [0], 'PING');
  const longerThanSaid = pad(content(1, ping), 16_384);
  longerThanSaid.fill(0xff, 0, 2);

  it.each([
    ['nothing', new Uint8Array(0)],
    ['a short block', pad(content(1, ping), 16_383)],
    ['a long block', pad(content(1, ping), 16_385)],
    ['content longer than the block', longerThanSaid],
    ['no content', pad(bytes(), 16_384)],
    ['no transmissions', pad(content(0), 16_384)],
    ['two transmissions', pad(content(2, ping, ping), 16_384)],
    ['two transmissions, of which one is there', pad(content(2, ping), 16_384)],
    ['a count without a transmission', pad(content(1), 16_384)],
    ['a transmission shorter than said', pad(bytes([1, 0, 99], ping), 16_384)],
    ['bytes after the transmission', pad(bytes(content(1, ping), [0]), 16_384)],
    ['an empty transmission', pad(content(1, bytes()), 16_384)],
    ['an authorisation cut short', pad(content(1, bytes([64], 'x')), 16_384)],
    ['a session id cut short', pad(content(1, bytes([0], [32], 'x')), 16_384)],
    ['no corrId', pad(content(1, bytes([0], short(new Uint8Array(32)))), 16_384)],
    ['no entity', pad(content(1, bytes([0], short(new Uint8Array(32)), [0])), 16_384)],
  ])('%s: ERR BLOCK with an empty corrId', (_, block) => {
    expect(readBlock(block)).toBeNull();
  });

  it('padding is not looked at', () => {
    const block = pad(content(1, ping), 16_384);
    expect(readBlock(block.fill(0, 200))?.command).toEqual(utf8('PING'));
  });

  const sessionId = new Uint8Array(48).fill(1);
  const transmission = (auth: number, session: Uint8Array = sessionId): Parameters<typeof transmissionError>[0] =>
    readBlock(encodeRequestBlock({ auth: new Uint8Array(auth), sessionId: session, corrId: bytes('c'), entityId: bytes('e'), command: bytes('PING') }))!;

  it.each([0, 64, 80, 114])('an authorisation of %i bytes', (length) => {
    expect(transmissionError(transmission(length), sessionId)).toBeNull();
  });

  it.each([1, 63, 65, 79, 81, 113, 115, 255])('an authorisation of %i bytes: ERR BLOCK with the corrId', (length) => {
    expect(transmissionError(transmission(length), sessionId)).toEqual({ type: 'BLOCK' });
    expect(transmission(length).corrId).toEqual(bytes('c'));
  });

  it.each([
    ['empty', new Uint8Array(0)],
    ['shorter', sessionId.subarray(0, 32)],
    ['longer', concatBytes(sessionId, bytes('x'))],
    ['of another connection', new Uint8Array(48).fill(2)],
  ])('a session id that is %s: ERR SESSION, whatever the authorisation', (_, session) => {
    expect(transmissionError(transmission(0, session), sessionId)).toEqual({ type: 'SESSION' });
    expect(transmissionError(transmission(7, session), sessionId)).toEqual({ type: 'SESSION' });
  });
});

describe('handshakes', () => {
  const block = (...parts: readonly Part[]): Uint8Array => pad(bytes(...parts), 16_384);
  const signed = encodeSignedKey(generateKeyPair('x25519').publicKey, generateKeyPair('ed25519').privateKey);
  const chain = bytes([2], [0, 1], 'a', [0, 1], 'b');
  const key = bytes([0, signed.length], signed);
  const id = short(new Uint8Array(32));

  it.each([
    ['empty', block()],
    ['not padded', bytes('0')],
    ['another mark', block('2')],
    ['a challenge of 31 bytes', block('1', short(new Uint8Array(31)))],
    ['a challenge of 33 bytes', block('1', short(new Uint8Array(33)))],
    ['a challenge cut short', block('1', [32], 'x')],
  ])('client hello: %s', (_, encoded) => {
    expect(openHandshakeBlock(clientHello, encoded)).toBeNull();
  });

  it.each([
    ['empty', block()],
    ['a version without a fingerprint', block([0, 3])],
    ['a fingerprint of 31 bytes', block([0, 3], short(new Uint8Array(31)))],
    ['a fingerprint cut short', block([0, 3], [32], 'x')],
  ])('client handshake: %s', (_, encoded) => {
    expect(openHandshakeBlock(clientHandshake, encoded)).toBeNull();
  });

  it.each([
    ['empty', block()],
    ['versions upside down', block([0, 3, 0, 1], id, chain, key, [0])],
    ['no certificates', block([0, 1, 0, 3], id, [0], key, [0])],
    ['a certificate cut short', block([0, 1, 0, 3], id, [1], [9, 9], 'x')],
    ['no signed key', block([0, 1, 0, 3], id, chain)],
    ['a signed key that is none', block([0, 1, 0, 3], id, chain, [0, 3], 'abc', [0])],
  ])('server hello: %s', (_, encoded) => {
    expect(openHandshakeBlock(serverHello, encoded)).toBeNull();
  });

  it('bytes after the known fields are ignored', () => {
    expect(openHandshakeBlock(clientHello, block('0', 'more'))).toEqual({ challenge: null });
    expect(openHandshakeBlock(clientHandshake, block([0, 9], id, 'more'))).toEqual({ version: 9, keyHash: new Uint8Array(32) });
    expect(openHandshakeBlock(serverHello, block([0, 1, 0, 3], id, chain, key, [1], 'p', 'more'))).toMatchObject({ proof: bytes('p') });
    expect(openHandshakeBlock(serverHello, block([0, 1, 0, 3], id, chain, key))).toMatchObject({ proof: new Uint8Array(0) });
  });

  it.each([
    ['small letters', block('session')],
    ['a space', block('NO WAY')],
    ['nothing', block()],
    ['20 bytes', block('A'.repeat(20))],
    ['an empty body', bytes()],
  ])('no bare error: %s', (_, encoded) => {
    expect(readBareError(encoded)).toBeNull();
  });
});

describe('replies', () => {
  const id = short(new Uint8Array(16));
  it.each([
    ['nothing', bytes()],
    ['an unknown tag', bytes('NOPE')],
    ['a name every object has', bytes('constructor')],
    ['OK and a space', bytes('OK ')],
    ['PONG and a parameter', bytes('PONG 1')],
    ['SIDS without recipients', bytes('SIDS ', id, [0])],
    ['SIDS with fewer recipients than said', bytes('SIDS ', id, [2], id)],
    ['SIDS and trailing bytes', bytes('SIDS ', id, [1], id, 'x')],
    ['RIDS with no ids', bytes('RIDS ', [0])],
    ['FILE with an Ed25519 key', bytes('FILE ', ed, new Uint8Array(24))],
    ['FILE with a short nonce', bytes('FILE ', x25519, new Uint8Array(23))],
    ['FILE with a long nonce', bytes('FILE ', x25519, new Uint8Array(25))],
    ['ERR without an error', bytes('ERR')],
    ['ERR with an empty error', bytes('ERR ')],
    ['ERR with an unknown error', bytes('ERR NOPE')],
    ['ERR CMD without more', bytes('ERR CMD')],
    ['ERR CMD with an unknown error', bytes('ERR CMD NOPE')],
    ['ERR AUTH and more', bytes('ERR AUTH x')],
    ['ERR BLOCKED without a reason', bytes('ERR BLOCKED')],
    ['ERR BLOCKED with an unknown reason', bytes('ERR BLOCKED reason=whim')],
    ['ERR BLOCKED with a notice that is no JSON', bytes('ERR BLOCKED reason=spam,notice={')],
  ])('%s', (_, encoded) => {
    expect(readReply(encoded)).toBeNull();
  });

  it('NO_QUEUE is read as NO_ENTITY', () => {
    expect(readReply(bytes('ERR CMD NO_QUEUE'))).toEqual({ tag: 'ERR', error: { type: 'CMD', error: 'NO_ENTITY' } });
  });

  it.each([
    ['OK', false, true], ['FILE', false, true], ['RIDS', false, true], ['SIDS', true, false], ['PONG', true, false], ['ERR', true, true],
  ] as const satisfies readonly (readonly [XftpReplyTag, boolean, boolean])[])('%s: without an entity %s, with one %s', (tag, without, withOne) => {
    expect(replySuitsEntity(tag, false)).toBe(without);
    expect(replySuitsEntity(tag, true)).toBe(withOne);
  });
});
