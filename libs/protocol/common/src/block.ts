/** Blocks of exactly 16384 bytes and the batches inside them (SMP §3.1, §4.1). */
import { EncodeError } from '@polyplex/codec';

export const BLOCK_SIZE_BYTES = 16_384;
/** Most bytes of items (with their 2-byte lengths) in one block; leaves room for count, length and tag (SMP §4.1). */
export const BATCH_SIZE_BYTES = BLOCK_SIZE_BYTES - 19;
const BATCH_MAX_ITEMS = 255;
const ITEM_LENGTH_BYTES = 2;
/** Longest transmission that fits a block. */
export const MAX_TRANSMISSION_BYTES = BATCH_SIZE_BYTES - ITEM_LENGTH_BYTES;

/**
 * The items of a batch as views, or null when the whole batch is malformed: count 0, a truncated item, trailing bytes.
 */
export function readBatch(content: Uint8Array): readonly Uint8Array[] | null {
  const count = content.length === 0 ? 0 : content[0]!;
  if (count === 0) return null;
  const items: Uint8Array[] = [];
  let at = 1;
  for (let i = 0; i < count; i++) {
    if (at + ITEM_LENGTH_BYTES > content.length) return null;
    const length = (content[at]! << 8) | content[at + 1]!;
    at += ITEM_LENGTH_BYTES;
    if (at + length > content.length) return null;
    items.push(content.subarray(at, at + length));
    at += length;
  }
  return at === content.length ? items : null;
}

/** A transmission: its bytes, or what writes them in their place, which saves large ones a copy. */
export type BatchItem = Uint8Array | DeferredItem;

export interface DeferredItem {
  readonly length: number;
  /** Fills `target`, which is `length` bytes long. */
  writeTo(target: Uint8Array): void;
}

/** Splits items, in order, into as few batches as fit. Throws `EncodeError` when one item alone does not fit. */
export function splitBatches<T extends { readonly length: number }>(items: readonly T[]): readonly (readonly T[])[] {
  const batches: T[][] = [];
  let current: T[] = [];
  let size = 0;
  for (const item of items) {
    const needed = item.length + ITEM_LENGTH_BYTES;
    if (item.length > MAX_TRANSMISSION_BYTES) throw new EncodeError('transmission larger than a block');
    if (current.length === BATCH_MAX_ITEMS || size + needed > BATCH_SIZE_BYTES) {
      batches.push(current);
      current = [];
      size = 0;
    }
    current.push(item);
    size += needed;
  }
  if (current.length > 0) batches.push(current);
  return batches;
}

/** How the transmissions of a session are divided into blocks, and found in their content. */
export interface Batching {
  /** Items in the order given, in as few blocks as fit. Throws `EncodeError` when one item alone does not fit. */
  split<T extends { readonly length: number }>(items: readonly T[]): readonly (readonly T[])[];
  /** Views of the content; null when it is malformed as a whole. */
  read(content: Uint8Array): readonly Uint8Array[] | null;
}

/** That of SMP (SMP §4.1). */
export const smpBatching: Batching = { split: splitBatches, read: readBatch };

/** Bytes that `writeBatch` takes for these items. */
function batchSize(items: readonly BatchItem[]): number {
  return items.reduce<number>((size, item) => size + item.length + ITEM_LENGTH_BYTES, 1);
}

/** Writes one batch into `out` from `at`; answers the position after it. */
function writeBatch(out: Uint8Array, at: number, items: readonly BatchItem[]): number {
  let position = at;
  out[position++] = items.length;
  for (const item of items) {
    out[position++] = item.length >>> 8;
    out[position++] = item.length & 0xff;
    if (item instanceof Uint8Array) out.set(item, position);
    else item.writeTo(out.subarray(position, position + item.length));
    position += item.length;
  }
  return position;
}

/** One batch on its own. */
export function encodeBatch(items: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(batchSize(items));
  writeBatch(out, 0, items);
  return out;
}

const PADDING = 0x23; // "#"

/** Writes one batch as padded content into `padded`, which it fills (SMP §1.6). */
export function writePaddedBatch(padded: Uint8Array, items: readonly BatchItem[]): void {
  const length = batchSize(items);
  if (length > padded.length - 2) throw new EncodeError('batch larger than a block');
  padded[0] = length >>> 8;
  padded[1] = length & 0xff;
  padded.fill(PADDING, writeBatch(padded, 2, items));
}
