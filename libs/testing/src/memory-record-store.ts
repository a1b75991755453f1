/** A `RecordStore` in memory, which can be broken off in the middle: what was not changed whole is not changed. */
import { type RecordReader, type RecordStore, type RecordWriter, StoreError } from '@polyplex/store-contract';

class Reader implements RecordReader {
  protected readonly records: ReadonlyMap<string, unknown>;

  constructor(records: ReadonlyMap<string, unknown>) {
    this.records = records;
  }

  get(kind: string, key: string): unknown {
    return structuredClone(this.records.get(`${kind} ${key}`));
  }

  list(kind: string, prefix: string, limit = Infinity): { key: string; value: unknown }[] {
    const start = `${kind} ${prefix}`;
    return [...this.records.keys()].filter((name) => name.startsWith(start)).sort().slice(0, limit)
      .map((name) => ({ key: name.slice(kind.length + 1), value: structuredClone(this.records.get(name)) }));
  }
}

class Writer extends Reader implements RecordWriter {
  protected override readonly records: Map<string, unknown>;

  constructor(records: Map<string, unknown>) {
    super(records);
    this.records = records;
  }

  put(kind: string, key: string, value: unknown): void {
    this.records.set(`${kind} ${key}`, structuredClone(value));
  }

  remove(kind: string, key: string): void {
    this.records.delete(`${kind} ${key}`);
  }
}

export class MemoryRecordStore implements RecordStore {
  #records: ReadonlyMap<string, unknown>;
  #closed = false;

  constructor(records: ReadonlyMap<string, unknown> = new Map()) {
    this.#records = records;
  }

  /** Everything in it as of now: what another store begins with, after a crash of this one. */
  get records(): ReadonlyMap<string, unknown> {
    return this.#records;
  }

  read<T>(work: (records: RecordReader) => T): T {
    return work(new Reader(this.#records));
  }

  async change<T>(work: (records: RecordWriter) => T): Promise<T> {
    await Promise.resolve(); // as an engine: never within the caller's own turn
    if (this.#closed) throw new StoreError('UNAVAILABLE', 'the store is closed');
    const changed = new Map(this.#records);
    const result = work(new Writer(changed));
    this.#records = changed;
    return result;
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }
}
