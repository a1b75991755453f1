/**
 * End-to-end encryption of a file as a stream (XFTP §4.5): length, header, content and `#` up to whole chunks in one box
 * whose tag comes last. Memory is that of a piece.
 */
import { CodedError } from '@polyplex/base';
import { encode, EncodeError, safeInt64, Writer } from '@polyplex/codec';
import { BOX_TAG_BYTES, boxKeyOf, createBoxSealer } from '@polyplex/crypto';
import { splitPayload } from './chunk-sizes.ts';
import { FILE_LENGTH_BYTES, fileHeader } from './file-header.ts';

export const FILE_KEY_BYTES = 32;

export interface FileEncryptorOptions {
  /** The base name, at most 255 bytes in UTF-8. */
  readonly name: string;
  readonly contentSize: number;
  /** 32 random bytes, for this file only; not a `BoxKey` yet. */
  readonly key: Uint8Array;
  /** 24 bytes. */
  readonly nonce: Uint8Array;
  /** Left out by clients, which leave the extra text of the header absent. */
  readonly extra?: string;
  /** Sizes of the chunks when not those of `splitPayload`; together at least the payload. */
  readonly chunkSizes?: readonly number[];
}

export interface FileEncryptor {
  /** Bytes of the encrypted file. */
  readonly size: number;
  /** Where it is cut, in order; together `size`. */
  readonly chunkSizes: readonly number[];
  /** The first piece, called once. */
  head(): Uint8Array;
  /** Encrypts the next piece of the content in its own memory and answers it. */
  update(content: Uint8Array): Uint8Array;
  /** The padding and the tag in pieces, called once at the end of the content; `BAD_LENGTH` when that was not `contentSize` bytes. */
  finish(): Iterable<Uint8Array>;
}

const PADDING = 0x23; // "#"
const PADDING_PIECE_BYTES = 65_536;

/** Throws `CodedError`: `BAD_NAME` for a name that is too long, `BAD_LENGTH` for sizes that do not fit. */
export function createFileEncryptor(options: FileEncryptorOptions): FileEncryptor {
  const { contentSize } = options;
  const head = headOf(options);
  const payload = head.length + contentSize + BOX_TAG_BYTES;
  const chunkSizes = options.chunkSizes ?? splitPayload(payload);
  const size = chunkSizes.reduce((sum, chunk) => sum + chunk, 0);
  demand(size >= payload, 'the chunks do not hold the file');
  const sealer = createBoxSealer(boxKeyOf(options.key), options.nonce);
  let content = 0;

  function* finish(): Generator<Uint8Array> {
    demand(content === contentSize, 'the content is not as long as was said');
    for (let left = size - payload; left > 0; left -= PADDING_PIECE_BYTES) {
      yield sealer.update(new Uint8Array(Math.min(left, PADDING_PIECE_BYTES)).fill(PADDING));
    }
    yield sealer.finish();
  }

  return {
    size,
    chunkSizes,
    head: () => sealer.update(head),
    update(piece) {
      content += piece.length;
      demand(content <= contentSize, 'the content is longer than was said');
      return sealer.update(piece);
    },
    finish,
  };
}

/** int64 length of what follows, and the header. */
function headOf({ name, extra, contentSize }: FileEncryptorOptions): Uint8Array {
  demand(Number.isSafeInteger(contentSize) && contentSize >= 0, 'the content has a whole number of bytes');
  const header = encodedHeader(name, extra ?? null);
  const w = new Writer(0, FILE_LENGTH_BYTES + header.length);
  safeInt64.write(w, header.length + contentSize);
  w.put(header);
  return w.finish();
}

function encodedHeader(name: string, extra: string | null): Uint8Array {
  try {
    return encode(fileHeader, { name, extra });
  } catch (error) {
    if (error instanceof EncodeError) throw new CodedError('BAD_NAME', 'a file name has at most 255 bytes', { cause: error });
    throw error;
  }
}

function demand(condition: boolean, message: string): void {
  if (!condition) throw new CodedError('BAD_LENGTH', message);
}
