/** A store of a process that dies at a change, before or after it is kept: nothing of that life comes after. */
import { type RecordReader, type RecordStore, type RecordWriter, StoreError } from '@polyplex/store-contract';

export interface Mortality {
  /** The change at which a life ends. */
  readonly at: number;
  /** Whether that change is kept. */
  readonly keeps: boolean;
}

export class MortalStore implements RecordStore {
  readonly #store: RecordStore;
  readonly #mortality: Mortality | null;
  #changes = 0;
  #isDead = false;

  /** Null: it lives on. */
  constructor(store: RecordStore, mortality: Mortality | null) {
    this.#store = store;
    this.#mortality = mortality;
  }

  read<T>(work: (records: RecordReader) => T): T {
    return this.#store.read(work);
  }

  async change<T>(work: (records: RecordWriter) => T): Promise<T> {
    const { at, keeps } = this.#mortality ?? { at: Infinity, keeps: true };
    const isLast = ++this.#changes === at;
    if (this.#isDead || (isLast && !keeps)) return this.#die();
    // Each work is run twice: only the last run counts.
    await this.#store.change((records) => {
      work(records);
      throw new Error('run again');
    }).catch(() => undefined);
    if (this.#isDead) return this.#die();
    const result = await this.#store.change(work);
    return isLast ? this.#die() : result;
  }

  #die(): never {
    this.#isDead = true;
    throw new StoreError('UNAVAILABLE', 'the process is dead');
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
