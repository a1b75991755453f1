/** Private routing, for all relays and for those of the same operator (SMP §7, §9.7). */
import type { Labels, Metrics } from '@polyplex/node';
import { ROUTING_ERRORS, type RoutingCounts, type SmpStats } from '@polyplex/server-smp';

export function addRoutingMetrics(metrics: Metrics, stats: SmpStats): void {
  addRouting(metrics, ['simplex_smp_relay_sessions', 'Sessions with other relays that clients asked for'], stats.relaySessions);
  addRouting(metrics, ['simplex_smp_relay_messages', 'Commands to forward'], stats.forwards);
  metrics.counter(['simplex_smp_relay_messages_received', 'Forwarded commands from other relays'], () => stats.forwardsReceived.value);
  metrics.counter(['polyplex_smp_relay_sessions_failed_total', 'Sessions with other relays that failed'], () => failed(stats.relaySessions));
  metrics.counter(['polyplex_smp_relay_messages_failed_total', 'Commands not forwarded'], () => failed(stats.forwards));
}

const SOURCES = ['all', 'own'] as const;

function addRouting(metrics: Metrics, [name, help]: readonly [string, string], counts: RoutingCounts): void {
  const bySource = (event: 'requested' | 'succeeded') => ({
    labels: ['source'], read: () => SOURCES.map((source): readonly [Labels, number] => [{ source }, counts[source].get(event)]),
  });
  metrics.counterSeries([`${name}_requests`, help], bySource('requested'));
  metrics.counterSeries([`${name}_successes`, `${help}, and that were answered`], bySource('succeeded'));
  metrics.counterSeries([`${name}_errors`, `${help}, and that failed: not reached, of another version, otherwise`], {
    labels: ['source', 'type'],
    read: () => SOURCES.flatMap((source) => ROUTING_ERRORS.map((type): readonly [Labels, number] => [{ source, type }, counts[source].get(type)])),
  });
}

function failed(counts: RoutingCounts): number {
  return ROUTING_ERRORS.reduce((sum, type) => sum + counts.get(type), 0);
}
