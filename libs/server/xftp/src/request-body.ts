/** A request's body as the block that it begins with, and what comes after it: the body of a chunk (XFTP §2.3, §4.3). */
import { type Clock, concatBytes, EMPTY_BYTES } from '@polyplex/base';
import { BLOCK_SIZE_BYTES } from '@polyplex/protocol-common';

export class RequestBody {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #kept: Uint8Array = EMPTY_BYTES;

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#pieces = body[Symbol.asyncIterator]();
  }

  /**
   * The first 16384 bytes; fewer where the body is shorter or does not come in time, and then what may still come is not
   * read. Rejects with the error of the body.
   */
  async block(clock: Clock, timeoutMs: number): Promise<Uint8Array> {
    const cancel = clock.after(timeoutMs, () => void this.leave());
    try {
      return await this.#block();
    } finally {
      cancel();
    }
  }

  /** The next piece after the block; null at the end. */
  async next(): Promise<Uint8Array | null> {
    if (this.#kept.length > 0) {
      const piece = this.#kept;
      this.#kept = EMPTY_BYTES;
      return piece;
    }
    const next = await this.#pieces.next();
    return next.done === true ? null : next.value;
  }

  /** Nothing more will be read: the transport throws away what still comes. */
  async leave(): Promise<void> {
    await this.#pieces.return?.();
  }

  async #block(): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let length = 0;
    while (length < BLOCK_SIZE_BYTES) {
      const piece = await this.next();
      if (piece === null) break;
      parts.push(piece);
      length += piece.length;
    }
    const bytes = parts.length === 1 ? parts[0]! : concatBytes(...parts);
    this.#kept = bytes.subarray(BLOCK_SIZE_BYTES);
    // A copy where more came with it: what is read from the block is kept for as long as the command takes.
    return bytes.length > BLOCK_SIZE_BYTES ? bytes.slice(0, BLOCK_SIZE_BYTES) : bytes;
  }
}
