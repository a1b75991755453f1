/** Servers that never were: what they would tell of themselves, as smooth functions of time, so that charts have shapes. */
import { COUNTERS, type CounterName, type Fleet, GAUGES, type GaugeName, type History, LATENCIES, type LatencyName, type Overview, type ServiceName } from '@polyplex/admin-api';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

interface Wave {
  readonly level: number;
  /** Part of the level that it swings by, up and down. */
  readonly swing: number;
  readonly periodMs: number;
}

const wave = (level: number, swing = 0.25, periodMs = 11 * 60_000): Wave => ({ level, swing, periodMs });

/** Per second. */
const RATES: Partial<Record<CounterName, Wave>> = {
  cpuSeconds: wave(0.34), socketsAccepted: wave(2.4), socketsRejected: wave(0.05, 0.9), handshakeFailures: wave(0.02, 0.9), commands: wave(830), errors: wave(0.7, 0.8),
  quotaRefusals: wave(0.25, 0.9), messagesSent: wave(262), messagesDelivered: wave(259), messagesReceived: wave(255, 0.27), messagesExpired: wave(0.4), notificationsSent: wave(31),
  queuesCreated: wave(1.2), queuesDeleted: wave(0.9), forwardsSent: wave(34), forwardsReceived: wave(58), bytesUploaded: wave(11 * MIB, 0.5), bytesDownloaded: wave(29 * MIB, 0.4),
  notificationsReceived: wave(48), notificationsUnwanted: wave(0.3), pushesDelivered: wave(47.5), pushesFailed: wave(0.05, 0.9), verificationsDelivered: wave(0.4), checksDelivered: wave(1.1),
  chatEvents: wave(6.2, 0.5), chatMessages: wave(9.1, 0.5), searches: wave(0.8, 0.6), unanswered: wave(0.06, 0.9), joinsAsked: wave(0.14, 0.7), joinsAccepted: wave(0.11, 0.7), captchasSent: wave(0.2, 0.7),
  captchasPassed: wave(0.1, 0.7), captchasFailed: wave(0.02, 0.9), filesCreated: wave(3), filesUploaded: wave(2.9), fileDownloads: wave(7.5), internalErrors: wave(0), storeErrors: wave(0),
};

const LEVELS: Partial<Record<GaugeName, Wave>> = {
  connections: wave(2140, 0.12), handshakes: wave(2), memoryBytes: wave(412 * MIB, 0.06), heapBytes: wave(118 * MIB, 0.2, 90_000), loopLagSeconds: wave(0.012, 0.3), sessions: wave(2120, 0.12),
  subscriptions: wave(38_400, 0.1), notifierSubscriptions: wave(9100, 0.02), relays: wave(14), outboxBytes: wave(1.6 * MIB, 0.9, 120_000), queues: wave(1_284_000, 0.0015, 6 * HOUR_MS),
  messages: wave(412_000, 0.05), notifiers: wave(204_000, 0.001), notifications: wave(8200, 0.2), requests: wave(31), uploads: wave(8, 0.4), downloads: wave(19, 0.4),
  tokens: wave(18_200, 0.001), activeTokens: wave(16_900, 0.001), watchedQueues: wave(402_000, 0.001), relaysClaimed: wave(61, 0), relaysConnected: wave(60, 0), relaysSuspect: wave(0),
  pushesDue: wave(6, 0.9), pushesQueued: wave(4, 0.9), pushesInFlight: wave(9, 0.5), oldestDueSeconds: wave(0.4, 0.9),
  ownRelays: wave(2, 0), ownRelaysConnected: wave(2, 0), contacts: wave(5210, 0.001), groups: wave(1040, 0.001), groupMembers: wave(48_300, 0.001), groupsListed: wave(912, 0.001), groupsPending: wave(4, 0),
  groupsIncomplete: wave(11, 0), groupsSuspended: wave(6, 0), groupsBadRoles: wave(3, 0), oldestApprovalSeconds: wave(7200, 0), admins: wave(3, 0), adminsWithoutRights: wave(0), tasks: wave(21, 0.6),
  queuesWaiting: wave(14, 0.6), transfers: wave(0), listingAgeSeconds: wave(140, 0.9), storeBytes: wave(310 * MIB, 0.002), transfersWaiting: wave(1, 1), files: wave(48_120, 0.02), fileBytes: wave(212 * GIB, 0.01), quotaBytes: wave(500 * GIB, 0),
};

