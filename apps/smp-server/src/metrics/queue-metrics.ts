/** Queues and subscriptions (SMP §9.7). `subscribtion` is spelled so by the reference. */
import type { Metrics } from '@polyplex/node';
import type { SmpStats } from '@polyplex/server-smp';

export function addQueueMetrics(metrics: Metrics, stats: SmpStats): void {
  metrics.counter(['simplex_smp_queues_created', 'Queues created'], () => stats.queuesCreated.value);
  metrics.counter(['simplex_smp_queues_secured', 'Queues that got a sender key'], () => stats.queuesSecured.value);
  metrics.counter(['simplex_smp_queues_blocked', 'Queues blocked by the operator'], () => stats.queuesBlocked.value);
  metrics.counterSeries(['simplex_smp_queues_deleted', 'Queues deleted: all of them, without a sender key, with one'], {
    labels: ['type'],
    read: () => [
      [{ type: 'all' }, stats.queuesDeleted.value],
      [{ type: 'new' }, stats.queuesDeletedNew.value],
      [{ type: 'secured' }, stats.queuesDeletedSecured.value],
    ],
  });
  metrics.counter(['simplex_smp_queues_deleted_batch', 'Blocks that began with DEL'], () => stats.queuesDeletedBatches.value);
  metrics.gauge(['simplex_smp_queues_daily', 'Queues used today, by UTC; within 2 percent'], () => stats.activeQueues.day);
  metrics.gauge(['simplex_smp_queues_weekly', 'Queues used since Monday'], () => stats.activeQueues.week);
  metrics.gauge(['simplex_smp_queues_monthly', 'Queues used this month'], () => stats.activeQueues.month);
  metrics.family(['polyplex_smp_new_queue_refusals_total', 'Why NEW was refused'], 'reason', stats.newQueueRefusals);
}

export function addSubscriptionMetrics(metrics: Metrics, stats: SmpStats): void {
  metrics.counter(['simplex_smp_subscribtion_successes', 'SUBs that found a message'], () => stats.subscribedWithMessage.value);
  metrics.counter(['simplex_smp_subscribtion_successes_batch', 'Blocks that began with SUB'], () => stats.subscribeBatches.value);
  metrics.counter(['simplex_smp_subscribtion_end', 'ENDs sent'], () => stats.endsSent.value);
  metrics.counter(['simplex_smp_subscribtion_end_batch', 'Turns in which a session was told END'], () => stats.endBatches.value);
  metrics.family(['simplex_smp_subscribtion_errors', 'SUBs refused, and those repeated on one connection'], 'type', stats.subscribeErrors);
  metrics.counter(['polyplex_smp_subscriptions_ended_total', 'Subscriptions lost to another connection or to deletion'], () => stats.subscriptionsEnded.value);
}
