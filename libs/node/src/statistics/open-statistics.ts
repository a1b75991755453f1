/**
 * What operators ask a server for (SMP §9.5 `stats`, `save`), and what outlives its process where they want that (SMP §9.2
 * `log_stats`, XFTP §7.2, NTF §6.3).
 */
import { errorText } from '@polyplex/base';
import { statisticsFolder, type StatisticsSettings } from '../config/statistics-section.ts';
import { NodeError } from '../node-error.ts';
import { type DailyStatistics, type DailyStatisticsOptions, type NumbersByName, openDailyStatistics, type StatisticsSource } from './daily-statistics.ts';

export interface Statistics {
  /** All of it by name; of the present day where statistics are kept, else since the start. */
  readonly stats: () => Promise<NumbersByName>;
  readonly save: () => Promise<void>;
  close(): Promise<void>;
}

export interface StatisticsOptions extends Omit<DailyStatisticsOptions, 'folder'> {
  readonly config: StatisticsSettings;
}

/** Goes on where the process before ended, where they are kept. Rejects with `NodeError` STORAGE when that cannot be. */
export async function openStatistics({ config, ...options }: StatisticsOptions): Promise<Statistics> {
  const { source } = options;
  const days = config.statistics.daily ? await openDays({ folder: statisticsFolder(config), ...options }) : null;
  return {
    // What the store does not answer is said elsewhere.
    stats: async () => ({ ...(days ?? source).counters(), ...inUse(source), ...(await source.gauges().catch(() => ({}))) }),
    save: async () => days?.save(),
    close: async () => days?.close(),
  };
}

async function openDays(options: DailyStatisticsOptions): Promise<DailyStatistics> {
  try {
    return await openDailyStatistics(options);
  } catch (error) {
    throw new NodeError('STORAGE', `statistics cannot be kept in ${options.folder}: ${errorText(error)} (statistics.folder)`, { cause: error });
  }
}

function inUse({ active }: StatisticsSource): NumbersByName {
  return Object.fromEntries(Object.entries(active).flatMap(([name, { day, week, month }]) => [[`${name}.day`, day], [`${name}.week`, week], [`${name}.month`, month]]));
}
