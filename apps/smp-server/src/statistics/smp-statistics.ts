/** What the relay has to tell of a day: 96 columns and the lines of the state file, by the reference's names (SMP §9.4, §9.6). */
import type { NumbersByName, StatisticsSource } from '@polyplex/node';
import { referenceCounters, type SmpStats } from '@polyplex/server-smp';
import type { QueueStore } from '@polyplex/store-contract';

const ROUTING = ['pRelays', 'pRelaysOwn', 'pMsgFwds', 'pMsgFwdsOwn'].flatMap((block) =>
  ['requests', 'successes', 'errorsConnect', 'errorsCompat', 'errorsOther'].map((name) => `${block}.${name}`),
);

const SERVICES = ['rcvServices', 'ntfServices'].flatMap((block) =>
  ['assocNew', 'assocDuplicate', 'assocUpdatedt', 'assocRemoved', 'subCount', 'subDuplicate', 'subQueues', 'subEnd'].map((name) => `${block}.${name}`),
);

const ofPeriods = (active: string): string[] => ['day', 'week', 'month'].map((period) => `${active}.${period}`);

/** Columns 2 to 96. */
const COLUMNS: readonly (string | 0)[] = [
  'qCreated', 'qSecured', 'qDeletedAll', 'msgSent', 'msgRecv',
  ...ofPeriods('activeQueues'),
  'msgSentNtf', 'msgRecvNtf',
  ...ofPeriods('activeQueuesNtf'),
  'qCount', 'msgCount', 'msgExpired', 'qDeletedNew', 'qDeletedSecured',
  ...ROUTING,
  'pMsgFwdsRecv', 'qSub', 'qSubAuth', 'qSubDuplicate', 'qSubProhibited', 'msgSentAuth', 'msgSentQuota', 'msgSentLarge',
  'msgNtfs', 'msgNtfNoSub', 'msgNtfLost', 0, 'msgRecvGet', 'msgGet', 'msgGetNoMsg', 'msgGetAuth', 'msgGetDuplicate', 'msgGetProhibited',
  0, 0, 0, 'qCount', 'ntfCreated', 'ntfDeleted', 'ntfSub', 'ntfSubAuth', 'ntfSubDuplicate', 'notifierCount',
  'qDeletedAllB', 'qSubAllB', 'qSubEnd', 'qSubEndB', 'ntfDeletedB', 'ntfSubB', 'msgNtfsB', 'msgNtfExpired', 'ntfCount',
  'rcvServiceCount', 'ntfServiceCount', 'rcvServiceQueuesCount', 'ntfServiceQueuesCount',
  ...SERVICES,
];

/** The lines after the first, in the reference's order: its file can be read here, and ours there. */
const LINES = [
  'qCreated', 'qSecured', 'qDeletedAll', 'qDeletedNew', 'qDeletedSecured', 'qDeletedAllB', 'qBlocked', 'qCount', 'qSub', 'qSubAllB', 'qSubAuth',
  'qSubDuplicate', 'qSubProhibited', 'qSubEnd', 'qSubEndB', 'ntfCreated', 'ntfNewCreated', 'ntfDeleted', 'ntfDeletedB', 'ntfSub', 'ntfSubB',
  'ntfSubAuth', 'ntfSubDuplicate', 'msgSent', 'msgSentAuth', 'msgSentQuota', 'msgSentLarge', 'msgSentBlock', 'msgRecv', 'msgRecvGet', 'msgGet',
  'msgGetNoMsg', 'msgGetAuth', 'msgGetDuplicate', 'msgGetProhibited', 'msgExpired', 'msgSentNtf', 'msgRecvNtf', 'msgNtfs', 'msgNtfsB',
  'msgNtfNoSub', 'msgNtfLost', 'msgNtfExpired',
  ...['activeQueues', 'activeQueuesNtf'].flatMap((block) => ['dayHashes', 'weekHashes', 'monthHashes'].map((name) => `${block}.${name}`)),
  ...ROUTING, 'pMsgFwdsRecv', ...SERVICES,
];

export interface StatisticsParts {
  readonly server: { readonly stats: SmpStats };
  readonly store: Pick<QueueStore, 'counts'>;
}

/** Counts of the store by the names that the columns have for them. Rejects when the store does not answer. */
async function storeNumbers(store: StatisticsParts['store']): Promise<NumbersByName> {
  const counts = await store.counts();
  return {
    qCount: counts.queues,
    msgCount: counts.messages,
    ntfCount: counts.notifications,
    notifierCount: counts.notifiers,
    rcvServiceCount: counts.recipientServices,
    ntfServiceCount: counts.notifierServices,
    rcvServiceQueuesCount: counts.recipientServiceQueues,
    ntfServiceQueuesCount: counts.notifierServiceQueues,
  };
}

export function smpStatistics({ server: { stats }, store }: StatisticsParts): StatisticsSource {
  return {
    counters: () => referenceCounters(stats),
    gauges: () => storeNumbers(store),
    active: { activeQueues: stats.activeQueues, activeQueuesNtf: stats.activeQueuesNotifying },
    lasting: SERVICES,
    columns: COLUMNS,
    lines: LINES,
  };
}
