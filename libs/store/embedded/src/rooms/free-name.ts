/** A received file gets a name that nothing has yet (XFTP §8.4): what exists is never written over. */
import { link, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const MOST_NUMBERS = 10_000;
/** The file system has no links: FAT, and some that are mounted from elsewhere. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EACCES']);

/** On the same file system; durable when it resolves. Answers the path. */
export async function moveToFreeName(from: string, wanted: string): Promise<string> {
  for (let number = 0; ; number++) {
    const path = join(dirname(wanted), numbered(basename(wanted), number));
    try {
      await move(from, path);
      await syncFolder(dirname(path));
      return path;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST' || number >= MOST_NUMBERS) throw error;
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

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The number before the first dot. */
function numbered(name: string, number: number): string {
  if (number === 0) return name;
  const dot = name.indexOf('.', 1);
  return dot < 0 ? `${name}_${number}` : `${name.slice(0, dot)}_${number}${name.slice(dot)}`;
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}
