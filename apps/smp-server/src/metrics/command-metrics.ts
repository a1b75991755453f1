/** Commands, how long they take, and how sessions begin and end. */
import type { Metrics } from '@polyplex/node';
import type { SmpStats } from '@polyplex/server-smp';

export function addCommandMetrics(metrics: Metrics, stats: SmpStats): void {
  metrics.family(['polyplex_smp_commands_total', 'Commands by name'], 'command', stats.commands);
  metrics.family(['polyplex_smp_errors_total', 'ERR answers by type'], 'type', stats.errors);
  metrics.counter(['polyplex_smp_internal_errors_total', 'Commands answered ERR INTERNAL'], () => stats.internalErrors.value);
  metrics.histogramFamily(['polyplex_smp_command_seconds', 'From the opened block to the answer in the outbox; forwarded commands from their box'], 'command', stats.commandSeconds);
  metrics.histogramFamily(['polyplex_smp_stage_seconds', 'Parts of that way: of a block decrypt, parse, encode (its answers) and encrypt, of a command lookup, authorize and store (its step)'], 'stage', stats.stageSeconds);
  metrics.family(['polyplex_smp_handshake_failures_total', 'SMP handshakes that failed'], 'reason', stats.handshakeFailures);
  metrics.family(['polyplex_smp_connections_closed_total', 'Connections closed'], 'reason', stats.closed);
}
