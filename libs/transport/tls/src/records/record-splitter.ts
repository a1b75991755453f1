/** Cuts a stream of bytes into TLS records (RFC 8446 §5.1), each with its header. Nothing is held between records. */

export const RECORD_HEADER_BYTES = 5;
/** Of a sealed record, without its header (RFC 8446 §5.2). */
const MAX_SEALED_BYTES = 16_384 + 256;
/** change_cipher_spec to application_data. */
const TYPES = { first: 20, last: 23 } as const;

export class RecordSplitter {
  /** A record begun, as large as it will be, or as a header while no more is known. */
  #held: Uint8Array | null = null;
  #filled = 0;

  /** The part of a record that has come, taken out; null between records. */
  takeRest(): Uint8Array | null {
    const rest = this.#held?.subarray(0, this.#filled) ?? null;
    this.#held = null;
    this.#filled = 0;
    return rest;
  }

  /**
   * Takes ownership of `chunk` and passes on each record that it completes, until `each` answers false. False: these are
   * no records of TLS, or `each` wants no more.
   */
  push(chunk: Uint8Array, each: (record: Uint8Array) => boolean): boolean {
    let rest = chunk;
    while (rest.length > 0) {
      const whole = this.#held === null && rest.length >= RECORD_HEADER_BYTES ? sizeOf(rest) : Infinity;
      if (whole === null) return false;
      if (whole > rest.length) {
        rest = this.#hold(rest);
        if (!this.#complete(each)) return false;
      } else {
        const record = rest.subarray(0, whole);
        rest = rest.subarray(whole);
        if (!each(record)) return false;
      }
    }
    return true;
  }

  /** What is held has grown: it may be a header now, whose record gets its room, or a record. */
  #complete(each: (record: Uint8Array) => boolean): boolean {
    const held = this.#held!;
    if (this.#filled < held.length) return true;
    const size = sizeOf(held);
    if (size === null) return false;
    if (size > held.length) {
      this.#held = new Uint8Array(size);
      this.#held.set(held);
      return true;
    }
    this.#held = null;
    this.#filled = 0;
    return each(held);
  }

  /** Copies what belongs to the record begun; returns what is left. */
  #hold(chunk: Uint8Array): Uint8Array {
    this.#held ??= new Uint8Array(RECORD_HEADER_BYTES);
    const take = Math.min(chunk.length, this.#held.length - this.#filled);
    this.#held.set(chunk.subarray(0, take), this.#filled);
    this.#filled += take;
    return chunk.subarray(take);
  }
}

/** Of a record by its header; null when it is none. */
function sizeOf(header: Uint8Array): number | null {
  const length = (header[3]! << 8) | header[4]!;
  const type = header[0]!;
  if (type < TYPES.first || type > TYPES.last || header[1] !== 3 || length > MAX_SEALED_BYTES || length === 0) return null;
  return RECORD_HEADER_BYTES + length;
}
