/** A store whose process may die with a commit: before it, or after it and before anything else. */
import type { RecordWriter } from '@polyplex/store-contract';
import { MemoryRecordStore } from '@polyplex/testing';

export type Fate = 'lives' | 'dies before' | 'dies after';

export class MortalStore extends MemoryRecordStore {
  readonly #fate: () => Fate;
  readonly #onDeath: () => void;

  constructor(records: ReadonlyMap<string, unknown>, life: { readonly fate: () => Fate; readonly onDeath: () => void }) {
    super(records);
    this.#fate = life.fate;
    this.#onDeath = life.onDeath;
  }

  override async change<T>(work: (records: RecordWriter) => T): Promise<T> {
    const fate = this.#fate();
    if (fate === 'dies before') return this.#die();
    const result = await super.change(work);
    return fate === 'dies after' ? this.#die() : result;
  }

  #die(): Promise<never> {
    this.#onDeath();
    return new Promise(() => undefined);
  }
}
