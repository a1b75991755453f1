/** Bodies put together by hand, as a peer might. */
import * as zlib from 'node:zlib';
import { concatBytes, utf8 } from '@polyplex/base';

export type Part = string | readonly number[] | Uint8Array;

export function bytes(...parts: readonly Part[]): Uint8Array {
  return concatBytes(...parts.map((part) => (typeof part === 'string' ? utf8(part) : Uint8Array.from(part))));
}

export const short = (part: Part): Uint8Array => bytes([bytes(part).length], part);
export const large = (part: Part): Uint8Array => bytes([bytes(part).length >>> 8, bytes(part).length & 0xff], part);

/** zstd as the reference writes it: one frame that says its size. */
export function frame(content: Part, level = 3): Uint8Array {
  return zlib.zstdCompressSync(bytes(content), { params: { [zlib.constants.ZSTD_c_compressionLevel]: level } });
}

/** As libraries stream: without the size. */
export function sizelessFrame(content: Part): Uint8Array {
  return zlib.zstdCompressSync(bytes(content), { params: { [zlib.constants.ZSTD_c_contentSizeFlag]: 0 } });
}

export const zstdBlock = (content: Part): Uint8Array => bytes('1', large(frame(content)));
export const plainBlock = (content: Part): Uint8Array => bytes('0', short(content));
export const compressed = (...blocks: readonly Uint8Array[]): Uint8Array => bytes('X', [blocks.length], ...blocks);

/** A frame of one RLE block, which says any size: `content` bytes from `said` in the header. */
export function rleFrame(said: number, content: number): Uint8Array {
  const block = (content << 3) | (1 << 1) | 1;
  return bytes([0x28, 0xb5, 0x2f, 0xfd, 0xa0, said & 0xff, (said >>> 8) & 0xff, (said >>> 16) & 0xff, said >>> 24, block & 0xff, (block >>> 8) & 0xff, block >>> 16], 'x');
}

export const OK = '{"event":"x.ok","params":{}}';
