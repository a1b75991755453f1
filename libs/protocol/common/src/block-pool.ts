/**
 * Memory of blocks, used again: a relay fills and reads some hundred megabytes of blocks a second, and making and collecting
 * them cost a fifth of its CPU. Only blocks that came from here are taken back, each once; one that nobody gives back is
 * garbage like any other. Sent and received blocks are told apart, so that in tests, where one end's block is the other's,
 * neither end can give back what the other still has.
 */
import { BLOCK_SIZE_BYTES } from './block.ts';

/** 4 MiB: as many blocks as are under way at one time on a busy node. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;
/** Most blocks of a run. */
export const RUN_BLOCKS = 4;

class BlockPool {
  private readonly kept: Uint8Array[] = [];
  private readonly underWay = new WeakSet<Uint8Array>();
  private readonly bytes: number;

  constructor(bytes = BLOCK_SIZE_BYTES) {
    this.bytes = bytes;
  }

  take(): Uint8Array {
    const block = this.kept.pop() ?? newBlock(this.bytes);
    this.underWay.add(block);
    return block;
  }

  give(block: Uint8Array): void {
    if (this.underWay.delete(block) && this.kept.length * this.bytes < MAX_KEPT_BYTES) this.kept.push(block);
  }
}

/** Clearing it first would cost more than all else about it, and whoever takes a block overwrites all of it. */
function newBlock(bytes: number): Uint8Array {
  return typeof Buffer === 'undefined' ? new Uint8Array(bytes) : new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer);
}

/** By how many blocks it is. */
const sent = Array.from({ length: RUN_BLOCKS }, (_, i) => new BlockPool((i + 1) * BLOCK_SIZE_BYTES));
const received = new BlockPool();

/** A block to be sent, of any content: whoever takes it overwrites all of it. */
export function takeBlock(): Uint8Array {
  return takeRun(1);
}

/** Up to `RUN_BLOCKS` blocks to be sent as one, as `takeBlock` gives one. */
export function takeRun(blocks: number): Uint8Array {
  return sent[blocks - 1]!.take();
}

/** For transports, once the system has taken the bytes: nobody may hold the block, or the run, any more. */
export function giveBlock(block: Uint8Array): void {
  sent[block.length / BLOCK_SIZE_BYTES - 1]?.give(block);
}

/** For transports: a block to read into, of any content. All of it is overwritten before anyone sees it. */
export function takeReceived(): Uint8Array {
  return received.take();
}

/** For whoever received a block and holds no view of it any more; who may still hold one just leaves it. */
export function giveReceived(block: Uint8Array): void {
  received.give(block);
}
