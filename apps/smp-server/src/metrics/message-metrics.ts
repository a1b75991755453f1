/** Messages, and how long they wait for their ACK (SMP §9.7). */
import type { Metrics } from '@polyplex/node';
import { ACKNOWLEDGE_PERIODS, type SmpServer, type SmpStats } from '@polyplex/server-smp';

export function addMessageMetrics(metrics: Metrics, stats: SmpStats): void {
  metrics.counter(['simplex_smp_messages_sent', 'Messages accepted from senders'], () => stats.messagesSent.value);
  metrics.family(['simplex_smp_messages_sent_errors', 'SENDs refused'], 'type', stats.sendErrors);
  metrics.counter(['polyplex_smp_messages_delivered_total', 'Messages sent to recipients, repeated ones included'], () => stats.messagesDelivered.value);
  metrics.counter(['simplex_smp_messages_received', 'Messages acknowledged by recipients'], () => stats.messagesReceived.value);
  metrics.counter(['simplex_smp_messages_expired', 'Messages deleted by age'], () => stats.messagesExpired.value);
  metrics.counter(['simplex_smp_messages_notify_sent', 'Messages accepted that ask for a notification'], () => stats.messagesSentNotifying.value);
  metrics.counter(['simplex_smp_messages_notify_received', 'Messages acknowledged that asked for a notification'], () => stats.messagesReceivedNotifying.value);
  metrics.counter(['simplex_smp_messages_notify_get_sent', 'GETs answered with a message'], () => stats.getMessages.value);
  metrics.counter(['simplex_smp_messages_notify_get_received', 'Messages acknowledged after GET'], () => stats.getReceived.value);
  metrics.family(['simplex_smp_messages_notify_get_errors', 'GETs without a message, refused, or repeated before the ACK'], 'type', stats.getErrors);
}

export function addDeliveryMetrics(metrics: Metrics, server: SmpServer): void {
  const { acknowledgeSeconds } = server.stats;
  metrics.histogram(['simplex_smp_delivery_ack_confirmed_time', 'Seconds from delivery to acknowledgement'], acknowledgeSeconds);
  metrics.counterSeries(['simplex_smp_delivery_ack_confirmed_count', 'Messages acknowledged, by seconds since their delivery'], {
    labels: ['period'], read: () => confirmed(acknowledgeSeconds),
  });
  metrics.gaugeSeries(['simplex_smp_delivery_ack_pending_count', 'Messages delivered and not acknowledged, by seconds since'], {
    labels: ['period'], read: () => Object.entries(server.waitingDeliveries().byPeriod).map(([period, count]) => [{ period }, count] as const),
  });
  metrics.gauge(['simplex_smp_delivery_ack_time_max', 'Seconds since the oldest delivery that is not acknowledged'], () => server.waitingDeliveries().longestSeconds);
}

/** The bounds of the histogram divide those of the periods. */
function confirmed({ bounds, counts }: SmpStats['acknowledgeSeconds']): (readonly [{ period: string }, number])[] {
  let from = 0;
  return Object.entries(ACKNOWLEDGE_PERIODS).map(([period, most]) => {
    const end = most === Infinity ? counts.length : bounds.indexOf(most) + 1;
    const count = counts.subarray(from, end).reduce((sum, each) => sum + each, 0);
    from = end;
    return [{ period }, count] as const;
  });
}
