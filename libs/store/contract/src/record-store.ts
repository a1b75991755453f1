/**
 * RecordStore: what a client agent keeps, as small records of several kinds, changed in transactions. An agent's steps are many and
 * small, and each one changes records of several kinds together, so the contract is the transaction and not the step.
 *
 * Values are plain data: null, booleans, numbers, strings, `Uint8Array`, arrays and plain objects of them. They are copies both ways.
 */

export interface RecordReader {
  /** Undefined where there is none. */
  get(kind: string, key: string): unknown;
  /** The records whose key begins with `prefix`, ascending by key, at most `limit`. */
  list(kind: string, prefix: string, limit?: number): readonly { readonly key: string; readonly value: unknown }[];
}

export interface RecordWriter extends RecordReader {
  put(kind: string, key: string, value: unknown): void;
  remove(kind: string, key: string): void;
}

export interface RecordStore {
  /** Sees one state of the store. */
  read<T>(work: (records: RecordReader) => T): T;
  /**
   * All changes of `work`, or none; durable when it resolves. `work` is synchronous, runs alone, and sees its own changes; it
   * may be run again, and then only its last run counts.
   * Rejects with what `work` threw, or with a `StoreError`: then nothing of it has happened, or, where the process dies, all of it.
   */
  change<T>(work: (records: RecordWriter) => T): Promise<T>;
  close(): Promise<void>;
}
