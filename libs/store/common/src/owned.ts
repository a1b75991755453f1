/**
 * Arguments are the caller's and may be views of a whole block: what outlives the call is copied first.
 * (`structuredClone` would copy, and keep, the block behind each view.)
 */
import { copyBytes } from '@polyplex/base';

/** A copy of plain data in which every byte string has memory of its own. */
export function owned<T>(value: T): T {
  return copyOf(value) as T;
}

function copyOf(value: unknown): unknown {
  if (value instanceof Uint8Array) return copyBytes(value);
  if (Array.isArray(value)) return value.map(copyOf);
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(value)) copy[name] = copyOf(part);
  return copy;
}
