/** Files as streams: wherever pieces begin and end, the same bytes; nothing damaged, cut or lengthened passes (XFTP §4.5). */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '@polyplex/base';
import { encode, safeInt64 } from '@polyplex/codec';
import { boxKeyOf, sealBox } from '@polyplex/crypto';
import { byteStrings } from '@polyplex/testing';
import { createFileDecryptor, createFileEncryptor, type FileHeader } from '../src/index.ts';
import { fileHeader } from '../src/file-header.ts';
import { hex } from './wire-vectors.ts';

const key = new Uint8Array(32).fill(1);
const nonce = new Uint8Array(24).fill(2);
const names = fc.string({ maxLength: 60, unit: 'grapheme' }).filter((name) => Buffer.byteLength(name) <= 255);
const contents = fc.oneof(byteStrings(3000), fc.constantFrom(0, 1, 65_000, 140_000).map((size) => new Uint8Array(size).fill(5)));
const cuts = fc.array(fc.oneof(fc.nat(20), fc.nat(2000), fc.nat(100_000)), { minLength: 1, maxLength: 6 });
/** Small files of one chunk without padding, so that all of it matters. */
const small = fc.record({ name: names, content: byteStrings(2500), padding: fc.nat(100) });

function pieces(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const out: Uint8Array[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = lengths[i % lengths.length]! || i % 2;
    out.push(bytes.slice(at, at + length));
    at += length;
  }
  return out;
}

/** Pieces may be more than a call takes arguments. */
const joined = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

function encrypt(name: string, content: Uint8Array, lengths: readonly number[], chunkSizes?: readonly number[]): Uint8Array {
  const encryptor = createFileEncryptor({ name, contentSize: content.length, key, nonce, ...(chunkSizes === undefined ? {} : { chunkSizes }) });
  const file = [encryptor.head(), ...pieces(content, lengths).map((piece) => encryptor.update(piece)), ...encryptor.finish()];
  return joined(file);
}

const sizeOf = (name: string, content: Uint8Array): number => 8 + encode(fileHeader, { name, extra: null }).length + content.length + 16;
const encryptSmall = ({ name, content, padding }: { name: string; content: Uint8Array; padding: number }): Uint8Array =>
  encrypt(name, content, [1000], [sizeOf(name, content) + padding]);

interface Opened {
  readonly content: Uint8Array;
  readonly header: FileHeader | null;
  readonly whole: boolean;
}

function decrypt(file: Uint8Array, lengths: readonly number[], size = file.length): Opened {
  const decryptor = createFileDecryptor({ key, nonce, size });
  const content = joined(pieces(file, lengths).map((piece) => {
    const plain = decryptor.update(piece).slice();
    piece.fill(0); // the piece is the caller's again
    return plain;
  }));
  return { content, header: decryptor.header, whole: decryptor.finish() };
}

it('any pieces, the same file, the same content', () => {
  fc.assert(fc.property(names, contents, cuts, cuts, (name, content, sealCuts, openCuts) => {
    const file = encrypt(name, content, sealCuts);
    expect(hex(file) === hex(encrypt(name, content, [65_536]))).toBe(true);
    const opened = decrypt(file, openCuts);
    expect(opened.header).toEqual({ name, extra: null });
    expect(opened.whole).toBe(true);
    expect(hex(opened.content) === hex(content)).toBe(true);
  }), { numRuns: 150 });
});

it('is the box at once, but for the place of the tag', () => {
  fc.assert(fc.property(small, (file) => {
    const { name, content, padding } = file;
    const header = encode(fileHeader, { name, extra: null });
    const plain = concatBytes(encode(safeInt64, header.length + content.length), header, content, new Uint8Array(padding).fill(0x23));
    const box = sealBox(boxKeyOf(key), nonce, plain);
    expect(hex(encryptSmall(file))).toBe(hex(concatBytes(box.subarray(16), box.subarray(0, 16))));
  }));
});

/** What happens to a damaged file: it does not pass, be it noticed at once or at the end. */
function passes(file: Uint8Array, size: number): boolean {
  try {
    return decrypt(file, [700], size).whole;
  } catch (error) {
    expect(error).toMatchObject({ code: 'BAD_FILE' });
    return false;
  }
}

