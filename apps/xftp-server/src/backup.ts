/**
 * Backups of a file server whose files are on this machine. Records first, then bodies: the body of a record that is in the
 * copy was there before the record, so it is copied, unless its file was removed meanwhile. Bodies of uploads that came
 * after the records may be in it, too; no record names them, and a restore leaves them out.
 */
import { join } from 'node:path';
import { systemClock } from '@polyplex/base';
import {
  backupFolder, type BackupPlace, Backups, BODIES_FOLDER, copyDataFile, RECORDS_FOLDER, statisticsFolder, type WrittenData,
} from '@polyplex/node';
import { openEmbeddedFileStore } from '@polyplex/store-embedded';
import type { Logger } from '@polyplex/telemetry';
import type { XftpConfig } from './config/xftp-config.ts';
import { dataDirOf, type FileCopies, recordsFolder } from './open-stores.ts';

export interface BackupParts {
  readonly config: XftpConfig;
  readonly copies: FileCopies;
  readonly fingerprint: Uint8Array;
  readonly version: string;
  /** Null where none is known. */
  readonly configFolder: string | null;
  readonly log: Logger;
}

/** Between two looks at the room that is left. */
const LOOK_EVERY_BYTES = 64 * 1024 * 1024;

export function fileServerBackups({ config, copies, fingerprint, version, configFolder, log }: BackupParts): Backups {
  const dataDir = dataDirOf(config);
  const folder = backupFolder(config, dataDir);
  return new Backups({
    server: 'xftp', folder, keep: config.backup.keep, version, fingerprint, log, clock: systemClock,
    configFolder: config.backup.config ? configFolder : null,
    notConfig: [dataDir, config.storage.dataDir, folder],
    statisticsFolder: statisticsFolder(config),
    write: async (place) => {
      const counts = await copyDataFile(place, { copies: copies.records, from: recordsFolder(dataDir), to: RECORDS_FOLDER }, fileCounts);
      return { counts, bodies: await writeBodies(copies, place) };
    },
  });
}

async function fileCounts(path: string): Promise<WrittenData['counts']> {
  const copy = await openEmbeddedFileStore({ path });
  const { files, uploaded, bytes } = await copy.usage().finally(() => copy.close());
  return { files, uploaded, bytes };
}

async function writeBodies({ bodies }: FileCopies, place: BackupPlace): Promise<NonNullable<WrittenData['bodies']>> {
  const { folder, previous, signal } = place;
  const all = { count: 0, bytes: 0 };
  let sinceLook = 0;
  await bodies.copyTo({
    folder: join(folder, BODIES_FOLDER), signal,
    previous: previous === null ? null : join(previous, BODIES_FOLDER),
    beforeCopy: async (size) => {
      if (sinceLook % LOOK_EVERY_BYTES + size >= LOOK_EVERY_BYTES || sinceLook === 0) await place.needRoom(size);
      sinceLook += size;
    },
    onBody: (size, copied) => {
      all.count++;
      all.bytes += size;
      place.wrote(copied);
    },
  });
  return all;
}
