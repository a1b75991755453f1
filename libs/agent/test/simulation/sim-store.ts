/**
 * A `RecordStore` in memory, quick, with a hook at each commit: there a process may die before anything is kept, or after all is. A step may also be run
 * twice, as the contract allows. With `copies`, values are copies both ways as in an engine.
 */
import { type RecordReader, type RecordStore, type RecordWriter, StoreError } from '@polyplex/store-contract';

type Kinds = Map<string, Map<string, unknown>>;

export interface Put {
  readonly kind: string;
  readonly key: string;
  /** Undefined: removed. */
  readonly value: unknown;
}

export type Fate = 'kept' | 'dies before' | 'dies after';

export interface SimStoreOptions {
  readonly copies: boolean;
  /** What becomes of a commit. */
  readonly fateOf: (changes: readonly Put[]) => Fate;
  readonly isRunTwice: () => boolean;
  /** The process is dead. */
  readonly onDeath: () => void;
}

class Changes implements RecordWriter {
  readonly #kinds: Kinds;
  readonly #copy: (value: unknown) => unknown;
  readonly #undo: (() => void)[] = [];
  readonly made: Put[] = [];

  constructor(kinds: Kinds, copies: boolean) {
    this.#kinds = kinds;
    this.#copy = copies ? structuredClone : (value) => value;
  }

  #of(kind: string): Map<string, unknown> {
    let records = this.#kinds.get(kind);
    if (records === undefined) {
      records = new Map<string, unknown>();
      this.#kinds.set(kind, records);
    }
    return records;
  }

  get(kind: string, key: string): unknown {
    return this.#copy(this.#kinds.get(kind)?.get(key));
  }

  list(kind: string, prefix: string, limit = Infinity): { key: string; value: unknown }[] {
    const records = this.#of(kind);
    const keys = [...records.keys()].filter((key) => key.startsWith(prefix)).sort();
    return keys.slice(0, limit).map((key) => ({ key, value: this.#copy(records.get(key)) }));
  }

  put(kind: string, key: string, value: unknown): void {
    this.#change(kind, key, this.#copy(value));
  }

  remove(kind: string, key: string): void {
    this.#change(kind, key, undefined);
  }

  #change(kind: string, key: string, value: unknown): void {
    const records = this.#of(kind);
    const before = records.get(key);
    this.#undo.push(() => void (before === undefined ? records.delete(key) : records.set(key, before)));
    if (value === undefined) records.delete(key);
    else records.set(key, value);
    this.made.push({ kind, key, value });
  }

  takeBack(): void {
    for (const undo of this.#undo.reverse()) undo();
  }
}

export class SimStore implements RecordStore {
  readonly #kinds: Kinds;
  readonly #options: SimStoreOptions;
  #isClosed = false;

  constructor(kinds: Kinds, options: SimStoreOptions) {
    this.#kinds = kinds;
    this.#options = options;
  }

  read<T>(work: (records: RecordReader) => T): T {
    return work(new Changes(this.#kinds, this.#options.copies));
  }

  async change<T>(work: (records: RecordWriter) => T): Promise<T> {
    await Promise.resolve(); // as an engine: never within the caller's own turn
    if (this.#isClosed) throw new StoreError('UNAVAILABLE', 'the store is closed');
    if (this.#options.isRunTwice()) this.#run(work, (changes) => changes.takeBack());
    return this.#run(work, (changes, result) => {
      const fate = this.#options.fateOf(changes.made);
      if (fate === 'kept') return result;
      if (fate === 'dies before') changes.takeBack();
      this.#isClosed = true;
      this.#options.onDeath();
      // Nobody is there any more to be told.
      return new Promise<T>(() => undefined);
    });
  }

  #run<T, R>(work: (records: RecordWriter) => T, then: (changes: Changes, result: T) => R): R {
    const changes = new Changes(this.#kinds, this.#options.copies);
    try {
      const result = work(changes);
      return then(changes, result);
    } catch (error) {
      changes.takeBack();
      throw error;
    }
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }
}

/** Everything that outlives a process. */
export function emptyRecords(): Kinds {
  return new Map();
}
