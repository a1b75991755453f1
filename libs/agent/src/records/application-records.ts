/** The records of an application beside those of what it is built on, an agent for one: kinds get a prefix that no kind there has, so they never meet. */
import type { RecordReader, RecordWriter } from '@polyplex/store-contract';

const PREFIX = 'app:';

export class ApplicationReader implements RecordReader {
  readonly #records: RecordReader;

  constructor(records: RecordReader) {
    this.#records = records;
  }

  get(kind: string, key: string): unknown {
    return this.#records.get(PREFIX + kind, key);
  }

  list(kind: string, prefix: string, limit?: number): readonly { readonly key: string; readonly value: unknown }[] {
    return this.#records.list(PREFIX + kind, prefix, limit);
  }
}

export class ApplicationWriter extends ApplicationReader implements RecordWriter {
  readonly #records: RecordWriter;

  constructor(records: RecordWriter) {
    super(records);
    this.#records = records;
  }

  put(kind: string, key: string, value: unknown): void {
    this.#records.put(PREFIX + kind, key, value);
  }

  remove(kind: string, key: string): void {
    this.#records.remove(PREFIX + kind, key);
  }
}
