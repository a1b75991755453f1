/** Looks into values of which nothing is known but that they are plain data. */

type Fields = Readonly<Record<string, unknown>>;

/** Its fields; none where it is no object. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** Its items; none where it is no list. */
export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** What is there at the end of a path of fields. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, field) => fieldsOf(inner)[field], value);
}

/** All texts in it, with where they are: `spec.containers.0.image`. Keys are told apart by their path. */
export function textsOf(value: unknown, path = ''): readonly (readonly [path: string, text: string])[] {
  if (typeof value === 'string') return [[path, value]];
  const inner = Array.isArray(value) ? Object.entries(value as readonly unknown[]) : Object.entries(fieldsOf(value));
  return inner.flatMap(([key, item]) => textsOf(item, path === '' ? key : `${path}.${key}`));
}
