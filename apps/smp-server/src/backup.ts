/** Backups of a relay whose queues are on this machine. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@polyplex/base';
import { backupFolder, type BackupPlace, Backups, DATA_FILE, keepOnly, makeFolder, QUEUES_FOLDER, statisticsFolder, type WrittenData } from '@polyplex/node';
import { type DataCopies, openEmbeddedStore } from '@polyplex/store-embedded';
import type { Logger } from '@polyplex/telemetry';
import type { SmpConfig } from './config/smp-config.ts';
import { storeFolder } from './open-store.ts';

export interface BackupParts {
  readonly config: SmpConfig;
  readonly copies: DataCopies;
  readonly fingerprint: Uint8Array;
  readonly version: string;
  /** Null where none is known. */
  readonly configFolder: string | null;
  readonly log: Logger;
}

export function relayBackups({ config, copies, fingerprint, version, configFolder, log }: BackupParts): Backups {
  const { dataDir } = config.storage;
  const folder = backupFolder(config, dataDir);
  return new Backups({
    server: 'smp', folder, keep: config.backup.keep, version, fingerprint, log, clock: systemClock,
    configFolder: config.backup.config ? configFolder : null,
    notConfig: [dataDir, folder],
    statisticsFolder: statisticsFolder(config),
    write: (place) => writeQueues(copies, join(storeFolder(config.storage), DATA_FILE), place),
  });
}

async function writeQueues(copies: DataCopies, source: string, place: BackupPlace): Promise<WrittenData> {
  const folder = join(place.folder, QUEUES_FOLDER);
  await place.needRoom((await stat(source)).size);
  await makeFolder(folder);
  let before = 0;
  await copies.copyTo(join(folder, DATA_FILE), (bytes) => {
    place.wrote(bytes - before);
    before = bytes;
  });
  // Whoever restores it opens it likewise; what it counts is of that one moment.
  const copy = await openEmbeddedStore({ path: folder });
  const { queues, messages, notifications } = await copy.counts().finally(() => copy.close());
  await keepOnly(folder, DATA_FILE);
  return { counts: { queues, messages, notifications }, bodies: null };
}
