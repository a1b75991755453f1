/** Statistics that outlive the process, where the operator wants them (SMP §9.2 `log_stats`). */
import { errorText, systemClock } from '@polyplex/base';
import { type DailyStatistics, NodeError, openDailyStatistics, statisticsFolder } from '@polyplex/node';
import type { Logger } from '@polyplex/telemetry';
import type { SmpConfig } from '../config/smp-config.ts';
import { smpStatistics, type StatisticsParts } from './smp-statistics.ts';

/** Null where they are off; rejects with `NodeError` STORAGE when their files cannot be read or written. */
export async function openStatistics(config: Pick<SmpConfig, 'statistics' | 'storage'>, parts: StatisticsParts, log: Logger): Promise<DailyStatistics | null> {
  if (!config.statistics.daily) return null;
  const folder = statisticsFolder(config);
  try {
    return await openDailyStatistics({ folder, name: 'smp', clock: systemClock, log, source: smpStatistics(parts) });
  } catch (error) {
    throw new NodeError('STORAGE', `the statistics in ${folder} cannot be read or written: ${errorText(error)} (statistics.folder)`, { cause: error });
  }
}
