/** Backups of a push proxy whose devices are on this machine. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@polyplex/base';
import { backupFolder, type BackupPlace, Backups, DATA_FILE, keepOnly, makeFolder, statisticsFolder, TOKENS_FOLDER, type WrittenData } from '@polyplex/node';
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
    write: (place) => writeTokens(copies, join(tokenStoreFolder(dataDir), DATA_FILE), place),
  });
}

async function writeTokens(copies: DataCopies, source: string, place: BackupPlace): Promise<WrittenData> {
  const folder = join(place.folder, TOKENS_FOLDER);
  await place.needRoom((await stat(source)).size);
  await makeFolder(folder);
  let before = 0;
  await copies.copyTo(join(folder, DATA_FILE), (bytes) => {
    place.wrote(bytes - before);
    before = bytes;
  });
  // Whoever restores it opens it likewise; what it counts is of that one moment.
  const copy = await openTokenStore({ path: folder });
  const { tokens, subscriptions, notifications } = await copy.counts().finally(() => copy.close());
  await keepOnly(folder, DATA_FILE);
  return { counts: { tokens, subscriptions, notifications }, bodies: null };
}
