/** Files of a backup, written and read: for their owner alone, on the disk when a function resolves, whatever their size in pieces. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, open, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const PIECE_BYTES = 1024 * 1024;
export const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

export interface FileFacts {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** Reads the whole file, a piece at a time; a signal ends it with its reason. */
export async function fileFacts(path: string, signal?: AbortSignal): Promise<FileFacts> {
  const hash = createHash('sha256');
  const handle = await open(path, 'r');
  try {
    const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
    let bytes = 0;
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, PIECE_BYTES);
      if (bytesRead === 0) return { bytes, sha256: hash.digest('hex') };
      hash.update(buffer.subarray(0, bytesRead));
      bytes += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

/** The new file must not exist; its name is the caller's to flush. */
export async function copyDurably(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  await chmod(to, FILE_MODE);
  await flush(to);
}

export async function writeDurably(path: string, content: string): Promise<void> {
  await writeFile(path, content, { mode: FILE_MODE, flag: 'wx', flush: true });
}

export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: FOLDER_MODE });
}

/** A file's bytes, or a folder's names. */
export async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** All regular files in a folder, by their paths in it, with `/`; `isWanted` is asked for folders too. */
export async function filesIn(root: string, isWanted: (path: string) => boolean = () => true): Promise<string[]> {
  const found: string[] = [];
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (!isWanted(path)) continue;
      if (entry.isDirectory()) await walk(path);
      else if (entry.isFile()) found.push(path);
    }
  };
  await walk('');
  return found.sort();
}

/** Leaves one file of a folder, and flushes what its names are. */
export async function keepOnly(folder: string, name: string): Promise<void> {
  for (const other of await readdir(folder)) if (other !== name) await rm(join(folder, other), { recursive: true, force: true });
  await flush(folder);
}
