/**
 * A look at a store's folder without opening it as a store: whose data it is, of which format, how large. Runs beside the
 * process that uses it, and beside none. Writes nothing but the place of a reader in LMDB's own table.
 */
import { chownSync, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { storeError } from '@polyplex/store-common';
import { checkDataFile, DATA_FILE } from './folder.ts';
import { type FoundFormat, readFormat } from './format-version.ts';
import { asStoreError } from './store-failure.ts';
import { openToRead } from './tables.ts';

interface StoreLook extends FoundFormat {
  /** Of the data file. */
  readonly bytes: number;
}

/** Null where no store was ever made. Rejects with a `StoreError`: UNAVAILABLE when it may not be read, DAMAGED. */
export async function inspectStore(folder: string): Promise<StoreLook | null> {
  const file = join(folder, DATA_FILE);
  try {
    if (!isThere(folder, file)) return null;
    checkDataFile(file);
    const found = await readMark(file);
    if (found === null) throw storeError('DAMAGED', undefined, 'the data file belongs to another program');
    return { ...found, bytes: statSync(file).size };
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
async function readMark(file: string): Promise<FoundFormat | null> {
  const readers = `${file}-lock`;
  const wasThere = existsSync(readers);
  const root = openToRead(file);
  try {
    return readFormat(root);
  } finally {
    await root.close();
    const { uid, gid } = statSync(file);
    if (!wasThere && existsSync(readers) && process.getuid?.() === 0) chownSync(readers, uid, gid);
  }
}
