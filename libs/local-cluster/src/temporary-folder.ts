/** A folder for one part's data. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guardFolder } from './watchdog.ts';

export interface DataFolder {
  readonly path: string;
  /** Removes the folder when it is temporary. */
  remove(): Promise<void>;
}

/** `kept`: a folder that stays, made when missing; undefined makes a temporary one. */
export async function openFolder(kept: string | undefined, prefix: string): Promise<DataFolder> {
  if (kept !== undefined) {
    await mkdir(kept, { recursive: true });
    return { path: kept, remove: async () => undefined };
  }
  const path = await mkdtemp(join(tmpdir(), `polyplex-${prefix}-`));
  guardFolder(path);
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}
