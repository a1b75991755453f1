/** What there is at the moment of a scrape: one walk over the sessions. */
import type { Metrics } from '@polyplex/node';
import type { SmpServer } from '@polyplex/server-smp';

/** Answers what reads all of them at once. */
export function serverGauges(metrics: Metrics, server: SmpServer): () => void {
  const set = metrics.gauges({
    sessions: ['simplex_smp_clients_total', 'Sessions past their handshake'],
    subscriptions: ['simplex_smp_subscribtion_total', 'Live subscriptions'],
    subscribedSessions: ['simplex_smp_subscribtion_clients_total', 'Sessions with subscriptions'],
    recipientServices: ['simplex_smp_subscribtion_services_total', 'Recipient services that are subscribed: from version 19 on'],
    notifierSubscriptions: ['simplex_smp_subscription_ntf_total', 'Live subscriptions of notifiers'],
    notifierSessions: ['simplex_smp_subscription_ntf_clients_total', 'Sessions with subscriptions of notifiers'],
    notifierServices: ['simplex_smp_subscribtion_nts_services_total', 'Notifier services that are subscribed'],
    notifierServiceSubscriptions: ['simplex_smp_subscription_ntf_service_subs_total', 'Notifiers that services subscribed all at once'],
    unacknowledged: ['simplex_smp_delivered_total', 'Messages delivered and not acknowledged'],
    unacknowledgedSessions: ['simplex_smp_delivered_clients_total', 'Sessions with such messages'],
    connections: ['polyplex_smp_connections', 'Connections served'],
    relays: ['polyplex_smp_relays', 'Sessions with other relays'],
    outboxBytes: ['polyplex_smp_outbox_bytes', 'Bytes that wait for peers that do not read'],
    slowSessions: ['polyplex_smp_outbox_waiting_connections', 'Peers that do not read what waits for them'],
  });
  return () => set({ ...server.gauges(), recipientServices: 0 });
}
