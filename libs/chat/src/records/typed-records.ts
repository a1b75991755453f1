/** The agent's step as a chat client's records: typed, with the kinds and keys of `records.ts`. */
import type { RecordReader, RecordWriter } from '@polyplex/store-contract';
import type { Kinds } from './records.ts';

export interface Row<K extends keyof Kinds> {
  readonly key: string;
  readonly value: Kinds[K];
}

export class ReadableRecords {
  protected readonly records: RecordReader;

  constructor(records: RecordReader) {
    this.records = records;
  }

  get<K extends keyof Kinds>(kind: K, key: string): Kinds[K] | undefined {
    return this.records.get(kind, key) as Kinds[K] | undefined;
  }

  /** Ascending by key. */
  list<K extends keyof Kinds>(kind: K, prefix = '', limit?: number): readonly Row<K>[] {
    return this.records.list(kind, prefix, limit) as readonly Row<K>[];
  }

  /** Zero where nothing was counted. */
  counter(name: string): number {
    return this.get('counter', name) ?? 0;
  }
}

export class WritableRecords extends ReadableRecords {
  protected override readonly records: RecordWriter;

  constructor(records: RecordWriter) {
    super(records);
    this.records = records;
  }

  put<K extends keyof Kinds>(kind: K, key: string, value: Kinds[K]): void {
    this.records.put(kind, key, value);
  }

  remove(kind: keyof Kinds, key: string): void {
    this.records.remove(kind, key);
  }

  removeAll(kind: keyof Kinds, prefix: string): void {
    for (const { key } of this.list(kind, prefix)) this.remove(kind, key);
  }

  /** From 1; a number is never given twice. */
  next(name: string): number {
    return this.add(name, 1);
  }

  /** The new value. */
  add(name: string, count: number): number {
    const value = this.counter(name) + count;
    this.put('counter', name, value);
    return value;
  }
}
