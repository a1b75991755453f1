/** What is stored. */
import { SECOND } from '@polyplex/base';
import { type Labels, type Metrics, orNull } from '@polyplex/node';
import type { TokenCounts, TokenStore } from '@polyplex/store-contract';

const NOTHING: TokenCounts = { tokens: NaN, subscriptions: NaN, notifications: NaN, due: NaN, oldestDue: null, tokensByStatus: {}, subscriptionsByStatus: {} };

/** A store that does not answer, or not soon, leaves its last counts and says so; the rest of the scrape is still served. */
export function addStoreGauges(metrics: Metrics, store: Pick<TokenStore, 'counts'>): () => Promise<void> {
  let counts = NOTHING;
  let isThere = false;
  metrics.gauge(['simplex_ntf_tokens_total', 'Devices registered, of whatever status'], () => counts.tokens);
  metrics.gauge(['simplex_ntf_subscriptions_approx_total', 'Queues watched, of whatever status'], () => counts.subscriptions);
  metrics.gauge(['simplex_ntf_notifications_total', 'Last notifications kept, up to six for each device'], () => counts.notifications);
  metrics.gauge(['polyplex_ntf_due_tokens', 'Devices with something due or under way'], () => counts.due);
  metrics.gauge(['polyplex_ntf_oldest_due_seconds', 'For how long the oldest has been due that no node works on'], () => (
    counts.oldestDue === null ? (Number.isNaN(counts.due) ? NaN : 0) : Math.max(0, Date.now() - counts.oldestDue) / SECOND
  ));
  metrics.gaugeSeries(['polyplex_ntf_tokens', 'Devices by status'], { labels: ['status'], read: () => byStatus(counts.tokensByStatus) });
  metrics.gaugeSeries(['polyplex_ntf_subscriptions', 'Queues watched by status'], { labels: ['status'], read: () => byStatus(counts.subscriptionsByStatus) });
  metrics.gauge(['polyplex_store_available', '1 when the store of devices answered this scrape'], () => Number(isThere));
  return async () => {
    const present = await orNull(store.counts());
    isThere = present !== null;
    counts = present ?? counts;
  };
}

function byStatus(counts: Readonly<Record<string, number | undefined>>): [Labels, number][] {
  return Object.entries(counts).map(([status, value]) => [{ status }, value ?? 0]);
}
