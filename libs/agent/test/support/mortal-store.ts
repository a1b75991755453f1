/** A store that fails for good at one of its changes, which it keeps or not: the end of a process. */
import { type RecordReader, type RecordStore, type RecordWriter, StoreError } from '@polyplex/store-contract';
import type { MemoryRecordStore } from '@polyplex/testing';

export interface Mortality {
  /** The change at which each life ends. */
  readonly at: number;
  /** Whether that change is kept. */
  readonly keeps: boolean;
}

export class MortalStore implements RecordStore {
  readonly #store: MemoryRecordStore;
  readonly #mortality: Mortality | null;
  #changes = 0;

  constructor(store: MemoryRecordStore, mortality: Mortality | null) {
    this.#store = store;
    this.#mortality = mortality;
  }

  read<T>(work: (records: RecordReader) => T): T {
    return this.#store.read(work);
  }

  async change<T>(work: (records: RecordWriter) => T): Promise<T> {
    const { at, keeps } = this.#mortality ?? { at: Infinity, keeps: true };
    const number = ++this.#changes;
    if (number > at || (number === at && !keeps)) throw new StoreError('UNAVAILABLE', 'the process is dead');
    // Each work is run twice: only the last run counts.
    await this.#store.change((records) => {
      work(records);
      throw new Error('run again');
    }).catch(() => undefined);
    const result = await this.#store.change(work);
    if (number >= at) throw new StoreError('UNAVAILABLE', 'the process is dead');
    return result;
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}