it('any bit changed is noticed', () => {
  fc.assert(fc.property(small, fc.nat(), (file, bit) => {
    const damaged = encryptSmall(file);
    damaged[(bit >> 3) % damaged.length]! ^= 1 << (bit & 7);
    expect(passes(damaged, damaged.length)).toBe(false);
  }), { numRuns: 300 });
});

it('a file cut short or lengthened is noticed, whatever size is said', () => {
  fc.assert(fc.property(small, fc.integer({ min: 1, max: 40 }), (file, by) => {
    const whole = encryptSmall(file);
    const cut = whole.subarray(0, Math.max(24, whole.length - by));
    const longer = concatBytes(whole, new Uint8Array(by));
    expect(passes(cut, whole.length)).toBe(false);
    expect(passes(longer, whole.length)).toBe(false);
    expect(passes(longer, longer.length)).toBe(false);
    if (cut.length < whole.length) expect(passes(cut, cut.length)).toBe(false);
  }), { numRuns: 200 });
});

describe('authentic files that are none', () => {
  const badFile = (message: string): Error => expect.objectContaining({ code: 'BAD_FILE', message }) as Error;
  const sealed = (plain: Uint8Array): Uint8Array => {
    const box = sealBox(boxKeyOf(key), nonce, plain);
    return concatBytes(box.subarray(16), box.subarray(0, 16));
  };
  const length = (bytes: bigint): Uint8Array => {
    const out = new Uint8Array(8);
    new DataView(out.buffer).setBigInt64(0, bytes);
    return out;
  };
  const rest = new Uint8Array(2000).fill(0x30);
  it.each([
    ['a negative length', concatBytes(length(-1n), rest), 'the length in the file is wrong'],
    ['a length beyond the file', concatBytes(length(2001n), rest), 'the length in the file is wrong'],
    ['a length beyond numbers', concatBytes(length(2n ** 62n), rest), 'the header of the file cannot be read'],
    ['no room for a header', concatBytes(length(0n), rest), 'the header of the file cannot be read'],
    ['a name longer than the length', concatBytes(length(3n), Uint8Array.of(9), rest), 'the header of the file cannot be read'],
    ['an unknown mark after the name', concatBytes(length(20n), Uint8Array.of(1, 0x61, 0x32), rest), 'the header of the file cannot be read'],
    ['a name that is no UTF-8', concatBytes(length(20n), Uint8Array.of(1, 0xff, 0x30), rest), 'the header of the file cannot be read'],
  ])('%s', (_, plain, message) => {
    expect(() => decrypt(sealed(plain), [500])).toThrow(badFile(message));
  });

  it('a file that ends before its header', () => {
    const file = encrypt('name', rest, [1000]);
    expect(decrypt(file.subarray(0, 500), [3], file.length)).toMatchObject({ header: null, whole: false, content: new Uint8Array(0) });
  });

  it.each([0, 23, -1, Number.NaN])('a size of %d', (size) => {
    expect(() => createFileDecryptor({ key, nonce, size })).toThrow(badFile('the file is too short'));
  });
});

describe('misuse', () => {
  const options = { name: 'a', contentSize: 10, key, nonce };
  const coded = (code: string): Error => expect.objectContaining({ code }) as Error;

  it('a name of more than 255 bytes', () => {
    expect(() => createFileEncryptor({ ...options, name: 'é'.repeat(128) })).toThrow(coded('BAD_NAME'));
    expect(createFileEncryptor({ ...options, name: 'é'.repeat(127) }).size).toBe(65_536);
  });

  it('sizes that cannot be', () => {
    for (const contentSize of [-1, 0.5, Number.NaN, 2 ** 53]) expect(() => createFileEncryptor({ ...options, contentSize })).toThrow(coded('BAD_LENGTH'));
    expect(() => createFileEncryptor({ ...options, chunkSizes: [30] })).toThrow(coded('BAD_LENGTH'));
  });

  it('content of another length', () => {
    const short = createFileEncryptor(options);
    short.update(new Uint8Array(9));
    expect(() => [...short.finish()]).toThrow(coded('BAD_LENGTH'));
    expect(() => createFileEncryptor(options).update(new Uint8Array(11))).toThrow(coded('BAD_LENGTH'));
  });
});
