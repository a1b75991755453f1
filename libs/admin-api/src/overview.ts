/** What one node tells of itself: `GET /admin/overview`, and, of every node, `GET /admin/fleet`. */
import { z } from 'zod';
import { COUNTERS, type CounterName, GAUGES, type GaugeName, LATENCIES, type LatencyName } from './numbers.ts';

const names = <K extends string>(table: Readonly<Record<K, unknown>>) => Object.keys(table) as [K, ...K[]];
const time = z.iso.datetime().describe('UTC');

/** A share of the last minute's observations took at most so long, in seconds; null where there were none. */
const latency = z.object({
  count: z.number(),
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
});

const shard = z.object({
  name: z.string().describe('host:port of a Redis primary, or `disk`'),
  connected: z.boolean(),
  roomBytes: z.number().nullable().describe('Bytes left before writes are refused; null where unknown'),
  p99Seconds: z.number().nullable().describe('Of the steps of the last minute'),
});

const store = z.object({
  name: z.enum(['queues', 'files', 'bodies', 'tokens', 'records']),
  engine: z.enum(['embedded', 'redis', 's3']),
  available: z.boolean(),
  roomBytes: z.number().nullable(),
  shards: z.array(shard),
});

const warning = z.object({
  at: time,
  level: z.enum(['warn', 'error']),
  message: z.string(),
  count: z.number().describe('How often it was said since'),
});

const limit = z.object({
  setting: z.string().describe('As in the configuration, such as `limits.connections`'),
  value: z.number(),
  used: z.number().nullable().describe('Null where it is not known'),
  unit: z.enum(['count', 'bytes', 'seconds']),
});

export const overviewSchema = z.object({
  service: z.enum(['smp', 'xftp', 'ntf', 'bot']),
  node: z.string().describe('The name that the operator gave it'),
  version: z.string(),
  address: z.string().describe('Without password; of a bot, the link by which people connect to it'),
  at: time,
  startedAt: time,
  state: z.enum(['running', 'draining']),
  notReady: z.array(z.string()).describe('Why it should get no work; empty when it is ready'),
  counters: z.partialRecord(z.enum(names<CounterName>(COUNTERS)), z.number()),
  rates: z.partialRecord(z.enum(names<CounterName>(COUNTERS)), z.number()).describe('Growth of counters per second over the last minute, or since the start'),
  gauges: z.partialRecord(z.enum(names<GaugeName>(GAUGES)), z.number().nullable()),
  latencies: z.partialRecord(z.enum(names<LatencyName>(LATENCIES)), latency),
  stores: z.array(store),
  certificates: z.array(z.object({ name: z.enum(['identity', 'web']), notAfter: time })),
  limits: z.array(limit),
  warnings: z.array(warning).describe('The latest, oldest first'),
});

/** All nodes of a network that have told of themselves lately, this one first. */
export const fleetSchema = z.object({
  at: time,
  complete: z.boolean().describe('False where the other nodes could not be asked, so that this one stands alone'),
  nodes: z.array(overviewSchema),
});

const steps = {
  stepSeconds: z.number(),
  times: z.array(time),
  series: z.record(z.string(), z.array(z.number().nullable()))
    .describe('By name of a counter, a gauge, a latency with `.p50` or `.p99`, or a store after `room.`, for the bytes left in it'),
};

/**
 * The last hour of this node in steps. Counters are growth per second within each step; null where the node did not run
 * or did not know.
 */
export const historySchema = z.object({
  ...steps,
  others: z.array(z.object({ service: overviewSchema.shape.service, node: z.string(), startedAt: time, ...steps })).optional()
    .describe('Of the other nodes of the network, as this one heard of them, in steps of a minute'),
});

export type Overview = z.infer<typeof overviewSchema>;
export type StoreOverview = Overview['stores'][number];
export type ShardOverview = StoreOverview['shards'][number];
export type Latency = z.infer<typeof latency>;
export type Fleet = z.infer<typeof fleetSchema>;
export type History = z.infer<typeof historySchema>;
