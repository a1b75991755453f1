/**
 * A look at a store's folder without opening it as a store: whose data it is, of which format, how large. Runs beside the
 * process that uses it, and beside none. Writes nothing but the place of a reader in LMDB's own table.
 */
import { chownSync, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { storeError } from '@polyplex/store-common';
import type { RecordReader } from '@polyplex/store-contract';
import type { RootDatabase } from 'lmdb';
import { checkDataFile, DATA_FILE } from './folder.ts';
import { type FoundFormat, readFormat } from './format-version.ts';
import { recordReader } from './records/record-store.ts';
import { asStoreError } from './store-failure.ts';
import { openToRead } from './tables.ts';

interface StoreLook extends FoundFormat {
  /** Of the data file. */
  readonly bytes: number;
}

/** Null where no store was ever made. Rejects with a `StoreError`: UNAVAILABLE when it may not be read, DAMAGED. */
export function inspectStore(folder: string): Promise<StoreLook | null> {
  return look(folder, (root, file) => {
    const found = readFormat(root);
    if (found === null) throw storeError('DAMAGED', undefined, 'the data file belongs to another program');
    return { ...found, bytes: statSync(file).size };
  });
}

/**
 * What `work` reads in a store of records of this release's format; null where none was ever made. `key`: that which they were sealed
 * under. Rejects as `inspectStore` does, with DAMAGED also for another key.
 */
export function readRecords<T>(folder: string, key: Uint8Array, work: (records: RecordReader) => T): Promise<T | null> {
  return look(folder, (root) => work(recordReader(root, key)));
}

/** Rejects with a `StoreError`. */
async function look<T>(folder: string, work: (root: RootDatabase, file: string) => T): Promise<T | null> {
  const file = join(folder, DATA_FILE);
  try {
    if (!isThere(folder, file)) return null;
    checkDataFile(file);
    return await openedToRead(file, (root) => work(root, file));
  } catch (error) {
    throw asStoreError(error);
  }
}

/** Throws where the folder may not be looked into. */
function isThere(folder: string, file: string): boolean {
  if (existsSync(file)) return true;
  try {
    readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw storeError('UNAVAILABLE', error, 'this user may not look into the folder');
  }
  return false;
}

/** LMDB makes its table of readers where there is none; that of another user would lock out the server that comes next. */
async function openedToRead<T>(file: string, work: (root: RootDatabase) => T): Promise<T> {
  const readers = `${file}-lock`;
  const wasThere = existsSync(readers);
  const root = openToRead(file);
  try {
    return work(root);
  } finally {
    await root.close();
    const { uid, gid } = statSync(file);
    if (!wasThere && existsSync(readers) && process.getuid?.() === 0) chownSync(readers, uid, gid);
  }
}
