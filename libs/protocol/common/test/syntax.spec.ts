/** Malformed blocks, batches, transmissions and handshakes, one line each (SMP §3, §4.1, §4.2, §8.2). */
import { describe, expect, it } from 'vitest';
import { concatBytes, utf8 } from '@polyplex/base';
import { pad, unpad } from '@polyplex/codec';
import { encodePublicKey, generateKeyPair } from '@polyplex/crypto';
import {
  AUTH_LENGTHS, authKindOf, BLOCK_SIZE_BYTES, clientHello, encodeBatch, encryptedBlocks, openHandshakeBlock, plainBlocks, readBatch, readTransmission,
  serverHello, serviceResponse, splitBatches, writeTransmission, signedPart,
} from '../src/index.ts';

const of = (...values: number[]): Uint8Array => Uint8Array.from(values);
const short = (value: Uint8Array): Uint8Array => concatBytes(of(value.length), value);
const id = short(new Uint8Array(24).fill(1));
const SUB = utf8('SUB');

describe('batches', () => {
  it.each([
    ['nothing', of()],
    ['count 0', of(0)],
    ['count 0 and an item', of(0, 0, 1, 7)],
    ['a count without items', of(1)],
    ['half a length', of(1, 0)],
    ['an item cut short', of(1, 0, 5, 1, 2)],
    ['fewer items than said', of(2, 0, 1, 7)],
    ['trailing bytes', of(1, 0, 1, 7, 0)],
    ['more items than said', of(1, 0, 1, 7, 0, 1, 8)],
  ])('%s spoils the whole block', (_, content) => {
    expect(readBatch(content)).toBeNull();
  });

  it('an empty item does not spoil the others', () => {
    expect(readBatch(of(2, 0, 0, 0, 1, 7))).toEqual([of(), of(7)]);
  });

  it('255 items at most, and 16365 bytes with their lengths', () => {
    expect(splitBatches(Array.from({ length: 256 }, () => of(1))).map((batch) => batch.length)).toEqual([255, 1]);
    expect(splitBatches([new Uint8Array(16_363)])).toHaveLength(1);
    expect(splitBatches([new Uint8Array(8_180), new Uint8Array(8_181)])).toHaveLength(1);
    expect(splitBatches([new Uint8Array(8_181), new Uint8Array(8_181)])).toHaveLength(2);
    expect(() => splitBatches([new Uint8Array(16_364)])).toThrow('larger than a block');
    expect(splitBatches([])).toEqual([]);
  });

  it('the largest batch fits an encrypted block', () => {
    const largest = new Uint8Array(16_363).fill(9);
    const secret = new Uint8Array(32).fill(3);
    const block = encryptedBlocks('server', new Uint8Array(32), secret).seal([largest]);
    expect(block).toHaveLength(BLOCK_SIZE_BYTES);
    expect(encryptedBlocks('client', new Uint8Array(32), secret).open(block)).toEqual(encodeBatch([largest]));
  });
});

describe('blocks', () => {
  it('that do not unpad or decrypt have no content', () => {
    expect(plainBlocks.open(new Uint8Array(BLOCK_SIZE_BYTES).fill(0xff))).toBeNull();
    expect(encryptedBlocks('client', new Uint8Array(32), new Uint8Array(32)).open(new Uint8Array(BLOCK_SIZE_BYTES))).toBeNull();
  });

  it('sealed with one direction do not open with the other', () => {
    const side = (): ReturnType<typeof encryptedBlocks> => encryptedBlocks('client', new Uint8Array(32), new Uint8Array(32));
    expect(side().open(side().seal([of(1)]))).toBeNull();
  });

  it('padding is not looked at', () => {
    expect(unpad(concatBytes(of(0, 1, 7), new Uint8Array(10).fill(0xee)))).toEqual(of(7));
  });
});

