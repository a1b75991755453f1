/**
 * Memory of blocks that were sealed and sent, used again: a relay fills some hundred megabytes of blocks a second, and
 * collecting them cost a fifth of its CPU. Only blocks that came from here are taken back, each once.
 */
import { BLOCK_SIZE_BYTES } from './block.ts';

/** 4 MiB: as many blocks as are under way at one time on a busy node. */
const MAX_KEPT = 256;

const kept: Uint8Array[] = [];
const underWay = new WeakSet<Uint8Array>();

/** A block of any content: whoever takes it overwrites all of it. */
export function takeBlock(): Uint8Array {
  const block = kept.pop() ?? new Uint8Array(BLOCK_SIZE_BYTES);
  underWay.add(block);
  return block;
}

/** For transports, once the system has taken the bytes: nobody may hold the block any more. */
export function giveBlock(block: Uint8Array): void {
  if (underWay.delete(block) && kept.length < MAX_KEPT) kept.push(block);
}
