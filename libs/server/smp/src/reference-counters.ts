/**
 * The counters by the names that the reference's statistics have for them (SMP §9.4, §9.6); those of a block of its file
 * are `block.name`.
 */
import type { RoutingCounts } from './routing-counts.ts';
import type { ServiceStats, SmpStats } from './stats.ts';

export type ReferenceCounters = Readonly<Record<string, number>>;

/** Since the start of the relay. */
export function referenceCounters(stats: SmpStats): ReferenceCounters {
  return {
    ...queueCounters(stats),
    ...messageCounters(stats),
    ...notifierCounters(stats),
    ...routing('pRelays', stats.relaySessions),
    ...routing('pMsgFwds', stats.forwards),
    pMsgFwdsRecv: stats.forwardsReceived.value,
    ...services('rcvServices', stats.recipientServices),
    ...services('ntfServices', stats.notifierServices),
  };
}

function queueCounters(stats: SmpStats): ReferenceCounters {
  const { subscribeErrors } = stats;
  return {
    qCreated: stats.queuesCreated.value,
    qSecured: stats.queuesSecured.value,
    qDeletedAll: stats.queuesDeleted.value,
    qDeletedNew: stats.queuesDeletedNew.value,
    qDeletedSecured: stats.queuesDeletedSecured.value,
    qDeletedAllB: stats.queuesDeletedBatches.value,
    qBlocked: stats.queuesBlocked.value,
    qSub: stats.subscribedWithMessage.value,
    qSubAllB: stats.subscribeBatches.value,
    qSubAuth: subscribeErrors.get('auth'),
    qSubDuplicate: subscribeErrors.get('duplicate'),
    qSubProhibited: subscribeErrors.get('prohibited'),
    qSubEnd: stats.endsSent.value,
    qSubEndB: stats.endBatches.value,
  };
}

function messageCounters({ sendErrors, getErrors, ...stats }: SmpStats): ReferenceCounters {
  return {
    msgSent: stats.messagesSent.value,
    msgSentAuth: sendErrors.get('auth'),
    msgSentQuota: sendErrors.get('quota'),
    msgSentLarge: sendErrors.get('large'),
    msgSentBlock: sendErrors.get('block'),
    msgRecv: stats.messagesReceived.value,
    msgRecvGet: stats.getReceived.value,
    msgGet: stats.getMessages.value,
    msgGetNoMsg: getErrors.get('nomsg'),
    msgGetAuth: getErrors.get('auth'),
    msgGetDuplicate: getErrors.get('duplicate'),
    msgGetProhibited: getErrors.get('prohibited'),
    msgExpired: stats.messagesExpired.value,
    msgSentNtf: stats.messagesSentNotifying.value,
    msgRecvNtf: stats.messagesReceivedNotifying.value,
  };
}

function notifierCounters({ notifierSubscribeErrors, ...stats }: SmpStats): ReferenceCounters {
  return {
    ntfCreated: stats.notifiersCreated.value,
    ntfNewCreated: stats.notifiersCreatedWithQueue.value,
    ntfDeleted: stats.notifiersDeleted.value,
    ntfDeletedB: stats.notifiersDeletedBatches.value,
    ntfSub: stats.notifierSubscriptions.value,
    ntfSubB: stats.notifierSubscribeBatches.value,
    ntfSubAuth: notifierSubscribeErrors.get('auth'),
    ntfSubDuplicate: notifierSubscribeErrors.get('duplicate'),
    msgNtfs: stats.notificationsSent.value,
    msgNtfsB: stats.notificationBatches.value,
    msgNtfNoSub: stats.notificationsUnheard.value,
    msgNtfLost: stats.notificationsLost.value,
    msgNtfExpired: stats.notificationsExpired.value,
  };
}

function routing(name: string, counts: RoutingCounts): ReferenceCounters {
  const entries = ([['', counts.all], ['Own', counts.own]] as const).flatMap(([suffix, family]) => [
    [`${name}${suffix}.requests`, family.get('requested')],
    [`${name}${suffix}.successes`, family.get('succeeded')],
    [`${name}${suffix}.errorsConnect`, family.get('connect')],
    [`${name}${suffix}.errorsCompat`, family.get('compat')],
    [`${name}${suffix}.errorsOther`, family.get('other')],
  ] as const);
  return Object.fromEntries(entries);
}

function services(name: string, stats: ServiceStats): ReferenceCounters {
  return {
    [`${name}.assocNew`]: stats.assocNew.value,
    [`${name}.assocDuplicate`]: stats.assocDuplicate.value,
    // Spelled so in the reference's file.
    [`${name}.assocUpdatedt`]: stats.assocUpdated.value,
    [`${name}.assocRemoved`]: stats.assocRemoved.value,
    [`${name}.subCount`]: stats.subCount.value,
    [`${name}.subDuplicate`]: stats.subDuplicate.value,
    [`${name}.subQueues`]: stats.subQueues.value,
    [`${name}.subEnd`]: stats.subEnd.value,
  };
}
