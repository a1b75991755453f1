/**
 * Compressed bodies (directory §1.3): `X`, a count byte, and that many blocks: `0`, a length byte and bytes as they are, or `1`, a length
 * of two bytes and a zstd frame.
 */
import { concatBytes, utf8 } from '@polyplex/base';
import { type Codec, encode, fields, large, nonEmptyList, shortString, tagged, type TypeOf } from '@polyplex/codec';
import { MAX_PASSTHROUGH_BYTES } from './sizes.ts';
import { compress, decompress } from './zstd.ts';

const block = tagged({ '0': fields({ bytes: shortString }), '1': fields({ bytes: large }) });
type Block = TypeOf<typeof block>;

/** What follows the `X`. */
export const compressedBlocks: Codec<readonly Block[]> = nonEmptyList(block);

/** The content of a block, at most `most` bytes. Throws `DecodeError`. */
export function contentOf({ type, bytes }: Block, most: number): Uint8Array {
  return type === '1' ? decompress(bytes, most) : bytes;
}

const COMPRESSED = utf8('X');

/** One block. Throws `TOO_LARGE`. */
export function compressBody(content: Uint8Array): Uint8Array {
  const one: Block = content.length > MAX_PASSTHROUGH_BYTES ? { type: '1', bytes: compress(content) } : { type: '0', bytes: content };
  return concatBytes(COMPRESSED, encode(compressedBlocks, [one]));
}
