/** One LMDB environment in a locked folder: opened or made, marked as this engine's data, and what failed commits mean. */
import type { StoreError } from '@polyplex/store-contract';
import type { Logger } from '@polyplex/telemetry';
import type { RootDatabase } from 'lmdb';
import { dataFile, lockFolder, prepareFolder } from './folder.ts';
import { bringUpToDate, type Mark, writeFormat } from './format-version.ts';
import { freeBytes } from './free-bytes.ts';
import { asStoreError } from './store-failure.ts';
import { Reserve, RESERVE_BYTES } from './reserve.ts';
import { openRoot } from './tables.ts';
import type { GroupHooks } from './write-queue.ts';

/** With less room than this, a failed commit is put down to a full disk. */
const FULL_BELOW_BYTES = 2 * RESERVE_BYTES;

interface Place<T> {
  readonly path: string;
  readonly mark: Mark;
  readonly openTables: (root: RootDatabase) => T;
}

/** Opens the environment, or makes it; `assemble` gets its tables, and what closes it and gives up the folder. */
export async function openEnvironment<T extends { readonly root: RootDatabase }, S>(
  { path, mark, openTables }: Place<T>, assemble: (tables: T, release: () => Promise<void>) => S,
): Promise<S> {
  prepareFolder(path);
  const unlock = lockFolder(path);
  let root: RootDatabase | null = null;
  const release = async (): Promise<void> => {
    await root?.close();
    unlock();
  };
  try {
    const file = await dataFile(path, async (made) => {
      const tables = openTables(openRoot(made));
      await writeFormat(tables.root, mark);
      await tables.root.close();
    });
    root = openRoot(file);
    bringUpToDate(root, mark);
    await new Reserve(path).take();
    return assemble(openTables(root), release);
  } catch (error) {
    await release();
    throw asStoreError(error);
  }
}

/** What a store does about commits that fail. */
export function writeFailures(path: string, log: Logger): Pick<GroupHooks, 'isFull' | 'makeRoom' | 'keepRoom' | 'failed'> {
  const reserve = new Reserve(path);
  return {
    makeRoom: () => reserve.give(),
    keepRoom: () => void reserve.keep(),
    isFull: async () => (await freeBytes(path).catch(() => Infinity)) < FULL_BELOW_BYTES,
    failed: (reason: StoreError) =>
      log.error('the store takes no more writes: restart when the cause is gone', { code: reason.code }),
  };
}

/** Tells the operator, once, that a row could not be read and was passed over. */
export function damageReporter(log: Logger): () => void {
  let reported = false;
  return () => {
    if (!reported) log.error('data of the store cannot be read and is passed over: restore a backup', { code: 'DAMAGED' });
    reported = true;
  };
}
