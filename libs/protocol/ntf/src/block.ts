/**
 * Blocks of 512 bytes (NTF §1.2), never encrypted, and what is in them (NTF §1.5): from version 2 on a batch, in version 1
 * one bare transmission.
 */
import { EncodeError, pad, unpad } from '@polyplex/codec';
import { type Batching, type BatchItem, type BlockCipher, encodeBatch, readBatch } from '@polyplex/protocol-common';
import { BATCHING_VERSION } from './versions.ts';

export const NTF_BLOCK_BYTES = 512;
const CONTENT_BYTES = NTF_BLOCK_BYTES - 2;
const ITEM_LENGTH_BYTES = 2;
const MAX_ITEMS = 255;
/** Items with their lengths, where there are several. */
const BATCH_BYTES = NTF_BLOCK_BYTES - 19;

/** Longest transmission that fits a block: alone behind a count and its length, or bare. */
export function maxTransmissionBytes(version: number): number {
  return version < BATCHING_VERSION ? CONTENT_BYTES : CONTENT_BYTES - 1 - ITEM_LENGTH_BYTES;
}

function demandFit(items: readonly { readonly length: number }[], most: number): void {
  if (items.some(({ length }) => length > most)) throw new EncodeError('transmission larger than a block');
}

const single: Batching = {
  split(items) {
    demandFit(items, maxTransmissionBytes(1));
    return items.map((item) => [item]);
  },
  read: (content) => [content],
};

const batches: Batching = {
  split<T extends { readonly length: number }>(items: readonly T[]) {
    demandFit(items, maxTransmissionBytes(BATCHING_VERSION));
    const split: T[][] = [];
    let room = 0;
    for (const item of items) {
      const needed = item.length + ITEM_LENGTH_BYTES;
      const last = split.at(-1);
      if (last === undefined || needed > room || last.length === MAX_ITEMS) {
        split.push([item]);
        room = BATCH_BYTES - needed;
      } else {
        last.push(item);
        room -= needed;
      }
    }
    return split;
  },
  read: readBatch,
};

export function ntfBatching(version: number): Batching {
  return version < BATCHING_VERSION ? single : batches;
}

function bytesOf(item: BatchItem): Uint8Array {
  if (item instanceof Uint8Array) return item;
  const bytes = new Uint8Array(item.length);
  item.writeTo(bytes);
  return bytes;
}

const singleBlocks: BlockCipher = {
  seal: ([item]) => pad(item === undefined ? new Uint8Array(0) : bytesOf(item), NTF_BLOCK_BYTES),
  open: unpad,
};

const batchBlocks: BlockCipher = {
  seal: (items) => pad(encodeBatch(items.map(bytesOf)), NTF_BLOCK_BYTES),
  open: unpad,
};

export function ntfBlocks(version: number): BlockCipher {
  return version < BATCHING_VERSION ? singleBlocks : batchBlocks;
}