const SECONDS: Record<LatencyName, Wave> = { command: wave(0.0011), send: wave(0.0019), store: wave(0.0008), acknowledge: wave(0.21), announce: wave(0.19), push: wave(0.12), event: wave(0.0021) };

/** Nodes differ, and are the same each time. */
const shift = (index: number): number => index * 137_000;

function at({ level, swing, periodMs }: Wave, ms: number, index: number): number {
  return level * (1 + 0.13 * (index % 5)) * (1 + swing * Math.sin(((ms + shift(index)) / periodMs) * 2 * Math.PI) + 0.04 * swing * Math.sin(ms / 7000 + index));
}

/** What a counter has grown to since the start: the integral of its rate. */
function grown(rate: Wave, from: number, to: number, index: number): number {
  return (area(rate, to, index) - area(rate, from, index)) / 1000;
}

function area({ level, swing, periodMs }: Wave, ms: number, index: number): number {
  const slow = periodMs / (2 * Math.PI);
  return level * (1 + 0.13 * (index % 5)) * (ms - swing * slow * Math.cos((ms + shift(index)) / slow) - 0.04 * swing * 7000 * Math.cos(ms / 7000 + index));
}

const isOf = (service: ServiceName, { of }: { readonly of: readonly ServiceName[] }): boolean => of.includes(service);
const namesOf = <K extends string>(table: Readonly<Record<K, { readonly of: readonly ServiceName[] }>>, service: ServiceName): K[] =>
  (Object.keys(table) as K[]).filter((name) => isOf(service, table[name]));

export interface Scenario {
  readonly service: ServiceName;
  readonly count: number;
  readonly engine: 'embedded' | 'redis' | 'redis-s3';
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** What is odd about a node. */
  readonly change?: (overview: Overview, index: number) => Overview;
}

export function overviewOf(scenario: Scenario, index: number, now: number): Overview {
  const { service, startedAt, change } = scenario;
  const second = (wave_: Wave | undefined): number => at(wave_ ?? wave(0), now, index);
  const connections = Math.round(second(LEVELS.connections));
  const overview: Overview = {
    service, node: `${{ smp: 'relay', xftp: 'files', ntf: 'push', bot: 'directory' }[service]}-${String(index + 1)}`, version: '1.4.0',
    address: service === 'bot' ? 'https://relay.example.org/a#CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk' : `${service}://CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=@relay.example.org`,
    at: new Date(now).toISOString(), startedAt: new Date(startedAt - index * 40_000).toISOString(), state: 'running', notReady: [],
    counters: Object.fromEntries(namesOf<CounterName>(COUNTERS, service).map((name) => [name, grown(RATES[name] ?? wave(0), startedAt, now, index)])),
    rates: Object.fromEntries(namesOf<CounterName>(COUNTERS, service).map((name) => [name, second(RATES[name])])),
    gauges: Object.fromEntries(namesOf<GaugeName>(GAUGES, service).map((name) => [name, at(LEVELS[name] ?? wave(0), now, name === 'queues' || name === 'messages' ? 0 : index)])),
    latencies: Object.fromEntries(namesOf<LatencyName>(LATENCIES, service).map((name) => {
      const p50 = second(SECONDS[name]);
      return [name, { count: 49_800, p50, p95: p50 * 3.1, p99: p50 * 5.2 }];
    })),
    stores: storesOf(scenario, index, now),
    certificates: service === 'bot' ? [] : [
      { name: 'identity', notAfter: new Date(now + 411 * DAY_MS).toISOString() },
      ...(service === 'xftp' ? [{ name: 'web' as const, notAfter: new Date(now + 52 * DAY_MS).toISOString() }] : []),
    ],
    limits: limitsOf(service, connections),
    warnings: [],
  };
  return change?.(overview, index) ?? overview;
}

function storesOf({ service, engine }: Scenario, index: number, now: number): Overview['stores'] {
  const room = 184 * GIB - ((now % HOUR_MS) / 1000) * 0.2 * MIB;
  const disk = [{ name: 'disk', connected: true, roomBytes: room, p99Seconds: at(SECONDS.store, now, index) * 5 }];
  const shards = Array.from({ length: 3 }, (_, i) => ({ name: `10.0.0.${String(i + 11)}:6379`, connected: true, roomBytes: (21 - i * 2) * GIB, p99Seconds: at(SECONDS.store, now, index + i) * 4 }));
  const records = engine === 'embedded'
    ? { engine: 'embedded' as const, available: true, roomBytes: room, shards: disk }
    : { engine: 'redis' as const, available: true, roomBytes: 17 * GIB, shards };
  if (service !== 'xftp') return [{ name: ({ smp: 'queues', ntf: 'tokens', bot: 'records' } as const)[service], ...records }];
  const bodies = engine === 'redis-s3'
    ? { name: 'bodies' as const, engine: 's3' as const, available: true, roomBytes: null, shards: [{ name: 's3', connected: true, roomBytes: null, p99Seconds: 0.082 }] }
    : { name: 'bodies' as const, engine: 'embedded' as const, available: true, roomBytes: room, shards: disk };
  return [{ name: 'files', ...records }, bodies];
}