describe('transmissions that cannot be split', () => {
  it.each([
    ['nothing', of(), 18],
    ['auth cut short', of(5, 1, 2), 18],
    ['no corrId', of(0), 18],
    ['corrId cut short', of(0, 24, 1), 18],
    ['no entity', concatBytes(of(0), id), 18],
    ['entity cut short', concatBytes(of(0), id, of(24, 1)), 18],
    ['auth without the service byte', concatBytes(short(new Uint8Array(64)), id, id, SUB), 18],
    ['a service byte that is neither', concatBytes(short(new Uint8Array(64)), of(0x32), id, id, SUB), 18],
    ['a service signature of 63 bytes', concatBytes(short(new Uint8Array(64)), of(0x31), short(new Uint8Array(63)), id, id, SUB), 18],
    ['a service signature cut short', concatBytes(short(new Uint8Array(64)), of(0x31, 64), new Uint8Array(10)), 18],
    ['version 6 without a session id', concatBytes(of(0), id), 6],
  ])('%s', (_, bytes, version) => {
    expect(readTransmission(bytes, version)).toBeNull();
  });

  it('the service byte is there only with an auth, and only from version 16', () => {
    const auth = new Uint8Array(64);
    const signed = signedPart(of(1), of(2), SUB);
    const sessionId = of(9);
    const lengths = ([[18, auth], [18, of()], [15, auth], [6, of()]] as const).map(([version, a]) => writeTransmission({ auth: a, sessionId, signed }, version).length);
    expect(lengths).toEqual([65 + 1 + signed.length, 1 + signed.length, 65 + signed.length, 1 + 2 + signed.length]);
  });
});

describe('auth is told by its length', () => {
  it.each([
    [0, 'none'], [64, 'ed25519'], [80, 'x25519'], [114, 'ed448'],
    [1, null], [32, null], [63, null], [65, null], [79, null], [81, null], [113, null], [115, null], [255, null],
  ])('%i bytes', (length, kind) => {
    expect(authKindOf(new Uint8Array(length))).toBe(kind);
  });

  it('lengths are those of the spec', () => {
    expect(AUTH_LENGTHS).toEqual({ ed25519: 64, ed448: 114, x25519: 80 });
  });
});

describe('handshakes', () => {
  const block = (content: Uint8Array): Uint8Array => pad(content, BLOCK_SIZE_BYTES);
  const keyHash = short(new Uint8Array(32));
  const key = short(encodePublicKey(generateKeyPair('x25519').publicKey));

  it.each([
    ['nothing', of()],
    ['half a version', of(0)],
    ['no key hash', of(0, 18)],
    ['key hash cut short', concatBytes(of(0, 18), keyHash.subarray(0, 20))],
    ['version 14 without proxyServer', concatBytes(of(0, 14), keyHash, key)],
    ['proxyServer that is no bool', concatBytes(of(0, 14), keyHash, key, utf8('X'))],
    ['version 16 without the service byte', concatBytes(of(0, 16), keyHash, key, utf8('F'))],
    ['an unknown service role', concatBytes(of(0, 16), keyHash, key, utf8('F1X'))],
    ['a service without certificates', concatBytes(of(0, 16), keyHash, key, utf8('F1N'), of(0))],
    ['a service whose signed key is none', concatBytes(of(0, 16), keyHash, key, utf8('F1N'), of(1, 0, 1, 7, 0, 1, 7))],
  ])('client hello: %s', (_, content) => {
    expect(openHandshakeBlock(clientHello, block(content))).toBeNull();
  });

  it.each([
    ['a key of another kind is no key, and what follows is read in its place', short(encodePublicKey(generateKeyPair('ed25519').publicKey))],
  ])('client hello: %s', (_, other) => {
    expect(openHandshakeBlock(clientHello, block(concatBytes(of(0, 18), keyHash, other, utf8('F0'))))).toBeNull();
    expect(openHandshakeBlock(clientHello, block(concatBytes(of(0, 7), keyHash, other)))).toMatchObject({ version: 7, key: null });
  });

  it.each([
    ['nothing', of()],
    ['an empty range', of(0, 9, 0, 8, 0)],
    ['a session id cut short', of(0, 6, 0, 18, 32, 1)],
  ])('server hello: %s', (_, content) => {
    expect(openHandshakeBlock(serverHello, block(content))).toBeNull();
  });

  it.each([
    ['nothing', of()],
    ['an unknown letter', utf8('X')],
    ['an id cut short', concatBytes(utf8('R'), of(24, 1))],
  ])('service response: %s', (_, content) => {
    expect(openHandshakeBlock(serviceResponse, block(content))).toBeNull();
  });
});
