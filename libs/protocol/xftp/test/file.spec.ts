/** Files as the reference encrypts, splits and sends them (XFTP §4). */
import { describe, expect, it } from 'vitest';
import { concatBytes } from '@polyplex/base';
import { encode } from '@polyplex/codec';
import { agree, boxKeyOf, createBoxOpener, createBoxSealer, sha256, sha512 } from '@polyplex/crypto';
import { createFileDecryptor, createFileEncryptor, type FileEncryptorOptions, formatFileSize, parseFileSize, singleChunk, splitPayload } from '../src/index.ts';
import { fileHeader } from '../src/file-header.ts';
import { dhPublicKey, files, hex, pattern, privateKey, unhex } from './wire-vectors.ts';

function encrypted(options: FileEncryptorOptions, content: Uint8Array): Uint8Array {
  const encryptor = createFileEncryptor(options);
  const file = concatBytes(encryptor.head(), encryptor.update(content.slice()), ...encryptor.finish());
  expect(file).toHaveLength(encryptor.size);
  return file;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const repeated = (size: number, count: number): number[] => new Array<number>(count).fill(size);

describe('splitting', () => {
  it.each(files.chunkSizeTable.map(({ payload, chunkSizes }) => [payload, chunkSizes] as const))('%i as the reference does', (payload, sizes) => {
    expect(splitPayload(payload)).toEqual(sizes);
  });

  it.each([
    [0, []],
    [1, [64 * KIB]],
    [196_608, repeated(64 * KIB, 3)],
    [196_609, [256 * KIB]],
    [786_432, repeated(256 * KIB, 3)],
    [786_433, [MIB]],
    [2 * MIB + 1, [MIB, MIB, 256 * KIB]],
    [2 * MIB + 768 * KIB, [MIB, MIB, ...repeated(256 * KIB, 3)]],
    [2 * MIB + 768 * KIB + 1, repeated(MIB, 3)],
    [3 * MIB, repeated(MIB, 3)],
    [3 * MIB + 1, [4 * MIB]],
    [7 * MIB, [4 * MIB, ...repeated(MIB, 3)]],
    [7 * MIB + 1, [4 * MIB, 4 * MIB]],
    [9 * MIB, [4 * MIB, 4 * MIB, MIB]],
    [9 * MIB + 256 * KIB, [4 * MIB, 4 * MIB, MIB, MIB]],
  ])('%i as the table of §4.6 says', (payload, sizes) => {
    expect(splitPayload(payload)).toEqual(sizes);
  });

  it('refuses what is no size of a file', () => {
    for (const payload of [-1, 0.5, Number.NaN, 2 ** 38, Number.MAX_VALUE]) {
      expect(() => splitPayload(payload)).toThrow(expect.objectContaining({ code: 'BAD_LENGTH' }) as Error);
    }
  });

  it('one chunk, when one is asked for', () => {
    expect([1, 65_536, 65_537, 4 * MIB, 4 * MIB + 1].map(singleChunk)).toEqual([65_536, 65_536, 262_144, 4 * MIB, null]);
  });
});

describe('sizes as text', () => {
  it.each(files.fileSizes.map(({ bytes, strEncode }) => [bytes, strEncode] as const))('%i is %s', (bytes, text) => {
    expect(formatFileSize(bytes)).toBe(text);
    expect(parseFileSize(text)).toBe(bytes);
  });

  it.each(['', 'kb', '1KB', '1 kb', '1.5mb', '-1', '+1', '1tb', '1b', '0x10', '9007199254740992', '8388608gb', '1kb ', '１'])('%j is none', (text) => {
    expect(parseFileSize(text)).toBeNull();
  });
});

describe('encrypted files', () => {
  it.each(files.files.map((vector) => [vector.name, vector] as const))('%s', (name, vector) => {
    const { extra, fileSize, exact, padded100, chunked } = vector;
    const content = pattern(fileSize);
    const [key, nonce] = [unhex(vector.key), unhex(vector.nonce)];
    const options = { name, contentSize: fileSize, key, nonce, ...(extra === null ? {} : { extra }) };
    expect(hex(encode(fileHeader, { name, extra }))).toBe(vector.headerEncoded);

    for (const { encSize, sha512: digest, ciphertext } of [exact, padded100]) {
      const file = encrypted({ ...options, chunkSizes: [encSize] }, content);
      expect(hex(sha512(file))).toBe(digest);
      if (typeof ciphertext === 'string') expect(hex(file)).toBe(ciphertext);
    }
    const file = encrypted(options, content);
    expect(createFileEncryptor(options).chunkSizes).toEqual(chunked.chunkSizes);
    expect(hex(sha512(file))).toBe(chunked.sha512);
    let at = 0;
    for (const [i, size] of chunked.chunkSizes.entries()) expect(hex(sha256(file.subarray(at, (at += size))))).toBe(chunked.chunkSha256[i]);

    const decryptor = createFileDecryptor({ key, nonce, size: file.length });
    expect(hex(decryptor.update(file))).toBe(hex(content));
    expect(decryptor.header).toEqual({ name, extra });
    expect(decryptor.contentSize).toBe(fileSize);
    expect(decryptor.finish()).toBe(true);
  });
});

describe('chunk bodies as servers send them', () => {
  it.each(files.downloads.map((vector) => [vector.chunkSize, vector] as const))('%i bytes', (size, vector) => {
    const secret = agree(privateKey<'x25519'>(vector.serverKey), dhPublicKey(vector.recipientKey.publicSpkiDer))!;
    expect(hex(secret)).toBe(vector.dhSecret);
    const sealer = createBoxSealer(boxKeyOf(secret), unhex(vector.nonce));
    const cipher = sealer.update(pattern(size));
    const body = concatBytes(cipher, sealer.finish());
    expect(body).toHaveLength(vector.bodyLength);
    expect(hex(sha512(body))).toBe(vector.bodySha512);

    const opener = createBoxOpener(boxKeyOf(agree(privateKey<'x25519'>(vector.recipientKey), dhPublicKey(vector.serverKey.publicSpkiDer))!), unhex(vector.nonce));
    expect(hex(opener.update(body.slice(0, size)))).toBe(hex(pattern(size)));
    expect(opener.finish(body.subarray(size))).toBe(true);
  });
});

it('files that apps keep encrypted are the same box', () => {
  for (const { key, nonce, size, storedSha512 } of files.localEncryptedFiles) {
    const sealer = createBoxSealer(boxKeyOf(unhex(key)), unhex(nonce));
    expect(hex(sha512(concatBytes(sealer.update(pattern(size)), sealer.finish())))).toBe(storedSha512);
  }
});
