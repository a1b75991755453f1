/** Notifiers, notifications and client services (SMP §9.7). */
import type { Metrics } from '@polyplex/node';
import type { ServiceStats, SmpStats } from '@polyplex/server-smp';

export function addNotifierMetrics(metrics: Metrics, stats: SmpStats): void {
  metrics.counter(['simplex_smp_queues_notify_created', 'Notifiers made by NKEY'], () => stats.notifiersCreated.value);
  metrics.counter(['simplex_smp_queues_notify_new_created', 'Notifiers made with their queue'], () => stats.notifiersCreatedWithQueue.value);
  metrics.counter(['simplex_smp_queues_notify_deleted', 'Notifiers deleted by NDEL'], () => stats.notifiersDeleted.value);
  metrics.counter(['simplex_smp_queues_notify_deleted_batch', 'Blocks that began with NDEL'], () => stats.notifiersDeletedBatches.value);
  metrics.gauge(['simplex_smp_queues_notify_daily', 'Queues used today for messages that ask for a notification; within 2 percent'], () => stats.activeQueuesNotifying.day);
  metrics.gauge(['simplex_smp_queues_notify_weekly', 'The same since Monday'], () => stats.activeQueuesNotifying.week);
  metrics.gauge(['simplex_smp_queues_notify_monthly', 'The same this month'], () => stats.activeQueuesNotifying.month);
  metrics.counter(['simplex_smp_subscription_ntf_requests', 'NSUBs'], () => stats.notifierSubscriptions.value);
  metrics.counter(['simplex_smp_subscription_ntf_requests_batch', 'Blocks that began with NSUB'], () => stats.notifierSubscribeBatches.value);
  metrics.family(['simplex_smp_subscribtion_ntf_errors', 'NSUBs refused, and those repeated on one connection'], 'type', stats.notifierSubscribeErrors);
}

/** `alone`: whether this node knows that nobody was subscribed. */
export function addNotificationMetrics(metrics: Metrics, stats: SmpStats, alone: boolean): void {
  metrics.counter(['simplex_smp_messages_ntf_successes', 'Notifications sent'], () => stats.notificationsSent.value);
  metrics.counter(['simplex_smp_messages_ntf_successes_batch', 'Times that notifications were sent to a session'], () => stats.notificationBatches.value);
  metrics.counterSeries(['simplex_smp_messages_ntf_errors', 'Notifications without a subscriber (not known to one node of several), lost with its connection, or expired'], {
    labels: ['type'],
    read: () => [
      ...(alone ? [[{ type: 'nosub' }, stats.notificationsUnheard.value] as const] : []),
      [{ type: 'lost' }, stats.notificationsLost.value],
      [{ type: 'expired' }, stats.notificationsExpired.value],
    ],
  });
}

/** Recipient services subscribe from version 19 of the protocol on: until then theirs stay 0. */
export function addServiceMetrics(metrics: Metrics, stats: SmpStats): void {
  addService(metrics, 'rcv', stats.recipientServices);
  addService(metrics, 'ntf', stats.notifierServices);
}

function addService(metrics: Metrics, kind: 'rcv' | 'ntf', stats: ServiceStats): void {
  const of = (name: string): string => `simplex_smp_${kind}_services_${name}`;
  metrics.counter([of('assoc_new'), 'Queues that a service took on'], () => stats.assocNew.value);
  metrics.counter([of('assoc_duplicate'), 'Queues that a service subscribed and had'], () => stats.assocDuplicate.value);
  metrics.counter([of('assoc_updated'), 'Queues that a service took over from another one'], () => stats.assocUpdated.value);
  metrics.counter([of('assoc_removed'), 'Queues subscribed without the service that had them'], () => stats.assocRemoved.value);
  metrics.counter([of('sub_count'), 'Subscriptions of services'], () => stats.subCount.value);
  metrics.counter([of('sub_duplicate'), 'Subscriptions of services repeated on one connection'], () => stats.subDuplicate.value);
  metrics.gauge([of('sub_queues'), 'Queues of all those subscriptions'], () => stats.subQueues.value);
  metrics.gauge([of('sub_end'), 'Subscriptions of services that another session ended'], () => stats.subEnd.value);
}
