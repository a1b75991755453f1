/**
 * What the page keeps of an overview to draw it: counters as growth per second since the overview before, gauges and
 * latencies as they are, and the room of each store. Names are those of `GET /admin/history`, so both can be joined.
 */
import { COUNTERS, GAUGES, LATENCIES, type CounterName, type GaugeName, type LatencyName, type Overview } from '@polyplex/admin-api';

/** null where it is not known. */
export type Values = Readonly<Record<string, number | null>>;

export interface Sample {
  /** Milliseconds since 1970, by the clock of the node. */
  readonly at: number;
  readonly values: Values;
  /** Milliseconds for which it stands, where that is more than a moment. */
  readonly stepMs?: number;
}

const PERCENTILES = ['p50', 'p95', 'p99'] as const;
/** Nearer together, the counting of one tick would show as a spike. */
const MIN_STEP_MS = 500;
/** Farther apart, a rate would hide what happened between. */
const MAX_STEP_MS = 60_000;

const namesOf = <K extends string>(table: Readonly<Record<K, unknown>>): readonly K[] => Object.keys(table) as K[];
const COUNTER_NAMES = namesOf<CounterName>(COUNTERS);
const GAUGE_NAMES = namesOf<GaugeName>(GAUGES);
const LATENCY_NAMES = namesOf<LatencyName>(LATENCIES);

/** Of the store `queues`, `room.queues`; of the one with the least room, `room`. */
export const ROOM = 'room';
export const roomName = (store: string): string => `${ROOM}.${store}`;

/** `before`: what the same node told the last time; null when nothing, and then its own rates of the last minute stand. */
export function sampleOf(overview: Overview, before: Overview | null): Sample {
  return { at: Date.parse(overview.at), values: { ...ratesOf(overview, before), ...levelsOf(overview), ...roomsOf(overview) } };
}

function ratesOf(overview: Overview, before: Overview | null): Values {
  const names = COUNTER_NAMES.filter((name) => overview.counters[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, before === null ? (overview.rates[name] ?? null) : growthPerSecond(name, overview, before)]));
}

function levelsOf({ gauges, latencies }: Overview): Values {
  const levels: [string, number | null | undefined][] = [
    ...GAUGE_NAMES.map((name): [string, number | null | undefined] => [name, gauges[name]]),
    ...LATENCY_NAMES.flatMap((name) => PERCENTILES.map((percentile): [string, number | null | undefined] => [`${name}.${percentile}`, latencies[name]?.[percentile]])),
  ];
  return Object.fromEntries(levels.filter((level): level is [string, number | null] => level[1] !== undefined));
}

function roomsOf({ stores }: Overview): Values {
  const rooms = stores.flatMap(({ roomBytes }) => roomBytes ?? []);
  return { ...Object.fromEntries(stores.map(({ name, roomBytes }) => [roomName(name), roomBytes])), [ROOM]: rooms.length === 0 ? null : Math.min(...rooms) };
}

/** null across a restart, and where too little or too much time lies between. */
function growthPerSecond(name: CounterName, now: Overview, before: Overview): number | null {
  const [last, first] = [now.counters[name], before.counters[name]];
  const stepMs = Date.parse(now.at) - Date.parse(before.at);
  const isOneRun = now.startedAt === before.startedAt && stepMs >= MIN_STEP_MS && stepMs <= MAX_STEP_MS;
  if (!isOneRun || last === undefined || first === undefined || last < first) return null;
  return (last - first) / (stepMs / 1000);
}
