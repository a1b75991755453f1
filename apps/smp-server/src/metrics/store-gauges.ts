/** What is stored. */
import { type Metrics, orNull } from '@polyplex/node';
import type { QueueStore } from '@polyplex/store-contract';

/** A store that does not answer leaves its last counts and says so; the rest of the scrape is still served. */
export function storeGauges(metrics: Metrics, store: QueueStore): () => Promise<void> {
  const set = metrics.gauges({
    queues: ['simplex_smp_queues_total2', 'Queues stored'],
    counted: ['simplex_smp_queues_total1', 'The same: the store counts as it goes'],
    securedQueues: ['polyplex_smp_queues_secured', 'Queues with a sender key'],
    messages: ['simplex_smp_messages_total', 'Messages stored'],
    notifiers: ['simplex_smp_queues_notify_total2', 'Notifiers stored'],
    notifications: ['simplex_smp_queues_notify_total1', 'Notifications pending'],
    recipientServices: ['simplex_smp_rcv_services_count', 'Recipient services'],
    recipientServiceQueues: ['simplex_smp_rcv_services_queues_count', 'Queues of recipient services'],
    notifierServices: ['simplex_smp_ntf_services_count', 'Notifier services'],
    notifierServiceQueues: ['simplex_smp_ntf_services_queues_count', 'Queues of notifier services'],
    proxyServices: ['polyplex_smp_proxy_services', 'Services in the role of a proxy'],
  });
  const own = metrics.gauges({
    available: ['polyplex_store_available', '1 when the store answered this scrape'],
    room: ['polyplex_store_room_bytes', 'Room left before writes are refused; NaN where unknown'],
  });
  return async () => {
    // Whoever scrapes would have given up before a store that is away does.
    const answer = await orNull(Promise.all([store.counts(), store.room()]));
    if (answer === null) return own({ available: 0, room: NaN });
    const [counts, room] = answer;
    set({ ...counts, counted: counts.queues });
    own({ available: 1, room: room ?? NaN });
  };
}
