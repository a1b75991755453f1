/**
 * Reads one bounded run of bytes from left to right. It hands out views of the block, never copies: whoever keeps a
 * view beyond the block copies it first. It never reads past its end; every failure is a `DecodeError`.
 */

export class DecodeError extends Error {
  readonly code = 'DECODE';
  readonly reason: string;
  path: string;

  constructor(reason: string, path = '') {
    super(reason);
    this.name = 'DecodeError';
    this.reason = reason;
    this.path = path;
  }
}

export class Reader {
  readonly bytes: Uint8Array;
  /** The negotiated protocol version: formats that differ between versions ask for it. */
  readonly version: number;
  position: number;
  readonly end: number;

  constructor(bytes: Uint8Array, version = 0, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.version = version;
    this.position = start;
    this.end = end;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  byte(): number {
    if (this.position >= this.end) throw new DecodeError('unexpected end');
    return this.bytes[this.position++]!;
  }

  word16(): number {
    if (this.remaining < 2) throw new DecodeError('unexpected end');
    const value = (this.bytes[this.position]! << 8) | this.bytes[this.position + 1]!;
    this.position += 2;
    return value;
  }

  /** A view of the next `length` bytes. */
  take(length: number): Uint8Array {
    if (this.remaining < length) throw new DecodeError('unexpected end');
    const view = this.bytes.subarray(this.position, this.position + length);
    this.position += length;
    return view;
  }

  /** A view of everything left. */
  rest(): Uint8Array {
    return this.take(this.remaining);
  }

  expectEnd(): void {
    if (this.position !== this.end) throw new DecodeError('trailing bytes');
  }
}
