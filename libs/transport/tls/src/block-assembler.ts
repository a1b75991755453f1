/**
 * Cuts a byte stream into blocks of 16384 bytes (SMP §3.1). Nothing is held between blocks; a chunk that is exactly a
 * block passes through uncopied, which is the usual case: a block fills one TLS record, and a record arrives as a chunk.
 */
import { BLOCK_SIZE_BYTES } from '@polyplex/protocol-common';

export class BlockAssembler {
  /** The first chunk of a block as it came, or, from the second on, a buffer of a whole block. */
  #partial: Uint8Array | null = null;
  #filled = 0;

  /** True in the middle of a block. */
  get partial(): boolean {
    return this.#filled > 0;
  }

  /** Takes ownership of `chunk` and passes each block that it completes to `deliver`, which owns it from then on. */
  push(chunk: Uint8Array, deliver: (block: Uint8Array) => void): void {
    let rest = chunk;
    if (this.#filled > 0) {
      rest = this.#fill(rest);
      if (this.#filled < BLOCK_SIZE_BYTES) return;
      const block = this.#partial!;
      this.#partial = null;
      this.#filled = 0;
      deliver(block);
    }
    for (; rest.length >= BLOCK_SIZE_BYTES; rest = rest.subarray(BLOCK_SIZE_BYTES)) deliver(blockView(rest));
    if (rest.length === 0) return;
    // A lone small chunk is kept as it is: a peer that sends one byte and waits costs no whole block.
    this.#partial = rest;
    this.#filled = rest.length;
  }

  /** Copies into the block begun what belongs to it; returns what is left of the chunk. */
  #fill(chunk: Uint8Array): Uint8Array {
    if (this.#partial!.length < BLOCK_SIZE_BYTES) {
      const block = new Uint8Array(BLOCK_SIZE_BYTES);
      block.set(this.#partial!);
      this.#partial = block;
    }
    const take = Math.min(chunk.length, BLOCK_SIZE_BYTES - this.#filled);
    this.#partial!.set(take === chunk.length ? chunk : chunk.subarray(0, take), this.#filled);
    this.#filled += take;
    return chunk.subarray(take);
  }
}

/** Never a `Buffer`: its `slice` is a view, where receivers expect the copy that a `Uint8Array` makes. */
function blockView(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, BLOCK_SIZE_BYTES);
}
