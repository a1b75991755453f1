/** Bytes that come in chunks of any size, taken in runs of any other. Holds one chunk more than was asked for, at most. */
import { concatBytes, EMPTY_BYTES } from '@polyplex/base';

export class ByteSource {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private held: Uint8Array = EMPTY_BYTES;
  private at = 0;
  private taken = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.chunks = chunks[Symbol.asyncIterator]();
  }

  /** How many bytes are at hand. */
  get available(): number {
    return this.held.length - this.at;
  }

  /** How many bytes the source has given, those at hand included. */
  get length(): number {
    return this.taken + this.available;
  }

  /** Waits for so many bytes; false where the source ends before. */
  async has(count: number): Promise<boolean> {
    if (this.available >= count) return true;
    const parts = [this.held.subarray(this.at)];
    let available = this.available;
    while (available < count) {
      const next = await this.chunks.next();
      if (next.done === true) break;
      parts.push(next.value);
      available += next.value.length;
    }
    this.held = concatBytes(...parts);
    this.at = 0;
    return available >= count;
  }

  /** A view of the next bytes, which `has` has found. */
  take(count: number): Uint8Array {
    this.at += count;
    this.taken += count;
    return this.held.subarray(this.at - count, this.at);
  }

  /** Closes the source. */
  async end(): Promise<void> {
    await this.chunks.return?.();
  }
}
