/** The daily statistics of a push proxy, under the reference's names (NTF §6.3). */
import type { StatisticsSource } from '@polyplex/node';
import { type NtfStats, referenceCounters } from '@polyplex/server-ntf';
import type { TokenStore } from '@polyplex/store-contract';

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

export function pushStatistics(stats: NtfStats, store: Pick<TokenStore, 'counts'>): StatisticsSource {
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
