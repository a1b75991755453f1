/**
 * A codec is a value that reads and writes one type. Formats are composed from codecs in wire order; encoder and
 * decoder are never written apart. `read` throws only `DecodeError`, `write` only `EncodeError`.
 */
import { DecodeError, Reader } from './reader.ts';
import { Writer } from './writer.ts';

export interface Codec<T> {
  read(r: Reader): T;
  write(w: Writer, value: T): void;
}

export type TypeOf<C> = C extends Codec<infer T> ? T : never;

export function codec<T>(read: (r: Reader) => T, write: (w: Writer, value: T) => void): Codec<T> {
  return { read, write };
}

/** Encodes a whole value for a protocol version. */
export function encode<T>(format: Codec<T>, value: T, version = 0): Uint8Array {
  const w = new Writer(version);
  format.write(w, value);
  return w.finish();
}

/** Decodes a whole value; trailing bytes are an error. The result may hold views of `bytes`. */
export function decode<T>(format: Codec<T>, bytes: Uint8Array, version = 0): T {
  const r = new Reader(bytes, version);
  const value = format.read(r);
  r.expectEnd();
  return value;
}

/** As `decode`, but null instead of a `DecodeError`. */
export function tryDecode<T>(format: Codec<T>, bytes: Uint8Array, version = 0): T | null {
  try {
    return decode(format, bytes, version);
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}
