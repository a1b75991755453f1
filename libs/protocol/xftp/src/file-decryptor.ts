/**
 * Decryption of a file as a stream (XFTP §4.5): the header, then the content; padding is thrown away and the tag compared
 * at the end. Until then nothing is proven: content is written where it can be taken back. Whoever has the digest of the
 * description compares that as well, over what goes in.
 */
import { CodedError, concatBytes, EMPTY_BYTES } from '@polyplex/base';
import { DecodeError, Reader, safeInt64 } from '@polyplex/codec';
import { BOX_TAG_BYTES, boxKeyOf, createBoxOpener } from '@polyplex/crypto';
import { FILE_LENGTH_BYTES, type FileHeader, fileHeader, HEADER_LIMIT_BYTES } from './file-header.ts';

export interface FileDecryptor {
  /** null until enough was decrypted. */
  readonly header: FileHeader | null;
  /** Bytes of the content; null as long as the header is. */
  readonly contentSize: number | null;
  /**
   * Decrypts the next piece in its own memory and answers the content in it, empty before the content begins and in the
   * padding. Throws `CodedError` (`BAD_FILE`) for a length or header that cannot be, and for more than `size` bytes.
   */
  update(cipher: Uint8Array): Uint8Array;
  /** Whether the file came whole and is authentic; called once, at the end. */
  finish(): boolean;
}

export interface FileDecryptorOptions {
  /** The 32 bytes of the description. */
  readonly key: Uint8Array;
  /** 24 bytes. */
  readonly nonce: Uint8Array;
  /** Bytes of the encrypted file. */
  readonly size: number;
}

interface Opening {
  readonly header: FileHeader;
  readonly contentSize: number;
  /** What of the decrypted bytes is content already. */
  readonly rest: Uint8Array;
}

/** Throws `CodedError` (`BAD_FILE`) for a size that no file has. */
export function createFileDecryptor({ key, nonce, size }: FileDecryptorOptions): FileDecryptor {
  const cipherSize = size - BOX_TAG_BYTES;
  if (!(cipherSize >= FILE_LENGTH_BYTES)) throw badFile('the file is too short');
  const opener = createBoxOpener(boxKeyOf(key), nonce);
  const tag = new Uint8Array(BOX_TAG_BYTES);
  let taken = 0;
  let waiting: Uint8Array = EMPTY_BYTES;
  let opening: Opening | null = null;
  let contentLeft = 0;

  function takeContent(plain: Uint8Array): Uint8Array {
    const content = plain.length > contentLeft ? plain.subarray(0, contentLeft) : plain;
    contentLeft -= content.length;
    return content;
  }

  function takeHead(plain: Uint8Array): Uint8Array {
    waiting = waiting.length === 0 ? plain : concatBytes(waiting, plain);
    opening = readHead(waiting, cipherSize);
    if (opening === null) {
      waiting = waiting.slice(); // the piece is the caller's: what stays is a copy
      return EMPTY_BYTES;
    }
    contentLeft = opening.contentSize;
    waiting = EMPTY_BYTES;
    return takeContent(opening.rest);
  }

  return {
    get header() {
      return opening?.header ?? null;
    },
    get contentSize() {
      return opening?.contentSize ?? null;
    },
    update(cipher) {
      if (taken + cipher.length > size) throw badFile('the file is too long');
      const body = cipher.subarray(0, Math.max(0, Math.min(cipher.length, cipherSize - taken)));
      tag.set(cipher.subarray(body.length), Math.max(0, taken - cipherSize));
      taken += cipher.length;
      const plain = opener.update(body);
      return opening === null ? takeHead(plain) : takeContent(plain);
    },
    finish: () => taken === size && opener.finish(tag) && opening !== null,
  };
}

/** The length and the header; null while they are not all there. */
function readHead(plain: Uint8Array, cipherSize: number): Opening | null {
  if (plain.length < FILE_LENGTH_BYTES) return null;
  try {
    const r = new Reader(plain);
    const length = safeInt64.read(r);
    if (length < 0 || length > cipherSize - FILE_LENGTH_BYTES) throw badFile('the length in the file is wrong');
    const limit = Math.min(length, HEADER_LIMIT_BYTES);
    if (r.remaining < limit) return null;
    const within = new Reader(plain, 0, r.position, r.position + limit);
    const header = fileHeader.read(within);
    const headerBytes = within.position - FILE_LENGTH_BYTES;
    return { header, contentSize: length - headerBytes, rest: plain.subarray(within.position) };
  } catch (error) {
    if (error instanceof DecodeError) throw badFile('the header of the file cannot be read', error);
    throw error;
  }
}

function badFile(message: string, cause?: unknown): CodedError<'BAD_FILE'> {
  return new CodedError('BAD_FILE', message, { cause });
}
