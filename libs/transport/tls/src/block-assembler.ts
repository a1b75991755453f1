/**
 * Cuts a byte stream into blocks of one size: 16384 bytes (SMP §3.1) or what the protocol has (NTF §1.2: 512). What is read
 * belongs to the socket, so that a block is always copied, into memory that may have been a block before. Nothing is held
 * between blocks.
 */
import { BLOCK_SIZE_BYTES, takeReceived } from '@polyplex/protocol-common';

export class BlockAssembler {
  readonly #size: number;
  /** What has come of a block begun: as long as that at first, so that a peer that sends a byte and waits costs no block. */
  #partial: Uint8Array | null = null;
  #filled = 0;

  constructor(sizeBytes = BLOCK_SIZE_BYTES) {
    this.#size = sizeBytes;
  }

  /** True in the middle of a block. */
  get partial(): boolean {
    return this.#filled > 0;
  }

  /** Copies what it needs of `chunk`, and passes each block that it completes to `deliver`, which owns it from then on. */
  push(chunk: Uint8Array, deliver: (block: Uint8Array) => void): void {
    let rest = chunk;
    if (this.#filled > 0) {
      rest = this.#fill(rest);
      if (this.#filled < this.#size) return;
      const block = this.#partial!;
      this.#partial = null;
      this.#filled = 0;
      deliver(block);
    }
    for (; rest.length >= this.#size; rest = rest.subarray(this.#size)) {
      const block = this.#newBlock();
      block.set(rest.length === this.#size ? rest : rest.subarray(0, this.#size));
      deliver(block);
    }
    if (rest.length === 0) return;
    this.#partial = Uint8Array.from(rest);
    this.#filled = rest.length;
  }

  #newBlock(): Uint8Array {
    return this.#size === BLOCK_SIZE_BYTES ? takeReceived() : new Uint8Array(this.#size);
  }

  /** Copies into the block begun what belongs to it; returns what is left of the chunk. */
  #fill(chunk: Uint8Array): Uint8Array {
    if (this.#partial!.length < this.#size) {
      const block = this.#newBlock();
      block.set(this.#partial!);
      this.#partial = block;
    }
    const take = Math.min(chunk.length, this.#size - this.#filled);
    this.#partial!.set(take === chunk.length ? chunk : chunk.subarray(0, take), this.#filled);
    this.#filled += take;
    return chunk.subarray(take);
  }
}
