/** Devices and their subscriptions as clients make them (NTF §6.4), and what the sessions of clients do. */
import type { Metrics } from '@polyplex/node';
import type { NtfStats } from '@polyplex/server-ntf';

export function addDeviceMetrics(metrics: Metrics, stats: NtfStats): void {
  metrics.counter(['simplex_ntf_tokens_created', 'Devices registered'], () => stats.tokensCreated.value);
  metrics.counter(['simplex_ntf_tokens_verified', 'Devices verified'], () => stats.tokensVerified.value);
  metrics.counter(['simplex_ntf_tokens_deleted', 'Devices deleted'], () => stats.tokensDeleted.value);
  metrics.counter(['simplex_ntf_tokens_replaced', 'Device tokens replaced by others'], () => stats.tokensReplaced.value);
  metrics.counter(['simplex_ntf_subscriptions_created', 'Queues watched anew'], () => stats.subscriptionsCreated.value);
  metrics.counter(['simplex_ntf_subscriptions_deleted', 'Queues no longer watched'], () => stats.subscriptionsDeleted.value);
  metrics.gauge(['simplex_ntf_tokens_count_daily', 'Different devices that a message push was tried for today, UTC; an estimate'], () => stats.activeTokens.day);
  metrics.gauge(['simplex_ntf_tokens_count_weekly', 'The same since Monday'], () => stats.activeTokens.week);
  metrics.gauge(['simplex_ntf_tokens_count_monthly', 'The same this month'], () => stats.activeTokens.month);
  metrics.gauge(['simplex_ntf_subscriptions_count_daily', 'Different queues that a notification came for today, UTC; an estimate'], () => stats.activeSubscriptions.day);
  metrics.gauge(['simplex_ntf_subscriptions_count_weekly', 'The same since Monday'], () => stats.activeSubscriptions.week);
  metrics.gauge(['simplex_ntf_subscriptions_count_monthly', 'The same this month'], () => stats.activeSubscriptions.month);
  addSessions(metrics, stats);
}

function addSessions(metrics: Metrics, stats: NtfStats): void {
  metrics.family(['polyplex_ntf_commands_total', 'Commands by name'], 'command', stats.commands);
  metrics.family(['polyplex_ntf_errors_total', 'ERR answers by type'], 'type', stats.errors);
  metrics.family(['polyplex_ntf_registrations_refused_total', 'TNEW and TRPL refused'], 'reason', stats.tokenRefusals);
  metrics.family(['polyplex_ntf_handshake_failures_total', 'NTF handshakes that failed'], 'reason', stats.handshakeFailures);
  metrics.family(['polyplex_ntf_connections_closed_total', 'Connections closed'], 'reason', stats.closed);
  metrics.histogramFamily(['polyplex_ntf_command_seconds', 'From a command\'s block to its answer'], 'command', stats.commandSeconds);
  metrics.counter(['polyplex_ntf_internal_errors_total', 'Commands answered ERR INTERNAL by a fault of the program'], () => stats.internalErrors.value);
}
