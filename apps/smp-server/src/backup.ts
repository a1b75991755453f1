/** Backups of a relay whose queues are on this machine. */
import { systemClock } from '@polyplex/base';
import { backupFolder, Backups, copyDataFile, QUEUES_FOLDER, statisticsFolder, type WrittenData } from '@polyplex/node';
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
    write: async (place) => {
      const counts = await copyDataFile(place, { copies, from: storeFolder(config.storage), to: QUEUES_FOLDER }, queueCounts);
      return { counts, bodies: null };
    },
  });
}

async function queueCounts(path: string): Promise<WrittenData['counts']> {
  const copy = await openEmbeddedStore({ path });
  const { queues, messages, notifications } = await copy.counts().finally(() => copy.close());
  return { queues, messages, notifications };
}
