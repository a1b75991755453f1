/**
 * zstd frames within bounds (directory §1.3, RFC 8878). A frame must say how large its content is, and be alone: what it is about to take
 * is known before anything is decompressed.
 */
import * as zlib from 'node:zlib';
import { CodedError } from '@polyplex/base';
import { DecodeError, Reader } from '@polyplex/codec';
import { MAX_DECOMPRESSED_BYTES } from './sizes.ts';

const LEVEL = 3;
/** A decoder's memory; frames with a size are decoded in less. */
const MAX_WINDOW_LOG = 23;

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
const DICTIONARY_ID_BYTES = [0, 1, 2, 4];
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];
const CONTENT_SIZE_OFFSET = 256;
const CHECKSUM_BYTES = 4;
/** Of a block that is one byte repeated. */
const RLE = 1;
const RESERVED_BLOCK = 3;

function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 0x100 + byte, 0);
}

interface FrameHeader {
  readonly contentSize: number;
  readonly checksum: boolean;
}

/** The header of a frame; throws where the frame says no size. */
function readHeader(r: Reader): FrameHeader {
  if (MAGIC.some((byte) => r.byte() !== byte)) throw new DecodeError('no zstd frame');
  const descriptor = r.byte();
  const oneSegment = (descriptor & 0x20) !== 0;
  if ((descriptor & 0x08) !== 0) throw new DecodeError('reserved bit of a frame');
  if (!oneSegment) r.byte();
  if (littleEndian(r.take(DICTIONARY_ID_BYTES[descriptor & 3]!)) !== 0) throw new DecodeError('frame with a dictionary');
  const sizeBytes = descriptor >>> 6 === 0 && oneSegment ? 1 : CONTENT_SIZE_BYTES[descriptor >>> 6]!;
  if (sizeBytes === 0) throw new DecodeError('frame without a content size');
  const contentSize = littleEndian(r.take(sizeBytes)) + (sizeBytes === 2 ? CONTENT_SIZE_OFFSET : 0);
  return { contentSize, checksum: (descriptor & 0x04) !== 0 };
}

/** Passes the blocks of a frame, up to its end. */
function skipBlocks(r: Reader, checksum: boolean): void {
  for (let last = false; !last;) {
    const header = littleEndian(r.take(3));
    last = (header & 1) !== 0;
    const type = (header >>> 1) & 3;
    if (type === RESERVED_BLOCK) throw new DecodeError('reserved block of a frame');
    r.take(type === RLE ? 1 : header >>> 3);
  }
  if (checksum) r.take(CHECKSUM_BYTES);
}

/** One whole frame of at most `most` bytes of content. Throws `DecodeError`. */
export function decompress(frame: Uint8Array, most = MAX_DECOMPRESSED_BYTES): Uint8Array {
  const r = new Reader(frame);
  const { contentSize, checksum } = readHeader(r);
  if (contentSize > most) throw new DecodeError('content too large');
  skipBlocks(r, checksum);
  r.expectEnd();
  const content = inflate(frame, contentSize);
  if (content?.length !== contentSize) throw new DecodeError('damaged frame');
  return content;
}

function inflate(frame: Uint8Array, contentSize: number): Uint8Array | null {
  try {
    return zlib.zstdDecompressSync(frame, { maxOutputLength: Math.max(contentSize, 1), params: { [zlib.constants.ZSTD_d_windowLogMax]: MAX_WINDOW_LOG } });
  } catch {
    return null; // it says why in its own words
  }
}

/** One frame that says its content's size. Throws `TOO_LARGE` for what no receiver takes. */
export function compress(content: Uint8Array): Uint8Array {
  if (content.length > MAX_DECOMPRESSED_BYTES) throw new CodedError('TOO_LARGE', 'Content too large to be compressed');
  const params = { [zlib.constants.ZSTD_c_compressionLevel]: LEVEL, [zlib.constants.ZSTD_c_contentSizeFlag]: 1 };
  return zlib.zstdCompressSync(content, { params, pledgedSrcSize: content.length });
}