function limitsOf(service: ServiceName, connections: number): Overview['limits'] {
  if (service === 'xftp') {
    return [
      { setting: 'xftpLimits.connections', value: 10_000, used: connections, unit: 'count' }, { setting: 'xftpStorage.quota', value: 500 * GIB, used: 212 * GIB, unit: 'bytes' },
      { setting: 'xftpLimits.transfers', value: 64, used: 27, unit: 'count' }, { setting: 'xftpLimits.idle', value: 600, used: null, unit: 'seconds' },
    ];
  }
  if (service === 'bot') return [{ setting: 'botLimits.registrationsPerContact', value: 50, used: null, unit: 'count' }];
  if (service === 'ntf') return [{ setting: 'ntfLimits.connections', value: 20_000, used: connections, unit: 'count' }, { setting: 'ntfPushes.queue', value: 10_000, used: 4, unit: 'count' }];
  return [
    { setting: 'limits.connections', value: 20_000, used: connections, unit: 'count' }, { setting: 'limits.handshakes', value: 256, used: 3, unit: 'count' },
    { setting: 'limits.outbox', value: 64 * MIB, used: 1.6 * MIB, unit: 'bytes' }, { setting: 'limits.messagesPerQueue', value: 128, used: null, unit: 'count' },
    { setting: 'limits.idle', value: 1200, used: null, unit: 'seconds' }, { setting: 'limits.subscriptions', value: 100_000, used: 38_400, unit: 'count' },
  ];
}

export function fleetOf(scenario: Scenario, now: number): Fleet {
  return { at: new Date(now).toISOString(), complete: true, nodes: Array.from({ length: scenario.count }, (_, index) => overviewOf(scenario, index, now)) };
}

/** Of the first node, and of the others by the minute, as far as they run; `minutes` at most. */
export function historyOf(scenario: Scenario, now: number, minutes = 60): History {
  const { service, startedAt, count } = scenario;
  const others = Array.from({ length: count - 1 }, (_, i) => {
    const { node, startedAt: since } = overviewOf(scenario, i + 1, now);
    return { service, node, startedAt: since, ...stepsOf(scenario, i + 1, now, { stepSeconds: 60, from: Math.max(now - minutes * 60_000, startedAt) }) };
  });
  return { ...stepsOf(scenario, 0, now, { stepSeconds: 5, from: Math.max(now - minutes * 60_000, startedAt) }), ...(others.length > 0 && { others }) };
}

function stepsOf(scenario: Scenario, index: number, now: number, { stepSeconds, from }: { readonly stepSeconds: number; readonly from: number }) {
  const stepMs = stepSeconds * 1000;
  const last = Math.floor(now / stepMs) * stepMs;
  const times = Array.from({ length: Math.max(0, Math.floor((last - from) / stepMs)) }, (_, i) => last - i * stepMs).reverse();
  const told = times.map((time) => overviewOf(scenario, index, time));
  const series: Record<string, (number | null)[]> = {};
  const put = (name: string, values: (number | null)[]): void => void (series[name] = values);
  const [first] = told;
  if (first === undefined) return { stepSeconds, times: [], series };
  for (const name of Object.keys(first.counters) as CounterName[]) put(name, told.map(({ rates }) => rates[name] ?? null));
  for (const name of Object.keys(first.gauges) as GaugeName[]) put(name, told.map(({ gauges }) => gauges[name] ?? null));
  for (const name of Object.keys(first.latencies) as LatencyName[]) for (const p of ['p50', 'p99'] as const) put(`${name}.${p}`, told.map(({ latencies }) => latencies[name]?.[p] ?? null));
  for (const { name } of first.stores) put(`room.${name}`, told.map(({ stores }) => stores.find((each) => each.name === name)?.roomBytes ?? null));
  return { stepSeconds, times: times.map((time) => new Date(time).toISOString()), series };
}
