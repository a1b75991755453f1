/** The primitive encodings of SMP §1.1, shared by all protocols of the family. Integers are big-endian. */
import { type Codec, codec } from './codec.ts';
import { DecodeError } from './reader.ts';
import { EncodeError } from './writer.ts';

const TRUE = 0x54; // "T"
const FALSE = 0x46; // "F"
const ABSENT = 0x30; // "0"
const PRESENT = 0x31; // "1"

export const byte: Codec<number> = codec(
  (r) => r.byte(),
  (w, v) => w.byte(v),
);

export const word16: Codec<number> = codec(
  (r) => r.word16(),
  (w, v) => w.word16(v),
);

export const word32: Codec<number> = codec(
  (r) => r.word16() * 0x10000 + r.word16(),
  (w, v) => {
    if (!Number.isInteger(v) || v < 0 || v > 0xffffffff) throw new EncodeError('word32 out of range');
    w.word16(Math.floor(v / 0x10000));
    w.word16(v % 0x10000);
  },
);

/** Eight bytes, two's complement. */
export const int64: Codec<bigint> = codec(
  (r) => {
    const high = BigInt(word32.read(r));
    return BigInt.asIntN(64, (high << 32n) | BigInt(word32.read(r)));
  },
  (w, v) => {
    const bits = BigInt.asUintN(64, v);
    if (BigInt.asIntN(64, bits) !== v) throw new EncodeError('int64 out of range');
    word32.write(w, Number(bits >> 32n));
    word32.write(w, Number(bits & 0xffffffffn));
  },
);

/** An int64 that must fit a JavaScript number: times in seconds, counts. */
export const safeInt64: Codec<number> = codec(
  (r) => {
    const value = Number(int64.read(r));
    if (!Number.isSafeInteger(value)) throw new DecodeError('integer out of range');
    return value;
  },
  (w, v) => {
    if (!Number.isSafeInteger(v)) throw new EncodeError('integer out of range');
    int64.write(w, BigInt(v));
  },
);

export const bool: Codec<boolean> = codec(
  (r) => {
    const tag = r.byte();
    if (tag !== TRUE && tag !== FALSE) throw new DecodeError('bad bool');
    return tag === TRUE;
  },
  (w, v) => w.byte(v ? TRUE : FALSE),
);

/** One of the given ASCII characters. */
export function char<const C extends string>(...allowed: readonly C[]): Codec<C> {
  const byCode = new Map(allowed.map((c) => [c.charCodeAt(0), c]));
  return codec(
    (r) => {
      const found = byCode.get(r.byte());
      if (found === undefined) throw new DecodeError('unexpected character');
      return found;
    },
    (w, v) => w.byte(v.charCodeAt(0)),
  );
}

/** Exactly `length` bytes without a prefix; read as a view. */
export function bytes(length: number): Codec<Uint8Array> {
  return codec(
    (r) => r.take(length),
    (w, v) => {
      if (v.length !== length) throw new EncodeError(`expected ${length} bytes`);
      w.put(v);
    },
  );
}

/** One length byte, then at most 255 bytes; read as a view. */
export const shortString: Codec<Uint8Array> = codec(
  (r) => r.take(r.byte()),
  (w, v) => {
    if (v.length > 255) throw new EncodeError('short string too long');
    w.byte(v.length);
    w.put(v);
  },
);

/** A short string of exactly `length` bytes. */
export function shortBytes(length: number): Codec<Uint8Array> {
  return codec(
    (r) => {
      if (r.byte() !== length) throw new DecodeError(`expected ${length} bytes`);
      return r.take(length);
    },
    (w, v) => {
      if (v.length !== length) throw new EncodeError(`expected ${length} bytes`);
      w.byte(length);
      w.put(v);
    },
  );
}

/** word16 length, then the bytes ("large"); read as a view. */
export const large: Codec<Uint8Array> = codec(
  (r) => r.take(r.word16()),
  (w, v) => {
    w.word16(v.length);
    w.put(v);
  },
);

/** All remaining bytes; only valid last; read as a view. */
export const tail: Codec<Uint8Array> = codec(
  (r) => r.rest(),
  (w, v) => w.put(v),
);

/** A constant that is written, and required when read. */
export function literal(ascii: string): Codec<void> {
  const codes = [...ascii].map((c) => c.charCodeAt(0));
  return codec(
    (r) => {
      for (const code of codes) if (r.byte() !== code) throw new DecodeError(`expected ${JSON.stringify(ascii)}`);
    },
    (w) => {
      for (const code of codes) w.byte(code);
    },
  );
}

/** One space: it separates a tag from its parameters. */
export const sp = literal(' ');

/** `"0"`, or `"1"` and the value; absent is null. */
export function maybe<T>(inner: Codec<T>): Codec<T | null> {
  return codec(
    (r) => {
      const tag = r.byte();
      if (tag === ABSENT) return null;
      if (tag !== PRESENT) throw new DecodeError('bad maybe');
      return inner.read(r);
    },
    (w, v) => {
      w.byte(v === null ? ABSENT : PRESENT);
      if (v !== null) inner.write(w, v);
    },
  );
}

/** One count byte, then the items. */
export function list<T>(inner: Codec<T>, least = 0): Codec<readonly T[]> {
  return codec(
    (r) => {
      const count = r.byte();
      if (count < least) throw new DecodeError('list too short');
      const items: T[] = [];
      for (let i = 0; i < count; i++) items.push(inner.read(r));
      return items;
    },
    (w, v) => {
      if (v.length > 255 || v.length < least) throw new EncodeError('bad list length');
      w.byte(v.length);
      for (const item of v) inner.write(w, item);
    },
  );
}

/** A list with at least one item. */
export function nonEmptyList<T>(inner: Codec<T>): Codec<readonly T[]> {
  return list(inner, 1);
}
