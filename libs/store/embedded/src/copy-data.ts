/**
 * A copy of an LMDB environment as it was at one moment, made while it is written. LMDB copies from a snapshot of its own,
 * in a thread of its own: writes go on, and meanwhile take new pages only, so the data file may grow.
 *
 * Pages are copied as they are. A copy without the free ones (LMDB's "compacting") walks the trees instead, and where a page
 * is damaged that walk can end the whole process; this one leaves damage as it is.
 */
import { chmod, type FileHandle, open } from 'node:fs/promises';
import type { RootDatabase } from 'lmdb';
import { storeError } from '@polyplex/store-common';
import { isMissing } from './chunks/places.ts';
import { asStoreError } from './store-failure.ts';

/** So often what was written is made durable, or the disk would have it all to do at the end, before any commit. */
const FLUSH_EVERY_MS = 200;

export interface DataCopies {
  /**
   * Makes `file`, which must not exist, a whole data file of what was committed when this was called, and durable (its
   * name is the caller's to flush). `onBytes` hears how long it is by now. Rejects with a `StoreError`; what is there by
   * then is of no use. Closing the store waits for it.
   */
  copyTo(file: string, onBytes?: (bytes: number) => void): Promise<void>;
}

export class DataCopier {
  private readonly root: RootDatabase;
  private readonly running = new Set<Promise<unknown>>();

  constructor(root: RootDatabase) {
    this.root = root;
  }

  copyTo(file: string, onBytes: (bytes: number) => void = () => undefined): Promise<void> {
    const copying = copyData(this.root, file, onBytes).finally(() => this.running.delete(copying));
    this.running.add(copying);
    return copying;
  }

  /** Resolves when none is under way: LMDB must not be closed before. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.running);
  }
}

async function copyData(root: RootDatabase, file: string, onBytes: (bytes: number) => void): Promise<void> {
  let handle: FileHandle | null = null;
  try {
    let copied = false;
    const copying = root.backup(file, false).finally(() => (copied = true));
    // The other half may fail first.
    copying.catch(() => undefined);
    while (!copied) {
      await Promise.race([copying, pause()]);
      handle ??= await openCopy(file);
      if (handle !== null) await flush(handle, onBytes);
    }
    await copying;
    await chmod(file, 0o600);
    handle ??= await openCopy(file);
    if (handle === null) throw storeError('FAILED', undefined, 'the copy is gone');
    await flush(handle, onBytes);
  } catch (error) {
    throw asStoreError(error);
  } finally {
    await handle?.close();
  }
}

async function flush(handle: FileHandle, onBytes: (bytes: number) => void): Promise<void> {
  await handle.sync();
  onBytes((await handle.stat()).size);
}

/** Null while the thread has not made it. */
async function openCopy(file: string): Promise<FileHandle | null> {
  try {
    return await open(file, 'r');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, FLUSH_EVERY_MS));
}
