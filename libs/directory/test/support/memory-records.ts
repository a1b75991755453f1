/** Records in memory that refuse what a store would: keys and kinds that are not ASCII, values that are not plain data. */
import assert from 'node:assert/strict';
import type { RecordWriter } from '@polyplex/store-contract';

function assertPlain(value: unknown): void {
  if (value === null || ['boolean', 'number', 'string'].includes(typeof value) || value instanceof Uint8Array) return;
  assert(typeof value === 'object' && value !== null, `not plain data: ${typeof value}`);
  const prototype: unknown = Object.getPrototypeOf(value);
  assert(Array.isArray(value) || prototype === Object.prototype, 'not a plain object');
  for (const field of Object.values(value)) assertPlain(field);
}

export class MemoryRecords implements RecordWriter {
  readonly #kinds = new Map<string, Map<string, unknown>>();

  #kind(kind: string): Map<string, unknown> {
    assert.match(kind, /^[!-~]+$/, 'a kind is ASCII without spaces');
    const records = this.#kinds.get(kind) ?? new Map<string, unknown>();
    this.#kinds.set(kind, records);
    return records;
  }

  get(kind: string, key: string): unknown {
    return structuredClone(this.#kind(kind).get(key));
  }

  list(kind: string, prefix: string, limit = Infinity): readonly { key: string; value: unknown }[] {
    const keys = [...this.#kind(kind).keys()].filter((key) => key.startsWith(prefix)).sort().slice(0, limit);
    return keys.map((key) => ({ key, value: this.get(kind, key) }));
  }

  put(kind: string, key: string, value: unknown): void {
    assert.match(key, /^[ -~]+$/, 'a key is ASCII');
    assertPlain(value);
    this.#kind(kind).set(key, structuredClone(value));
  }

  remove(kind: string, key: string): void {
    this.#kind(kind).delete(key);
  }

  /** How many there are of a kind. */
  size(kind: string): number {
    return this.#kind(kind).size;
  }
}
