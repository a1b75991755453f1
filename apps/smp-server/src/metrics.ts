/**
 * The exposition for Prometheus. Names of the reference (SMP §9.7) where the meaning is the same, `polyplex_` otherwise.
 * Counters run since the start; everything is read when scraped and nothing scans. Labels come from closed sets.
 */
import type { MetricsSource } from '@polyplex/nest';
import { addPlatformMetrics, Metrics, type PlatformSources } from '@polyplex/node';
import type { SmpServer } from '@polyplex/server-smp';
import type { QueueStore } from '@polyplex/store-contract';
import type { RedisQueueStore } from '@polyplex/store-redis';
import type { TlsListener } from '@polyplex/transport-tls';
import { addCommandMetrics } from './metrics/command-metrics.ts';
import { addDeliveryMetrics, addMessageMetrics } from './metrics/message-metrics.ts';
import { addNetworkMetrics } from './metrics/network-metrics.ts';
import { addNotificationMetrics, addNotifierMetrics, addServiceMetrics } from './metrics/notifier-metrics.ts';
import { addQueueMetrics, addSubscriptionMetrics } from './metrics/queue-metrics.ts';
import { addRoutingMetrics } from './metrics/routing-metrics.ts';
import { serverGauges } from './metrics/server-gauges.ts';
import { storeGauges } from './metrics/store-gauges.ts';

export interface MetricsSources extends Required<Pick<PlatformSources, 'readiness' | 'certificates' | 'startedAt'>> {
  readonly server: SmpServer;
  readonly store: QueueStore;
  /** Null for a node that is alone. */
  readonly network: RedisQueueStore | null;
  readonly listener: TlsListener;
  readonly version: string;
}

export function nodeMetrics(sources: MetricsSources): MetricsSource {
  const metrics = new Metrics(['simplex_smp_info', 'Version of this relay'], sources.version);
  const { server, network } = sources;
  const { stats } = server;
  addCommandMetrics(metrics, stats);
  addQueueMetrics(metrics, stats);
  addSubscriptionMetrics(metrics, stats);
  addMessageMetrics(metrics, stats);
  addDeliveryMetrics(metrics, server);
  addNotifierMetrics(metrics, stats);
  addNotificationMetrics(metrics, stats, network === null);
  addServiceMetrics(metrics, stats);
  addRoutingMetrics(metrics, stats);
  addPlatformMetrics(metrics, { ...sources, stores: { queues: sources.store }, referenceSockets: 'simplex_smp_sockets' });
  if (network !== null) addNetworkMetrics(metrics, network);
  const readServer = serverGauges(metrics, server);
  const readStore = storeGauges(metrics, sources.store);
  return {
    async text() {
      readServer();
      await readStore();
      return metrics.text();
    },
  };
}
