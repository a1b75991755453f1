/** The scenes in which the console is looked at: from one happy node to a dozen in trouble. */
import type { Overview, ServiceName } from '@polyplex/admin-api';
import { fleetOf, historyOf, type Scenario } from './scenario.ts';
import type { Said } from './admin-port.ts';

const DAY_MS = 86_400_000;

export function saidBy(scenario: Omit<Scenario, 'startedAt'> & { readonly upMs?: number }, others: readonly Omit<Scenario, 'startedAt'>[] = []): Said {
  const startedAt = Date.now() - (scenario.upMs ?? 3.2 * DAY_MS);
  const more = (now: number): Overview[] => others.flatMap((other) => fleetOf({ ...other, startedAt }, now).nodes);
  return {
    fleet: () => {
      const now = Date.now();
      const fleet = fleetOf({ ...scenario, startedAt }, now);
      return { ...fleet, nodes: [...fleet.nodes, ...more(now)] };
    },
    history: () => historyOf({ ...scenario, startedAt }, Date.now()),
  };
}

const ago = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString();

const WARNINGS: Overview['warnings'] = [
  { at: ago(5 * 3600), level: 'warn', message: 'the other nodes do not hear of this one: the store does not take its overview', count: 1 },
  { at: ago(2400), level: 'warn', message: 'handshakes refused: too many from one network', count: 214 },
  { at: ago(95), level: 'error', message: 'a shard of the store does not answer', count: 3 },
];

function unready(overview: Overview): Overview {
  return {
    ...overview, notReady: ['the store does not answer'], warnings: WARNINGS,
    gauges: { ...overview.gauges, queues: null, messages: null },
    stores: overview.stores.map((store) => ({ ...store, available: false, shards: store.shards.map((shard, i) => (i === 1 || store.shards.length === 1 ? { ...shard, connected: false, roomBytes: null, p99Seconds: null } : shard)) })),
  };
}

function strained(overview: Overview): Overview {
  return {
    ...overview, warnings: WARNINGS.slice(0, 2), gauges: { ...overview.gauges, loopLagSeconds: 0.41 },
    certificates: [{ name: 'identity', notAfter: new Date(Date.now() + 5.3 * DAY_MS).toISOString() }],
    limits: overview.limits.map((limit) => (limit.setting === 'limits.connections' ? { ...limit, used: 18_900 } : limit)),
  };
}

const draining = (overview: Overview): Overview => ({ ...overview, state: 'draining', notReady: ['draining'] });

/** In trouble: the third is not ready, the fifth at its limits, the eighth drains, the last two are of another version. */
function troubled(overview: Overview, index: number): Overview {
  if (index === 2) return unready(overview);
  if (index === 4) return strained(overview);
  if (index === 7) return draining(overview);
  return index > 9 ? { ...overview, version: '1.4.1' } : overview;
}

/** A bot that one of its relays does not reach, whose administrator has renamed while owners wait. */
function neglected(overview: Overview): Overview {
  const { gauges } = overview;
  return { ...overview, gauges: { ...gauges, ownRelaysConnected: 1, adminsWithoutRights: 1, groupsPending: 4, oldestApprovalSeconds: 3.2 * 86_400 } };
}

const smp: ServiceName = 'smp';

export const SCENES: Readonly<Record<string, () => Said>> = {
  'one relay': () => saidBy({ service: smp, count: 1, engine: 'embedded' }),
  'three relays': () => saidBy({ service: smp, count: 3, engine: 'redis' }),
  'twelve relays in trouble': () => saidBy({ service: smp, count: 12, engine: 'redis', change: troubled }),
  'a relay that is not ready': () => saidBy({ service: smp, count: 1, engine: 'embedded', change: unready }),
  'a relay that has just started': () => saidBy({ service: smp, count: 1, engine: 'embedded', upMs: 2000 }),
  'a file server': () => saidBy({ service: 'xftp', count: 1, engine: 'redis-s3' }),
  'a relay and a file server': () => saidBy({ service: smp, count: 1, engine: 'embedded' }, [{ service: 'xftp', count: 1, engine: 'embedded', change: (overview) => draining(overview) }]),
  'a directory bot that is left alone': () => saidBy({ service: 'bot', count: 1, engine: 'embedded', change: neglected }, [{ service: smp, count: 1, engine: 'embedded' }]),
};
