/**
 * Formats of JSON values: like the binary codecs, a value that reads and writes one type, so that both directions come from one
 * description. `read` throws only `DecodeError`; unknown fields are ignored, an explicit null is an absent field (directory §1.2).
 */
import { DecodeError } from '@polyplex/codec';

/** A JSON object as it came: with fields that are not known here. */
export type JsonObject = Readonly<Record<string, unknown>>;

export interface JsonCodec<T> {
  read(json: unknown): T;
  write(value: T): unknown;
}

export function jsonCodec<T>(read: (json: unknown) => T, write: (value: T) => unknown = (value) => value): JsonCodec<T> {
  return { read, write };
}

export function isJsonObject(json: unknown): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** Half of a surrogate pair, which UTF-8 cannot carry, becomes the replacement character. */
export const text: JsonCodec<string> = jsonCodec((json) => {
  if (typeof json !== 'string') throw new DecodeError('not a text');
  return json.isWellFormed() ? json : json.toWellFormed();
});

/** A text of at most `characters` UTF-16 units. */
export function textUpTo(characters: number): JsonCodec<string> {
  return jsonCodec((json) => {
    const value = text.read(json);
    if (value.length > characters) throw new DecodeError('text too long');
    return value;
  });
}

export const flag: JsonCodec<boolean> = jsonCodec((json) => {
  if (typeof json !== 'boolean') throw new DecodeError('not a boolean');
  return json;
});

/** From 0 to what a number holds exactly. */
export const count: JsonCodec<number> = jsonCodec((json) => {
  if (!Number.isSafeInteger(json) || (json as number) < 0) throw new DecodeError('not a count');
  return json as number;
});

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,12})?)?(?:Z|[+-]\d\d:?\d\d)$/;

/** ISO 8601 with a zone; kept as it came. */
export const time: JsonCodec<string> = jsonCodec((json) => {
  if (typeof json !== 'string' || !TIME.test(json) || Number.isNaN(Date.parse(json))) throw new DecodeError('not a time');
  return json;
});

/** An object of which nothing is known. */
export const anyObject: JsonCodec<JsonObject> = jsonCodec((json) => {
  if (!isJsonObject(json)) throw new DecodeError('not an object');
  return json;
});

/** An object without fields of interest. */
export const nothing: JsonCodec<object> = jsonCodec(() => ({}), () => ({}));

/** One of some words; another reads as `otherwise`, or is an error where there is none. */
export function word<const W extends string>(words: readonly W[], otherwise?: W): JsonCodec<W> {
  const known = new Map<unknown, W>(words.map((name) => [name, name]));
  return jsonCodec((json) => {
    const found = known.get(json) ?? (typeof json === 'string' ? otherwise : undefined);
    if (found === undefined) throw new DecodeError('unknown word');
    return found;
  });
}

/** At most `most` elements. */
export function listOf<T>(element: JsonCodec<T>, most: number): JsonCodec<readonly T[]> {
  return jsonCodec(
    (json) => {
      if (!Array.isArray(json) || json.length > most) throw new DecodeError('not a list of that length');
      return json.map((item) => element.read(item));
    },
    (values) => values.map((value) => element.write(value)),
  );
}

/** Any names, at most `most` of them. Names such as `__proto__` are names like others. */
export function recordOf<T>(element: JsonCodec<T>, most: number): JsonCodec<Readonly<Record<string, T>>> {
  return jsonCodec(
    (json) => {
      const entries = Object.entries(anyObject.read(json));
      if (entries.length > most) throw new DecodeError('too many names');
      return Object.fromEntries(entries.map(([name, item]) => [name.toWellFormed(), element.read(item)]));
    },
    (values) => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, element.write(value)])),
  );
}

/** A field that may be absent; with `lenient` it also is where it cannot be read. */
export interface OptionalField<T> {
  readonly codec: JsonCodec<T>;
  readonly lenient: boolean;
}

export function optional<T>(codec: JsonCodec<T>): OptionalField<T> {
  return { codec, lenient: false };
}

/** For what a newer version may say in other words, and what no decision hangs on. */
export function lenient<T>(codec: JsonCodec<T>): OptionalField<T> {
  return { codec, lenient: true };
}

/** A description of every field of `T`: the compiler says where one is missing. */
export type FieldsOf<T> = { readonly [K in keyof T]-?: object extends Pick<T, K> ? OptionalField<Exclude<T[K], undefined>> : JsonCodec<T[K]> };

interface Field {
  readonly name: string;
  readonly codec: JsonCodec<unknown>;
  readonly needed: boolean;
  readonly lenient: boolean;
}

function fieldOf(name: string, format: JsonCodec<unknown> | OptionalField<unknown>): Field {
  return 'codec' in format ? { name, codec: format.codec, needed: false, lenient: format.lenient } : { name, codec: format, needed: true, lenient: false };
}

function readField(field: Field, json: unknown): unknown {
  try {
    return field.codec.read(json);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    if (field.lenient) return undefined;
    error.path = error.path === '' ? field.name : `${field.name}.${error.path}`;
    throw error;
  }
}

/** Absent fields are left out on both sides. */
export function record<T extends object>(format: FieldsOf<T>): JsonCodec<T> {
  const fields = Object.entries<JsonCodec<unknown> | OptionalField<unknown>>(format).map(([name, one]) => fieldOf(name, one));
  return jsonCodec(
    (json) => {
      const from = anyObject.read(json);
      const out: Record<string, unknown> = {};
      for (const field of fields) {
        const given = from[field.name] ?? undefined;
        if (given === undefined && field.needed) throw new DecodeError('missing', field.name);
        const value = given === undefined ? undefined : readField(field, given);
        if (value !== undefined) out[field.name] = value;
      }
      return out as T;
    },
    (value) => {
      const from = value as Readonly<Record<string, unknown>>;
      const out: Record<string, unknown> = {};
      for (const { name, codec } of fields) {
        const given = from[name] ?? undefined;
        if (given !== undefined) out[name] = codec.write(given);
      }
      return out;
    },
  );
}

type VariantsOf<U extends { readonly type: string }> = { readonly [V in U as V['type']]: JsonCodec<Omit<V, 'type'>> };

/** A flat object told apart by its `type`. One of another type is what `otherwise` makes of it. */
export function byType<U extends { readonly type: string }>(variants: VariantsOf<Exclude<U, { readonly type: 'unknown' }>>, otherwise: JsonCodec<U> | null): JsonCodec<U> {
  const codecs = new Map(Object.entries<JsonCodec<object>>(variants as Readonly<Record<string, JsonCodec<object>>>));
  return jsonCodec(
    (json) => {
      const { type } = anyObject.read(json);
      const found = typeof type === 'string' ? codecs.get(type) : undefined;
      if (found !== undefined) return { type, ...found.read(json) } as unknown as U;
      if (otherwise === null || typeof type !== 'string') throw new DecodeError('unknown type', 'type');
      return otherwise.read(json);
    },
    (value) => {
      const found = codecs.get(value.type);
      return found === undefined ? otherwise?.write(value) : { type: value.type, ...(found.write(value) as object) };
    },
  );
}
