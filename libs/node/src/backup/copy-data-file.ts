/** The one file of an embedded store in a backup. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataCopies } from '@polyplex/store-embedded';
import type { BackupPlace } from './backups.ts';
import { keepOnly, makeFolder } from './durable-files.ts';
import { DATA_FILE } from './manifest.ts';

export interface DataSource {
  readonly copies: DataCopies;
  /** The store's own folder. */
  readonly from: string;
  /** Where the copy goes in the backup. */
  readonly to: string;
}

/** Copies it durably into a folder of its own; answers what `count` says of a store in that folder. */
export async function copyDataFile<Counts>(
  place: BackupPlace, { copies, from, to }: DataSource, count: (path: string) => Promise<Counts>,
): Promise<Counts> {
  const folder = join(place.folder, to);
  await place.needRoom((await stat(join(from, DATA_FILE))).size);
  await makeFolder(folder);
  let before = 0;
  await copies.copyTo(join(folder, DATA_FILE), (bytes) => {
    place.wrote(bytes - before);
    before = bytes;
  });
  // Whoever restores it opens it likewise; what it counts is of that one moment.
  const counts = await count(folder);
  await keepOnly(folder, DATA_FILE);
  return counts;
}
