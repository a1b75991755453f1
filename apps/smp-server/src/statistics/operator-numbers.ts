/** What operators ask a running relay for: its statistics, and how its clients are spread (SMP §9.5 `stats`, `clients`, `save`). */
import type { AdminAppOptions } from '@polyplex/nest';
import type { NumbersByName, Statistics } from '@polyplex/node';
import type { SmpServer } from '@polyplex/server-smp';

type OperatorNumbers = Required<Pick<AdminAppOptions, 'stats' | 'clients' | 'save'>>;

export function operatorNumbers(server: SmpServer, { stats, save }: Statistics): OperatorNumbers {
  return {
    stats: async () => ({ ...(await stats()), ...present(server) }),
    clients: () => ({ connections: server.gauges().connections, ...server.clientSpread() }),
    save,
  };
}

function present(server: SmpServer): NumbersByName {
  const { sessions, subscriptions, subscribedSessions, notifierSubscriptions, notifierSessions, unacknowledged } = server.gauges();
  return { sessions, subscriptions, subscribedSessions, notifierSubscriptions, notifierSessions, unacknowledged };
}
