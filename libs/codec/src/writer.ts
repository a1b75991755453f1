/**
 * Appends to a growing buffer. Most of what is written is short: it is gathered in memory that is used again, and handed out as
 * a copy, which is in V8's own heap up to 64 bytes. A larger buffer is made for what is written, and handed out itself.
 */

const SHORT_BYTES = 256;
/** As many as writers write into one another, with some to spare. */
const MAX_KEPT = 16;

/** Of a writer that is not to be used again. */
const NO_MEMORY = new Uint8Array(0);

/** Buffers of `SHORT_BYTES` in which nobody writes. */
const kept: Uint8Array[] = [];

function keep(buffer: Uint8Array): void {
  if (buffer.length === SHORT_BYTES && kept.length < MAX_KEPT) kept.push(buffer);
}

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

  /** `capacity`: give the size when it is known and large, and nothing is copied. */
  constructor(version = 0, capacity = SHORT_BYTES) {
    this.version = version;
    this.buffer = capacity > SHORT_BYTES ? new Uint8Array(capacity) : (kept.pop() ?? new Uint8Array(SHORT_BYTES));
  }

  private room(count: number): number {
    const at = this.length;
    const needed = at + count;
    if (needed > this.buffer.length) {
      const short = this.buffer;
      this.buffer = new Uint8Array(Math.max(needed, short.length * 2));
      this.buffer.set(short.subarray(0, at));
      keep(short);
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
    const { buffer } = this;
    if (buffer.length > SHORT_BYTES) return buffer.subarray(0, this.length);
    const written = buffer.slice(0, this.length);
    this.buffer = NO_MEMORY;
    keep(buffer);
    return written;
  }
}
