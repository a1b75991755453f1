/** Statistics in files (SMP §9.2 STORE_LOG `log_stats`, XFTP §7.2). */
import { join } from 'node:path';
import { optionalPath, section, toggle } from '@polyplex/config';

export const statistics = section('Statistics of each day in files, as the reference servers write them. Sums alone: nothing in them names a client, a queue or a file.', {
  daily: toggle({ default: false, describe: 'Whether the servers append a line of CSV at 00:00 UTC, and keep what they counted on that day over restarts.' }),
  folder: optionalPath({ describe: 'Folder for these files; by default `statistics` in `storage.dataDir`. Each process needs one of its own.' }),
});

export interface StatisticsSettings {
  readonly statistics: { readonly daily: boolean; readonly folder: string | null };
  readonly storage: { readonly dataDir: string };
}

export function statisticsFolder({ statistics: { folder }, storage: { dataDir } }: StatisticsSettings): string {
  return folder ?? join(dataDir, 'statistics');
}
