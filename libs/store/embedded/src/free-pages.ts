/**
 * Which pages of an LMDB file are free. A page that a transaction takes from the end of the file and gives back is never
 * written, so a file that is whole may end before the last page that its meta page knows; what is missing then is free.
 * Where a page is in use that the file does not have, the file was cut short.
 */
import { readSync } from 'node:fs';

export interface PageFile {
  /** Of the open file. */
  readonly handle: number;
  readonly pageSize: number;
  /** Whole pages that the file has. */
  readonly pages: number;
}

/** The header of a page (`pointers`: how many bytes of pointers follow it), and of a row in it. */
const PAGE = { flags: 18, pointers: 20, header: 24, branch: 1, leaf: 2 } as const;
const ROW = { low: 0, high: 2, flags: 4, keySize: 6, header: 8, isElsewhere: 1 } as const;
const NUMBER_BYTES = 8;
/** More pages than one group of steps takes. */
const MAX_MISSING = 2 ** 20;
const MAX_VISITED = 2 ** 20;
const WORD16 = 0x1_0000;

/** Whether all pages from the end of the file to `lastPage` are in the list of free pages whose tree begins at `root`. */
export function missingPagesAreFree(file: PageFile, root: bigint, lastPage: number): boolean {
  const count = lastPage + 1 - file.pages;
  if (count > MAX_MISSING || root < 0n) return false;
  const missing = new Set(Array.from({ length: count }, (_, i) => file.pages + i));
  const waiting = [Number(root)];
  for (let visited = 0; waiting.length > 0 && missing.size > 0; visited++) {
    const page = readPage(file, waiting.pop()!);
    if (page === null || visited > MAX_VISITED) return false;
    const isBranch = (page.readUInt16LE(PAGE.flags) & PAGE.branch) !== 0;
    for (const row of rowsOf(page)) {
      if (isBranch) waiting.push(row.value + row.flags * WORD16 * WORD16);
      else for (const free of pagesIn(listOf(file, page, row))) missing.delete(free);
    }
  }
  return missing.size === 0;
}

function readAt({ handle, pageSize, pages }: PageFile, at: number, length: number): Buffer | null {
  if (at + length > pages * pageSize) return null;
  const bytes = Buffer.alloc(length);
  return readSync(handle, bytes, 0, length, at) === length ? bytes : null;
}

/** Null: there is no such page, or it is none of a tree. */
function readPage(file: PageFile, number: number): Buffer | null {
  const page = readAt(file, number * file.pageSize, file.pageSize);
  return page !== null && (page.readUInt16LE(PAGE.flags) & (PAGE.branch | PAGE.leaf)) !== 0 ? page : null;
}

interface Row {
  /** Where its key begins in the page. */
  readonly key: number;
  readonly keySize: number;
  readonly flags: number;
  /** The size of the value of a leaf, low bits of the child of a branch. */
  readonly value: number;
}

function rowsOf(page: Buffer): Row[] {
  const rows = Math.min(page.readUInt16LE(PAGE.pointers), page.length - PAGE.header) >> 1;
  return Array.from({ length: rows }, (_, i) => PAGE.header + page.readUInt16LE(PAGE.header + 2 * i))
    .filter((at) => at + ROW.header <= page.length).map((at) => ({
      key: at + ROW.header,
      keySize: page.readUInt16LE(at + ROW.keySize),
      flags: page.readUInt16LE(at + ROW.flags),
      value: page.readUInt16LE(at + ROW.low) + page.readUInt16LE(at + ROW.high) * WORD16,
    }));
}

/** The value of a row: in its page, or on pages of its own that the page names. */
function listOf(file: PageFile, page: Buffer, { key, keySize, flags, value: size }: Row): Buffer {
  const at = key + keySize;
  if ((flags & ROW.isElsewhere) === 0) return page.subarray(at, at + size);
  if (at + NUMBER_BYTES > page.length) return Buffer.alloc(0);
  const first = Number(page.readBigUInt64LE(at));
  return readAt(file, first * file.pageSize + PAGE.header, size) ?? Buffer.alloc(0);
}

/** A list: how many numbers follow; a page each, 0 for none, and after a negative one so many pages from the next number on. */
function* pagesIn(list: Buffer): Generator<number> {
  const numberAt = (i: number): number => Number(list.readBigInt64LE(i * NUMBER_BYTES));
  const numbers = Math.floor(list.length / NUMBER_BYTES);
  const end = numbers === 0 ? 0 : Math.min(numberAt(0), numbers - 1);
  for (let i = 1; i <= end; i++) {
    const number = numberAt(i);
    if (number >= 0) {
      if (number > 0) yield number;
      continue;
    }
    if (++i > end) return;
    for (let n = 0; n < Math.min(-number, MAX_MISSING); n++) yield numberAt(i) + n;
  }
}
