/** Names that nothing has yet (XFTP §8.4): what exists is never written over. */
import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { numberedName } from '@polyplex/base';
import { syncFolder } from '../chunks/places.ts';

const MOST_NUMBERS = 10_000;
/** The file system has no links: FAT, and some that are mounted from elsewhere. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EACCES']);

/** Gives a file the first free name like `wanted`, on the same file system; durable when it resolves. Answers the path. */
export function moveToFreeName(from: string, wanted: string): Promise<string> {
  return firstFree(wanted, async (path) => {
    await move(from, path);
    await syncFolder(dirname(path));
  });
}

/** Makes a folder with the first free name like `wanted`; answers its path. */
export function makeFreeFolder(wanted: string): Promise<string> {
  return firstFree(wanted, async (path) => {
    await mkdir(path);
  });
}

async function firstFree(wanted: string, take: (path: string) => Promise<void>): Promise<string> {
  for (let n = 0; ; n++) {
    const path = join(dirname(wanted), numberedName(basename(wanted), n));
    try {
      await take(path);
      return path;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST' || n >= MOST_NUMBERS) throw error;
    }
  }
}

async function move(from: string, path: string): Promise<void> {
  try {
    await link(from, path);
    await rm(from);
  } catch (error) {
    if (!NO_LINKS.has(codeOf(error))) throw error;
    // The empty file is ours, so nothing of others is replaced.
    await (await open(path, 'wx')).close();
    await rename(from, path);
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}
