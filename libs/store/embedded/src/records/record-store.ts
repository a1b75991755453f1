/**
 * The embedded engine of the `RecordStore` contract: an agent's records on LMDB, in one folder, for one process. A change is answered
 * when it has been flushed to the disk. Values are sealed; names of records are not, and hold random ids and numbers only.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { copyBytes, utf8 } from '@polyplex/base';
import { boxKeyOf, type BoxKey } from '@polyplex/crypto';
import { tail } from '@polyplex/codec';
import { storeError } from '@polyplex/store-common';
import type { FactSource, RecordReader, RecordStore, RecordWriter } from '@polyplex/store-contract';
import { type Logger, silentLogger } from '@polyplex/telemetry';
import type { RootDatabase } from 'lmdb';
import { type DataCopies, DataCopier } from '../copy-data.ts';
import { diskFacts } from '../disk-facts.ts';
import { openEnvironment, writeFailures } from '../environment.ts';
import { DATA_FILE } from '../folder.ts';
import { freeBytes } from '../free-bytes.ts';
import { Table } from '../tables.ts';
import { WriteQueue } from '../write-queue.ts';
import { openValue, sealValue } from './sealed-values.ts';

export interface EmbeddedRecordStoreOptions {
  /** A folder of the store's own; made when missing. */
  readonly path: string;
  /** 32 bytes, kept elsewhere: without them nothing in the store can be read. */
  readonly key: Uint8Array;
  readonly log?: Logger;
}

export interface EmbeddedRecordStore extends RecordStore, DataCopies, FactSource {
  /** Bytes of the data, and bytes left on their disk; rejects with the system's error. */
  space(): Promise<{ readonly used: number; readonly room: number }>;
  /** Rejects with a `StoreError` where the store cannot be read, or takes nothing more. */
  check(): Promise<void>;
}

interface RecordTables {
  readonly root: RootDatabase;
  readonly records: Table<Uint8Array>;
}

function openRecordTables(root: RootDatabase): RecordTables {
  return { root, records: new Table(root, 'records', tail) };
}

/**
 * Opens the store in `path`, or makes it. Rejects with a `StoreError`: IN_USE, UNAVAILABLE, or DAMAGED for what is damaged, not this
 * store's, of a newer format, or sealed under another key.
 */
export async function openRecordStore(options: EmbeddedRecordStoreOptions): Promise<EmbeddedRecordStore> {
  const place = { path: options.path, mark: 'record', openTables: openRecordTables } as const;
  const store = await openEnvironment(place, (tables, release) => assemble(options, tables, release));
  try {
    store.read((records) => records.get('key-check', 'key'));
    await store.change((records) => records.put('key-check', 'key', true));
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** For one look at an environment that is open elsewhere, or nowhere. */
export function recordReader(root: RootDatabase, key: Uint8Array): RecordReader {
  return new Reader(openRecordTables(root).records, boxKeyOf(key));
}

function assemble({ path, key, log = silentLogger }: EmbeddedRecordStoreOptions, { root, records }: RecordTables, release: () => Promise<void>): EmbeddedRecordStore {
  const sealing = boxKeyOf(key);
  const copier = new DataCopier(root);
  const writes = new WriteQueue(root, {
    begin: () => undefined, beforeCommit: () => undefined, committed: () => undefined, ...writeFailures(path, log),
  });
  let closing: Promise<void> | null = null;
  return {
    read(work) {
      if (closing !== null) throw storeError('UNAVAILABLE', undefined, 'the store is closed');
      return work(new Reader(records, sealing));
    },
    async change(work) {
      const outcome = await writes.run<Outcome<ReturnType<typeof work>>>(() => {
        const writer = new Writer(records, sealing);
        try {
          const result = work(writer);
          writer.apply();
          return () => ({ result });
        } catch (error) {
          return () => ({ thrown: error });
        }
      }, { queues: [] });
      if ('thrown' in outcome) throw outcome.thrown;
      return outcome.result;
    },
    copyTo: (file, onBytes) => copier.copyTo(file, onBytes),
    facts: () => diskFacts(writes.commitSeconds, writes.state === null),
    space: () => spaceOf(path),
    async check() {
      if (writes.state !== null) throw writes.state;
      new Reader(records, sealing).get('key-check', 'key');
    },
    close: () => (closing ??= writes.close().then(() => copier.settled()).then(release)),
  };
}

async function spaceOf(path: string): Promise<{ readonly used: number; readonly room: number }> {
  const [{ size }, room] = await Promise.all([stat(join(path, DATA_FILE)), freeBytes(path)]);
  return { used: size, room };
}

type Outcome<T> = { readonly result: T } | { readonly thrown: unknown };

const nameOf = (kind: string, key: string): string => `${kind} ${key}`;

class Reader implements RecordReader {
  protected readonly table: Table<Uint8Array>;
  protected readonly sealing: BoxKey;

  constructor(table: Table<Uint8Array>, sealing: BoxKey) {
    this.table = table;
    this.sealing = sealing;
  }

  get(kind: string, key: string): unknown {
    return this.open(nameOf(kind, key), this.table.get(utf8(nameOf(kind, key))));
  }

  list(kind: string, prefix: string, limit = Infinity): readonly { readonly key: string; readonly value: unknown }[] {
    const start = utf8(nameOf(kind, prefix));
    const rows = this.table.rows(start, after(start), limit);
    return rows.map(({ key, value }) => {
      const name = new TextDecoder().decode(key);
      return { key: name.slice(kind.length + 1), value: this.open(name, value) };
    });
  }

  protected open(name: string, sealed: Uint8Array | null): unknown {
    return sealed === null ? undefined : openValue(this.sealing, name, sealed);
  }
}

/** The first name that does not begin with these bytes. */
function after(prefix: Uint8Array): Uint8Array {
  const end = copyBytes(prefix);
  end[end.length - 1]! += 1; // ASCII: never 255
  return end;
}

const REMOVED = Symbol('removed');

/** Keeps its changes until the work is through: a work that throws has changed nothing. */
class Writer extends Reader implements RecordWriter {
  readonly #changes = new Map<string, unknown>();

  override get(kind: string, key: string): unknown {
    const name = nameOf(kind, key);
    if (!this.#changes.has(name)) return super.get(kind, key);
    const value = this.#changes.get(name);
    return value === REMOVED ? undefined : structuredClone(value);
  }

  override list(kind: string, prefix: string, limit = Infinity): readonly { readonly key: string; readonly value: unknown }[] {
    const start = nameOf(kind, prefix);
    // Some of what is found may be removed in this change.
    const found = new Map(super.list(kind, prefix, limit + this.#changes.size).map(({ key, value }) => [nameOf(kind, key), value]));
    for (const [name, value] of this.#changes) {
      if (value === REMOVED) found.delete(name);
      else if (name.startsWith(start)) found.set(name, structuredClone(value));
    }
    return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, limit).map(([name, value]) => ({ key: name.slice(kind.length + 1), value }));
  }

  put(kind: string, key: string, value: unknown): void {
    this.#changes.set(nameOf(kind, key), structuredClone(value));
  }

  remove(kind: string, key: string): void {
    this.#changes.set(nameOf(kind, key), REMOVED);
  }

  apply(): void {
    for (const [name, value] of this.#changes) {
      if (value === REMOVED) this.table.remove(utf8(name));
      else this.table.put(utf8(name), sealValue(this.sealing, name, value));
    }
  }
}
