/** What every server counts, whatever it serves. */
import type { Counter, CounterFamily } from '@polyplex/telemetry';
import type { Counters } from './reading.ts';

export interface CountingServer {
  readonly stats: Readonly<Record<'handshakeFailures' | 'commands' | 'errors', CounterFamily>> & { readonly internalErrors: Counter };
}

export interface CountingListener {
  readonly rejected: CounterFamily;
  readonly ports: readonly { readonly accepted: number }[];
}

export function commonCounters({ stats }: CountingServer, { rejected, ports }: CountingListener): Counters {
  return {
    socketsAccepted: ports.reduce((sum, { accepted }) => sum + accepted, 0),
    socketsRejected: rejected.total,
    handshakeFailures: stats.handshakeFailures.total,
    commands: stats.commands.total,
    errors: stats.errors.total,
    internalErrors: stats.internalErrors.value,
    storeErrors: stats.errors.get('STORE'),
    quotaRefusals: stats.errors.get('QUOTA'),
  };
}
