/** What operators ask a running relay for: its statistics, and how its clients are spread (SMP §9.5 `stats`, `clients`, `save`). */
import type { AdminAppOptions } from '@polyplex/nest';
import type { DailyStatistics, NumbersByName } from '@polyplex/node';
import { referenceCounters, type SmpServer } from '@polyplex/server-smp';
import { smpStatistics, type StatisticsParts, storeNumbers } from './smp-statistics.ts';

export interface NumberParts extends StatisticsParts {
  readonly server: SmpServer;
  /** Null where statistics are not kept over restarts. */
  readonly statistics: DailyStatistics | null;
}

type OperatorNumbers = Required<Pick<AdminAppOptions, 'stats' | 'clients' | 'save'>>;

/** Counters are those of the present day where days are kept, else those since the start. */
export function operatorNumbers(parts: NumberParts): OperatorNumbers {
  const { server, statistics } = parts;
  return {
    stats: async () => ({ ...(statistics?.counters() ?? referenceCounters(server.stats)), ...activeNumbers(parts), ...(await stored(parts)), ...present(server) }),
    clients: () => ({ connections: server.gauges().connections, ...server.clientSpread() }),
    save: async () => statistics?.save(),
  };
}

/** Empty where the store does not answer: that is said elsewhere. */
function stored({ store }: NumberParts): Promise<NumbersByName> {
  return storeNumbers(store).catch(() => ({}));
}

function activeNumbers(parts: NumberParts): NumbersByName {
  const { active } = smpStatistics(parts);
  return Object.fromEntries(Object.entries(active).flatMap(([name, { day, week, month }]) => [[`${name}.day`, day], [`${name}.week`, week], [`${name}.month`, month]]));
}

function present(server: SmpServer): NumbersByName {
  const { sessions, subscriptions, subscribedSessions, notifierSubscriptions, notifierSessions, unacknowledged } = server.gauges();
  return { sessions, subscriptions, subscribedSessions, notifierSubscriptions, notifierSessions, unacknowledged };
}
