/**
 * The store's folder: `data.mdb` (LMDB), its reader table `data.mdb-lock`, `in-use.lock`, and `reserve`. A data file appears in it
 * only when it is whole: it is made in a subfolder first. Whatever is not this store's is refused and left as it is.
 */
import {
  closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readSync, renameSync, rmSync, statSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { errorText } from '@polyplex/base';
import { storeError } from '@polyplex/store-common';
import { missingPagesAreFree } from './free-pages.ts';
import { RESERVE_FILE } from './reserve.ts';

export const DATA_FILE = 'data.mdb';
const LOCK_FILE = 'in-use.lock';
const NEW_FOLDER = 'new';
/** What else may lie there: LMDB's reader table, leftovers of a lock, and what a file system puts in its root. */
const KNOWN = [DATA_FILE, `${DATA_FILE}-lock`, LOCK_FILE, `${LOCK_FILE}-journal`, NEW_FOLDER, RESERVE_FILE, 'lost+found'];
const SQLITE_BUSY = 5;

/** Makes the folder where it is missing. Throws UNAVAILABLE when that is not allowed, DAMAGED when others' files are in it. */
export function prepareFolder(path: string): void {
  let entries: string[];
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    entries = readdirSync(path);
  } catch (error) {
    const isOthers = (error as NodeJS.ErrnoException).code === 'EACCES';
    throw storeError('UNAVAILABLE', error, `the store's folder cannot be used: ${errorText(error)}${isOthers ? `: give it to the user of this process, number ${String(process.getuid?.() ?? 'unknown')}` : ''}`);
  }
  if (!entries.includes(DATA_FILE) && entries.some((entry) => !KNOWN.includes(entry))) {
    throw storeError('DAMAGED', undefined, 'the folder holds other files: give the store a folder of its own');
  }
}

/**
 * Holds the folder for this process until the returned function is called or the process ends, however it ends. The
 * lock is SQLite's, because Node offers no file lock of its own: an exclusive transaction that is never written.
 */
export function lockFolder(path: string): () => void {
  let lock: DatabaseSync | null = null;
  try {
    lock = new DatabaseSync(join(path, LOCK_FILE));
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    lock?.close();
    if ((error as { errcode?: unknown }).errcode === SQLITE_BUSY) throw storeError('IN_USE', error);
    throw storeError('UNAVAILABLE', error, `the store's folder cannot be locked: ${errorText(error)}`);
  }
  const held = lock;
  return () => held.close();
}

/** The data file of a locked folder, which `make` fills when there is none yet. Throws DAMAGED when it is not whole. */
export async function dataFile(path: string, make: (file: string) => Promise<void>): Promise<string> {
  const file = join(path, DATA_FILE);
  if (existsSync(file)) {
    checkDataFile(file);
    return file;
  }
  const folder = join(path, NEW_FOLDER);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  await make(join(folder, DATA_FILE));
  rmSync(`${file}-lock`, { force: true });
  renameSync(join(folder, DATA_FILE), file);
  rmSync(folder, { recursive: true, force: true });
  syncFolder(path);
  return file;
}

function syncFolder(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

const MAGIC = 0xbeefc0de;
/** Where a meta page holds what (64-bit LMDB with a 24-byte page header). */
const META = { magic: 24, pageSize: 48, freeRoot: 88, lastPage: 144, txn: 152, bytes: 160 } as const;
const PAGE_SIZES = [4096, 8192, 16_384, 32_768, 65_536];

/**
 * LMDB maps the file and trusts it: where it ends too early, reading would end the process. So the two meta pages are
 * checked against the file's length before LMDB sees it; what is missing at its end must be free (`free-pages.ts`).
 */
export function checkDataFile(file: string): void {
  const damaged = (what: string) => storeError('DAMAGED', undefined, `the data file is ${what}: restore it from a backup`);
  const { size } = statSync(file);
  const first = readMeta(file, 0);
  if (first === null) throw damaged('not a store');
  const metas = [first, readMeta(file, first.pageSize)].filter((meta) => meta !== null);
  const newest = metas.reduce((a, b) => (b.txn > a.txn ? b : a));
  const pages = Math.floor(size / first.pageSize);
  if (BigInt(pages) <= newest.lastPage && !isEndFree(file, pages, { ...newest, pageSize: first.pageSize })) throw damaged('cut short');
}

function isEndFree(file: string, pages: number, { pageSize, freeRoot, lastPage }: Meta): boolean {
  const handle = openSync(file, 'r');
  try {
    return missingPagesAreFree({ handle, pageSize, pages }, freeRoot, Number(lastPage));
  } finally {
    closeSync(handle);
  }
}

interface Meta {
  readonly pageSize: number;
  /** Of the tree of free pages; -1 without any. */
  readonly freeRoot: bigint;
  readonly lastPage: bigint;
  readonly txn: bigint;
}

function readMeta(file: string, at: number): Meta | null {
  const page = Buffer.alloc(META.bytes);
  const handle = openSync(file, 'r');
  try {
    if (readSync(handle, page, 0, page.length, at) !== page.length) return null;
  } finally {
    closeSync(handle);
  }
  const pageSize = page.readUInt32LE(META.pageSize);
  if (page.readUInt32LE(META.magic) !== MAGIC || !PAGE_SIZES.includes(pageSize)) return null;
  return {
    pageSize, freeRoot: page.readBigInt64LE(META.freeRoot), lastPage: page.readBigUInt64LE(META.lastPage), txn: page.readBigUInt64LE(META.txn),
  };
}
