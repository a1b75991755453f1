/** Sizes of chunks and how a file is split into them (XFTP §4.1, §4.6). */
import { CodedError } from '@polyplex/base';

const KIB = 1024;
const MIB = 1024 * KIB;

/** What servers accept, in bytes, ascending. */
export const CHUNK_SIZES: readonly number[] = [64 * KIB, 256 * KIB, MIB, 4 * MIB];
export const LARGEST_CHUNK_BYTES = 4 * MIB;

const threeQuarters = (size: number): number => Math.floor((3 * size) / 4);

/** A payload of more than three quarters of a size takes one chunk of it rather than several smaller ones. */
function sizesFor(payload: number): readonly [small: number, big: number] {
  if (payload > threeQuarters(4 * MIB)) return [MIB, 4 * MIB];
  if (payload > threeQuarters(MIB)) return [256 * KIB, MIB];
  return [64 * KIB, 256 * KIB];
}

/** Far above what clients take (5 GiB), and below 256 GiB, where the counter of one box would begin again. */
const LARGEST_PAYLOAD_BYTES = 128 * 1024 * MIB;

/** The chunks that hold a payload of so many bytes (length, header, content and tag), in order; `BAD_LENGTH` above 128 GiB. */
export function splitPayload(payload: number): number[] {
  if (!Number.isSafeInteger(payload) || payload < 0 || payload > LARGEST_PAYLOAD_BYTES) {
    throw new CodedError('BAD_LENGTH', 'a payload is a whole number of bytes, at most 128 GiB');
  }
  const [small, big] = sizesFor(payload);
  const sizes = new Array<number>(Math.floor(payload / big)).fill(big);
  const rest = payload % big;
  if (rest > threeQuarters(big)) sizes.push(big);
  else sizes.push(...new Array<number>(Math.ceil(rest / small)).fill(small));
  return sizes;
}

/** The smallest chunk that holds a payload alone; null when none does. Redirects have one chunk. */
export function singleChunk(payload: number): number | null {
  return CHUNK_SIZES.find((size) => size >= payload) ?? null;
}
