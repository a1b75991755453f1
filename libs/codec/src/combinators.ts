/** Ways to compose codecs: records of fields in wire order, version gates, tagged unions, mappings, padding. */
import { type Codec, codec, type TypeOf } from './codec.ts';
import { DecodeError, Reader } from './reader.ts';
import { EncodeError, Writer } from './writer.ts';

type FieldCodecs = Readonly<Record<string, Codec<any>>>; // eslint-disable-line @typescript-eslint/no-explicit-any -- each field keeps its own type
type Named<F> = { [K in keyof F as K extends `_${string}` ? never : K]: TypeOf<F[K]> };

/**
 * Fields in wire order. A name that begins with `_` stands for a constant (`_: sp`) and carries no value.
 * A `DecodeError` gets the field's name in its path.
 */
export function fields<const F extends FieldCodecs>(format: F): Codec<{ readonly [K in keyof Named<F>]: Named<F>[K] }> {
  const entries = Object.entries(format).map(([name, c]) => ({ name, format: c, constant: name.startsWith('_') }));
  return codec(
    (r) => {
      const out: Record<string, unknown> = {};
      for (const entry of entries) {
        try {
          const value: unknown = entry.format.read(r);
          if (!entry.constant) out[entry.name] = value;
        } catch (error) {
          if (error instanceof DecodeError) error.path = error.path === '' ? entry.name : `${entry.name}.${error.path}`;
          throw error;
        }
      }
      return out as never;
    },
    (w, v) => {
      const values = v as Record<string, unknown>;
      for (const entry of entries) entry.format.write(w, entry.constant ? undefined : values[entry.name]);
    },
  );
}

/** On the wire from `version` on; before it the value reads as `absent` and is not written. */
export function since<T, A>(version: number, inner: Codec<T>, absent: A): Codec<T | A> {
  return codec<T | A>(
    (r) => (r.version >= version ? inner.read(r) : absent),
    (w, v) => {
      if (w.version >= version) inner.write(w, v as T);
    },
  );
}

/** Picks a format by version: the entry with the highest `from` that is not above the version. Ascending. */
export function byVersion<T>(...formats: readonly (readonly [from: number, format: Codec<T>])[]): Codec<T> {
  const pick = (version: number): Codec<T> => {
    const found = formats.findLast(([from]) => version >= from) ?? formats[0];
    if (found === undefined) throw new EncodeError('no format');
    return found[1];
  };
  return codec(
    (r) => pick(r.version).read(r),
    (w, v) => pick(w.version).write(w, v),
  );
}

/** The same bytes under another type. `from` may throw a `DecodeError` for values that are not allowed. */
export function mapped<A, B>(inner: Codec<A>, from: (wire: A) => B, to: (value: B) => A): Codec<B> {
  return codec(
    (r) => from(inner.read(r)),
    (w, v) => inner.write(w, to(v)),
  );
}

type Variant<K extends string, T> = T extends void ? { readonly type: K } : { readonly type: K } & T;
type Variants<V> = { [K in keyof V & string]: Variant<K, TypeOf<V[K]>> }[keyof V & string];

/** A union told apart by one leading character; the character is the value's `type`. */
export function tagged<const V extends FieldCodecs>(variants: V): Codec<Variants<V>> {
  const byCode = new Map(Object.entries(variants).map(([tag, c]) => [tag.charCodeAt(0), [tag, c] as const]));
  return codec(
    (r) => {
      const found = byCode.get(r.byte());
      if (found === undefined) throw new DecodeError('unknown variant');
      const body: unknown = found[1].read(r);
      return { ...(body as object | undefined), type: found[0] } as never;
    },
    (w, v) => {
      const variant = v as { type: string };
      const c = variants[variant.type];
      if (c === undefined) throw new EncodeError('unknown variant');
      w.byte(variant.type.charCodeAt(0));
      c.write(w, v);
    },
  );
}

/** No bytes at all. */
export const nothing: Codec<void> = codec(
  () => undefined,
  () => undefined,
);

/** A value that may be left out at the end of its container: when it cannot be read, nothing is consumed (SMP §3.4). */
export function optional<T>(inner: Codec<T>): Codec<T | null> {
  return codec<T | null>(
    (r) => {
      const start = r.position;
      try {
        return inner.read(r);
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        r.position = start;
        return null;
      }
    },
    (w, v) => {
      if (v !== null) inner.write(w, v);
    },
  );
}

const PADDING = 0x23; // "#"
const LENGTH_BYTES = 2;

/** word16 length, content, `#` up to `size` bytes in all (SMP §1.6). Throws `EncodeError` when it does not fit. */
export function pad(content: Uint8Array, size: number): Uint8Array {
  if (content.length > size - LENGTH_BYTES || content.length > 0xffff) throw new EncodeError('content larger than the padded size');
  const out = new Uint8Array(size);
  out[0] = content.length >>> 8;
  out[1] = content.length & 0xff;
  out.set(content, LENGTH_BYTES);
  out.fill(PADDING, LENGTH_BYTES + content.length);
  return out;
}

/** A view of the content of padded bytes, or null when the stated length does not fit. Padding bytes are not checked. */
export function unpad(padded: Uint8Array): Uint8Array | null {
  if (padded.length < LENGTH_BYTES) return null;
  const length = (padded[0]! << 8) | padded[1]!;
  return length > padded.length - LENGTH_BYTES ? null : padded.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
}

/** Reads `inner` from exactly the given view, which it must consume. */
export function within<T>(outer: Codec<Uint8Array>, inner: Codec<T>): Codec<T> {
  return codec(
    (r) => {
      const nested = new Reader(outer.read(r), r.version);
      const value = inner.read(nested);
      nested.expectEnd();
      return value;
    },
    (w, v) => {
      const nested = new Writer(w.version);
      inner.write(nested, v);
      outer.write(w, nested.finish());
    },
  );
}
