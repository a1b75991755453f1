import { statfs } from 'node:fs/promises';

/** What the file system that holds `path` has left for this process. */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}
