/**
 * The exposition for Prometheus. Names of the reference (NTF §6.4) where the meaning is the same, `polyplex_` otherwise.
 * Counters run since the start; everything is read when scraped and nothing scans. Labels come from closed sets, but for the
 * names of the operator's own relays.
 */
import type { MetricsSource } from '@polyplex/nest';
import { addPlatformMetrics, Metrics, type PlatformSources } from '@polyplex/node';
import type { NtfServer, NtfStats, Pushing, RelaySide } from '@polyplex/server-ntf';
import type { TokenStore } from '@polyplex/store-contract';
import type { TlsListener } from '@polyplex/transport-tls';
import { addDeviceMetrics } from './metrics/device-metrics.ts';
import { addNotificationMetrics } from './metrics/notification-metrics.ts';
import { addPushMetrics } from './metrics/push-metrics.ts';
import { addRelayMetrics } from './metrics/relay-metrics.ts';
import { addStoreGauges } from './metrics/store-gauges.ts';

export interface MetricsSources extends Required<Pick<PlatformSources, 'readiness' | 'certificates' | 'startedAt'>> {
  readonly server: NtfServer;
  readonly stats: NtfStats;
  readonly relays: RelaySide;
  readonly pushing: Pushing;
  readonly store: TokenStore;
  readonly listener: TlsListener;
  readonly version: string;
}

export function nodeMetrics(sources: MetricsSources): MetricsSource {
  const { server, stats, store, listener, readiness, certificates, startedAt } = sources;
  const metrics = new Metrics(['simplex_ntf_info', 'Version of this push proxy'], sources.version);
  addDeviceMetrics(metrics, stats);
  addNotificationMetrics(metrics, stats);
  addRelayMetrics(metrics, sources.relays);
  addPushMetrics(metrics, sources.pushing);
  const readStore = addStoreGauges(metrics, store);
  metrics.gauge(['polyplex_ntf_connections', 'Connections of clients'], () => server.gauges().connections);
  metrics.gauge(['polyplex_ntf_sessions', 'Sessions of clients past their handshake'], () => server.gauges().sessions);
  metrics.gauge(['polyplex_ntf_outbox_bytes', 'Bytes that wait for clients that do not read'], () => server.gauges().outboxBytes);
  addPlatformMetrics(metrics, { listener, stores: { tokens: store }, readiness, certificates, startedAt });
  return {
    async text() {
      await readStore();
      return metrics.text();
    },
  };
}
