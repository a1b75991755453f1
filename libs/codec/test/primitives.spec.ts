/** The primitive encodings as the reference writes them, and what is refused (SMP §1.1, §1.6). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  bool, byte, bytes, char, type Codec, decode, DecodeError, encode, EncodeError, fields, int64, large, list, literal, maybe, nonEmptyList, pad, safeInt64,
  shortBytes, shortString, sp, tail, tryDecode, unpad, word16, word32,
} from '../src/index.ts';

const vectors = JSON.parse(readFileSync(new URL('vectors/encodings.json', import.meta.url), 'utf8')) as {
  binaryEncodings: { type: string; value?: string; smpEncode: string }[];
  pad: { message: string; paddedLength: number; result: string }[];
  unpad: { padded: string; result: string }[];
};
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');
const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));

/** Of whatever type: the tables below mix them. */
type AnyCodec = Codec<any>; // eslint-disable-line @typescript-eslint/no-explicit-any -- a codec both takes and gives its type

/** In the order of the vectors. */
const samples: readonly (readonly [AnyCodec, unknown])[] = [
  [char('A'), 'A'],
  [bool, true],
  [bool, false],
  [word16, 0],
  [word16, 513],
  [word16, 65_535],
  [word32, 0x01020304],
  [int64, 1n],
  [int64, -2n],
  [int64, 0x0102030405060708n],
  [safeInt64, 1_700_000_001],
  [shortString, text('abc')],
  [shortString, text('')],
  [shortString, text('a'.repeat(255))],
  [large, text('abc')],
  [large, text('b'.repeat(300))],
  [tail, text('abc')],
  [maybe(shortString), null],
  [maybe(shortString), text('x')],
  [maybe(bool), true],
  [nonEmptyList(shortString), [text('a'), text('bc')]],
  [list(shortString), []],
  [list(shortString), [text('a'), text('bc')]],
  [fields({ a: word16, b: shortString }), { a: 7, b: text('q') }],
  [shortString, text('str')],
];

describe('encodings of the reference', () => {
  it('all have a sample here', () => {
    expect(samples).toHaveLength(vectors.binaryEncodings.length);
  });

  it.each(vectors.binaryEncodings.map((vector, i) => [`${vector.type} ${vector.value ?? ''}`.slice(0, 50), vector.smpEncode, i] as const))('%s', (_, encoded, i) => {
    const [format, value] = samples[i]!;
    expect(hex(encode(format, value))).toBe(encoded);
    expect(decode(format, unhex(encoded))).toEqual(value);
  });

  it('the large integer of the reference tests', () => {
    expect(hex(encode(int64, 1_234_567_890_123_456_789n))).toBe('112210f47de98115');
    expect(hex(encode(safeInt64, 1_641_032_645))).toBe('0000000061d02bc5');
  });
});

describe('padding', () => {
  it.each(vectors.pad)('pad to $paddedLength', ({ message, paddedLength, result }) => {
    if (/^[0-9a-f]*$/.test(result)) expect(hex(pad(unhex(message), paddedLength))).toBe(result);
    else expect(() => pad(unhex(message), paddedLength)).toThrow(EncodeError);
  });

  it.each(vectors.unpad)('unpad $padded', ({ padded, result }) => {
    const content = unpad(unhex(padded));
    expect(content === null ? 'CryptoInvalidMsgError' : hex(content)).toBe(result);
  });

  it('content longer than a length can say', () => {
    expect(() => pad(new Uint8Array(65_536), 70_000)).toThrow(EncodeError);
  });
});

describe('what is not read', () => {
  it.each<readonly [string, AnyCodec, string]>([
    ['a byte of nothing', byte, ''],
    ['a bool of another byte', bool, '00'],
    ['a bool and more', bool, '5446'],
    ['a character that is not allowed', char('M', 'C'), '58'],
    ['half a word16', word16, '01'],
    ['half a word32', word32, '010203'],
    ['half an int64', int64, '01020304050607'],
    ['an int64 beyond what a number holds', safeInt64, '0020000000000000'],
    ['an int64 far below zero', safeInt64, '8000000000000000'],
    ['a short string cut short', shortString, '0361'],
    ['a short string without its length', shortString, ''],
    ['a large string cut short', large, '000361'],
    ['bytes of another length', bytes(3), '0102'],
    ['short bytes of another length', shortBytes(2), '03010203'],
    ['a maybe that is neither', maybe(bool), '32'],
    ['a maybe cut short', maybe(bool), '31'],
    ['an empty list that must not be', nonEmptyList(byte), '00'],
    ['a list cut short', list(byte), '0201'],
    ['a constant that is another', literal('AB'), '4143'],
    ['a space that is none', sp, '21'],
    ['trailing bytes', shortString, '016100'],
  ])('%s', (_, format, encoded) => {
    expect(() => void decode(format, unhex(encoded))).toThrow(DecodeError);
    expect(tryDecode(format, unhex(encoded))).toBeNull();
  });
});

describe('what is not written', () => {
  it.each<readonly [string, AnyCodec, unknown]>([
    ['word16 too large', word16, 65_536],
    ['word16 below zero', word16, -1],
    ['word16 with a fraction', word16, 1.5],
    ['word32 too large', word32, 2 ** 32],
    ['int64 too large', int64, 2n ** 63n],
    ['a count beyond exact numbers', safeInt64, 2 ** 53],
    ['a short string of 256 bytes', shortString, new Uint8Array(256)],
    ['a large string of 65536 bytes', large, new Uint8Array(65_536)],
    ['bytes of another length', bytes(3), new Uint8Array(4)],
    ['short bytes of another length', shortBytes(3), new Uint8Array(2)],
    ['a list of 256', list(byte), Array.from({ length: 256 }, () => 1)],
    ['an empty list that must not be', nonEmptyList(byte), []],
  ])('%s', (_, format, value) => {
    expect(() => encode(format, value)).toThrow(EncodeError);
  });
});
