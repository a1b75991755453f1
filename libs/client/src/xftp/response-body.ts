/** The body of a response: one block, perhaps with a chunk behind it (XFTP §2.3). Pieces may be cut anywhere. */
import { BLOCK_SIZE_BYTES } from '@polyplex/protocol-common';

export class ResponseBody {
  private readonly pieces: AsyncIterator<Uint8Array>;
  private readonly onBytes: () => void;
  /** Read, and not asked for yet. */
  private ahead: Uint8Array | null = null;
  private isOver = false;

  /** `onBytes` is told whenever bytes come. */
  constructor(pieces: AsyncIterable<Uint8Array>, onBytes: () => void) {
    this.pieces = pieces[Symbol.asyncIterator]();
    this.onBytes = onBytes;
  }

  /** Whether everything was read. */
  get ended(): boolean {
    return this.isOver;
  }

  /** The first 16384 bytes in memory of their own; fewer when the body has fewer. */
  async block(): Promise<Uint8Array> {
    const block = new Uint8Array(BLOCK_SIZE_BYTES);
    let length = 0;
    while (length < block.length) {
      const piece = await this.next();
      if (piece === null) return block.subarray(0, length);
      const part = piece.subarray(0, block.length - length);
      block.set(part, length);
      length += part.length;
      if (part.length < piece.length) this.ahead = piece.subarray(part.length);
    }
    return block;
  }

  /** The next bytes, never none; null at the end. */
  async next(): Promise<Uint8Array | null> {
    const { ahead } = this;
    this.ahead = null;
    if (ahead !== null) return ahead;
    while (!this.isOver) {
      const next = await this.pieces.next();
      if (next.done === true) this.isOver = true;
      else if (next.value.length > 0) {
        this.onBytes();
        return next.value;
      }
    }
    return null;
  }

  /** Whether nothing follows; what does is refused. */
  async isEnd(): Promise<boolean> {
    if ((await this.next()) === null) return true;
    await this.leave();
    return false;
  }

  /** Reads no more. */
  async leave(): Promise<void> {
    if (!this.isOver) await this.pieces.return?.();
  }
}
