/** Backups of a push proxy whose devices are on this machine. */
import { systemClock } from '@polyplex/base';
import { backupFolder, Backups, copyDataFile, statisticsFolder, TOKENS_FOLDER, type WrittenData } from '@polyplex/node';
import { type DataCopies, openTokenStore } from '@polyplex/store-embedded';
import type { Logger } from '@polyplex/telemetry';
import type { NtfConfig } from './config/ntf-config.ts';
import { dataDirOf, tokenStoreFolder } from './open-store.ts';

export interface BackupParts {
  readonly config: NtfConfig;
  readonly copies: DataCopies;
  readonly fingerprint: Uint8Array;
  readonly version: string;
  /** Null where none is known. */
  readonly configFolder: string | null;
  readonly log: Logger;
}

export function pushProxyBackups({ config, copies, fingerprint, version, configFolder, log }: BackupParts): Backups {
  const dataDir = dataDirOf(config);
  const folder = backupFolder(config, dataDir);
  return new Backups({
    server: 'ntf', folder, keep: config.backup.keep, version, fingerprint, log, clock: systemClock,
    configFolder: config.backup.config ? configFolder : null,
    notConfig: [dataDir, config.storage.dataDir, folder],
    statisticsFolder: statisticsFolder(config),
    write: async (place) => {
      const counts = await copyDataFile(place, { copies, from: tokenStoreFolder(dataDir), to: TOKENS_FOLDER }, tokenCounts);
      return { counts, bodies: null };
    },
  });
}

async function tokenCounts(path: string): Promise<WrittenData['counts']> {
  const copy = await openTokenStore({ path });
  const { tokens, subscriptions, notifications } = await copy.counts().finally(() => copy.close());
  return { tokens, subscriptions, notifications };
}
