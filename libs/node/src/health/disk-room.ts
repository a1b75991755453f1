/** The disk that a store is on. A database whose disk is full to the last page takes nothing more, deletions included. */
import { statfs } from 'node:fs/promises';
import type { Check } from './readiness.ts';

/** Not ready with fewer than `least` bytes; `setting` is where the operator said so. */
export function diskRoom(folder: string, { least, setting }: { readonly least: number; readonly setting: string }): Check {
  return {
    failed: 'the disk does not answer',
    async reasons() {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize < least ? [`the disk has less room than ${setting}`] : [];
    },
  };
}
