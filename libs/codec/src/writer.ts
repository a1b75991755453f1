/** Appends to a growing buffer; give the size when it is known, and nothing is copied. */

export class EncodeError extends Error {
  readonly code = 'ENCODE';

  constructor(reason: string) {
    super(reason);
    this.name = 'EncodeError';
  }
}

export class Writer {
  readonly version: number;
  private buffer: Uint8Array;
  private length = 0;

  constructor(version = 0, capacity = 256) {
    this.version = version;
    this.buffer = new Uint8Array(capacity);
  }

  private room(count: number): number {
    const at = this.length;
    const needed = at + count;
    if (needed > this.buffer.length) {
      const grown = new Uint8Array(Math.max(needed, this.buffer.length * 2));
      grown.set(this.buffer.subarray(0, at));
      this.buffer = grown;
    }
    this.length = needed;
    return at;
  }

  byte(value: number): void {
    const at = this.room(1);
    this.buffer[at] = value;
  }

  word16(value: number): void {
    if (!Number.isInteger(value) || value < 0 || value > 0xffff) throw new EncodeError('word16 out of range');
    const at = this.room(2);
    this.buffer[at] = value >>> 8;
    this.buffer[at + 1] = value & 0xff;
  }

  put(bytes: Uint8Array): void {
    const at = this.room(bytes.length);
    this.buffer.set(bytes, at);
  }

  /** What was written, in memory that nobody else holds; the writer is not used again. */
  finish(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }
}
