/** The daily statistics of a push proxy, under the reference's names (NTF §6.3). */
import { type Clock, errorText } from '@polyplex/base';
import {
  type DailyStatistics, type DailyStatisticsOptions, NodeError, type NumbersByName, openDailyStatistics, statisticsFolder, type StatisticsSettings, type StatisticsSource,
} from '@polyplex/node';
import { type NtfStats, referenceCounters } from '@polyplex/server-ntf';
import type { TokenStore } from '@polyplex/store-contract';
import type { Logger } from '@polyplex/telemetry';
import type { NtfConfig } from './config/ntf-config.ts';

const ofPeriods = (active: string): string[] => ['day', 'week', 'month'].map((period) => `${active}.${period}`);
const hashesOf = (active: string): string[] => ['dayHashes', 'weekHashes', 'monthHashes'].map((name) => `${active}.${name}`);

/** Columns 2 to 22 of the reference's CSV. */
const COLUMNS = [
  'tknCreated', 'tknVerified', 'tknDeleted', 'subCreated', 'subDeleted', 'ntfReceived', 'ntfDelivered', ...ofPeriods('activeTokens'), ...ofPeriods('activeSubs'),
  'tknReplaced', 'ntfFailed', 'ntfCronDelivered', 'ntfCronFailed', 'ntfVrfQueued', 'ntfVrfDelivered', 'ntfVrfFailed', 'ntfVrfInvalidTkn',
];

/** In the order of the reference's file; whose lists of hashes are of no use to anybody else. */
const LINES = [
  'tknCreated', 'tknVerified', 'tknDeleted', 'tknReplaced', 'subCreated', 'subDeleted', 'ntfReceived', 'ntfReceivedAuth', 'ntfDelivered', 'ntfFailed',
  'ntfCronDelivered', 'ntfCronFailed', 'ntfVrfQueued', 'ntfVrfDelivered', 'ntfVrfFailed', 'ntfVrfInvalidTkn', ...hashesOf('activeTokens'), ...hashesOf('activeSubs'),
];

function pushStatistics({ stats, store }: Parts): StatisticsSource {
  return {
    counters: () => referenceCounters(stats),
    async gauges() {
      const { tokens, subscriptions } = await store.counts();
      return { tknCount: tokens, subCount: subscriptions };
    },
    active: { activeTokens: stats.activeTokens, activeSubs: stats.activeSubscriptions },
    // As in the reference, which never sets it to 0.
    lasting: ['ntfReceivedAuth'],
    columns: COLUMNS,
    lines: LINES,
  };
}

export interface Statistics {
  /** All of it by name; of the present day where statistics are kept, else since the start. */
  readonly stats: () => Promise<NumbersByName>;
  readonly save: () => Promise<void>;
  close(): Promise<void>;
}

interface Parts {
  readonly stats: NtfStats;
  readonly store: Pick<TokenStore, 'counts'>;
}

/** Goes on where the process before ended, where they are kept. Rejects with `NodeError` STORAGE when that cannot be. */
export async function openStatistics(
  config: StatisticsSettings & Pick<NtfConfig, 'statistics'>, parts: Parts, { clock, log }: { readonly clock: Clock; readonly log: Logger },
): Promise<Statistics> {
  const source = pushStatistics(parts);
  const days = config.statistics.daily ? await openDays(statisticsFolder(config), { source, clock, log }) : null;
  return {
    // What the store does not answer is said elsewhere.
    stats: async () => ({ ...(days ?? source).counters(), ...(await source.gauges().catch(() => ({}))), ...inUse(source) }),
    save: async () => days?.save(),
    close: async () => days?.close(),
  };
}

async function openDays(folder: string, options: Omit<DailyStatisticsOptions, 'folder' | 'name'>): Promise<DailyStatistics> {
  try {
    return await openDailyStatistics({ folder, name: 'ntf', ...options });
  } catch (error) {
    throw new NodeError('STORAGE', `statistics cannot be kept in ${folder}: ${errorText(error)} (statistics.folder)`, { cause: error });
  }
}

function inUse({ active }: StatisticsSource): NumbersByName {
  return Object.fromEntries(Object.entries(active).flatMap(([name, { day, week, month }]) => [[`${name}.day`, day], [`${name}.week`, week], [`${name}.month`, month]]));
}
