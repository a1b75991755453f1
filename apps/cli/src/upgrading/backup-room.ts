/** Whether a backup can be made before an upgrade, and which one there is. */
import { readdir, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { backupFolder, readManifest } from '@polyplex/node';
import type { PolyplexConfig } from '../settings/polyplex-config.ts';
import type { ServiceName } from '../settings/servers.ts';
import { dataDirOf } from './find-stores.ts';
import type { FoundStore } from './store-report.ts';

export interface BackupReport {
  readonly server: ServiceName;
  readonly folder: string;
  /** ISO 8601, and the version that made it; null for none that is whole. */
  readonly newest: { readonly madeAt: string; readonly program: string } | null;
  /** What another one takes: the records; bodies of files are second names on the same file system. */
  readonly neededBytes: number;
  /** Null where the disk does not tell. */
  readonly freeBytes: number | null;
  readonly enough: boolean;
}

/** As running servers do: so much stays free for others. */
const LEAVE_BYTES = 256 * 1024 * 1024;
const NAME = /^[a-z]+-\d{8}-\d{6}(-\d{1,3})?$/;

/** Of embedded stores that hold something. The bot's is copied while it does not run (docs/operations/directory-bot.md), so there is no backup to ask for. */
export function backupReports(config: PolyplexConfig, stores: readonly FoundStore[]): Promise<BackupReport[]> {
  return Promise.all(stores.filter(({ server, bytes }) => bytes !== null && server !== 'bot').map((store) => backupReport(config, store)));
}

async function backupReport(config: PolyplexConfig, { server, bytes }: FoundStore): Promise<BackupReport> {
  const folder = backupFolder(config, dataDirOf(config, server));
  const freeBytes = await freeAt(folder);
  const neededBytes = bytes ?? 0;
  return { server, folder, newest: await newestIn(folder, server), neededBytes, freeBytes, enough: freeBytes !== null && freeBytes >= neededBytes + LEAVE_BYTES };
}

async function newestIn(folder: string, server: ServiceName): Promise<BackupReport['newest']> {
  const names = await readdir(folder).catch(() => []);
  const own = names.filter((name) => NAME.test(name) && name.startsWith(`${server}-`)).sort();
  for (const name of own.reverse()) {
    const manifest = await readManifest(join(folder, name)).catch(() => null);
    if (manifest !== null) return { madeAt: manifest.startedAt, program: manifest.program };
  }
  return null;
}

/** A folder that is not there yet will be on the disk of the one that it is made in. */
async function freeAt(folder: string): Promise<number | null> {
  for (let place = folder; ; place = dirname(place)) {
    try {
      const { bavail, bsize } = await statfs(place);
      return bavail * bsize;
    } catch {
      if (place === dirname(place)) return null;
    }
  }
}
