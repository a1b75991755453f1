/** The Redis behind many nodes, as the nodes see it; what Redis says of itself needs redis_exporter, and is a row of its own. */
import { type Dashboard, dashboard, dataSourceVariable, fleetVariables, labelVariable } from './dashboards.ts';
import { graph, number, signedGraph, told, type SizedPanel } from './panels.ts';

const NODES = 'fleet=~"$fleet", job=~"$job"';
const STEPS = `${NODES}, shard!~"disk|s3"`;

const rate = (metric: string): string => `rate(${metric}{${NODES}}[$__rate_interval])`;

const now: readonly SizedPanel[] = [
  number({
    title: 'Primaries out of reach', description: 'Of at least one node. Commands for their queues get no answer, and clients try again.', unit: 'none', limits: [{ at: 1, color: 'red' }],
    queries: [{ expr: `count(min by (shard) (polyplex_redis_connected{${NODES}}) == 0) or vector(0)`, legend: 'out of reach' }],
  }),
  number({ title: 'Primaries', description: 'As the nodes know them.', unit: 'none', queries: [{ expr: `max(polyplex_redis_primaries{${NODES}})`, legend: 'primaries' }] }),
  number({
    title: 'Nodes', description: 'That live, as the node says that knows of the fewest.', unit: 'none', queries: [{ expr: `min(polyplex_nodes{${NODES}})`, legend: 'nodes' }],
  }),
  number({
    title: 'Least room', description: 'Of the fullest shard, until it takes no more messages. "unknown" without maxmemory.', unit: 'bytes', base: 'red', limits: [{ at: 64 * 2 ** 20, color: 'yellow' }, { at: 256 * 2 ** 20, color: 'green' }],
    queries: [{ expr: `min(polyplex_redis_room_bytes{${NODES}})`, legend: 'room' }],
  }),
  number({
    title: 'Slowest shard, p99', description: 'A command, from a node to Redis and back, until it is as durable as redis.durability says.', unit: 's', limits: [{ at: 0.1, color: 'yellow' }, { at: 0.25, color: 'red' }],
    queries: [{ expr: told(`max(histogram_quantile(0.99, sum by (shard, le) (rate(polyplex_store_seconds_bucket{${STEPS}}[$__rate_interval]))))`), legend: 'p99' }],
  }),
  number({
    title: 'Clock skew', description: 'The largest between a node and a primary.', unit: 's', limits: [{ at: 1, color: 'yellow' }, { at: 2, color: 'red' }],
    queries: [{ expr: told(`max(abs(polyplex_clock_skew_seconds{${NODES}}))`), legend: 'skew' }],
  }),
];

const shards: readonly SizedPanel[] = [
  graph({
    title: 'Commands, p99, by shard', description: 'One line above the others: that primary is slow, or its replica or disk is.', unit: 's', limits: [{ at: 0.25, color: 'red' }],
    queries: [{ expr: `histogram_quantile(0.99, sum by (shard, le) (rate(polyplex_store_seconds_bucket{${STEPS}}[$__rate_interval])))`, legend: '{{shard}}' }],
  }),
  graph({
    title: 'Commands, p99, by node', description: 'One line above the others: that node is busy, or its network is slow.', unit: 's', limits: [{ at: 0.25, color: 'red' }],
    queries: [{ expr: `histogram_quantile(0.99, sum by (instance, le) (rate(polyplex_store_seconds_bucket{${STEPS}}[$__rate_interval])))`, legend: '{{instance}}' }],
  }),
  graph({
    title: 'Commands, by shard', description: 'Steps of queues and files. Uneven: a few queues are very busy, or slots are.', unit: 'ops', stacked: true,
    queries: [{ expr: `sum by (shard) (rate(polyplex_store_seconds_count{${STEPS}}[$__rate_interval]))`, legend: '{{shard}}' }],
  }),
  graph({ title: 'Room, by shard', description: 'Until it takes no more messages; the reserve is not counted.', unit: 'bytes', queries: [{ expr: `min by (shard) (polyplex_redis_room_bytes{${NODES}})`, legend: '{{shard}}' }] }),
  graph({
    title: 'Connected primaries, by node', description: 'Against those that it knows. A gap of some seconds is a failover.', unit: 'none',
    queries: [{ expr: `polyplex_redis_primaries_connected{${NODES}}`, legend: 'connected {{instance}}' }, { expr: `polyplex_redis_primaries{${NODES}}`, legend: 'known {{instance}}' }],
  }),
  graph({ title: 'All commands, by node', description: 'Sent to Redis, wake-ups and upkeep included.', unit: 'ops', stacked: true, queries: [{ expr: rate('polyplex_redis_commands_total'), legend: '{{instance}}' }] }),
];

const nodes: readonly SizedPanel[] = [
  graph({ title: 'Nodes that live', description: 'As each node knows. Lines that differ for more than a minute: a node is cut off.', unit: 'none', queries: [{ expr: `polyplex_nodes{${NODES}}`, legend: '{{instance}}' }] }),
  graph({ title: 'Subscriptions, by node', description: 'Of queues and notifiers, which Redis knows as held by this node: how the load is spread.', unit: 'short', stacked: true, queries: [{ expr: `polyplex_network_subscriptions{${NODES}}`, legend: '{{instance}}' }] }),
  graph({ title: 'Words between nodes', description: 'Wake-ups and other words posted, by node that posts.', unit: 'ops', stacked: true, queries: [{ expr: rate('polyplex_words_posted_total'), legend: '{{instance}}' }] }),
  graph({
    title: 'Words lost, inboxes that overflow', description: 'Lost: Redis was away, or the other node\'s inbox was. Overflow: the node does not keep up. Then messages come late, up to redis.sweepInterval.', unit: 'ops',
    queries: [
      { expr: rate('polyplex_words_lost_total'), legend: 'lost {{instance}}' },
      { expr: rate('polyplex_inbox_overflows_total'), legend: 'overflow {{instance}}' },
      { expr: rate('polyplex_inbox_interruptions_total'), legend: 'interrupted {{instance}}' },
    ],
  }),
  graph({
    title: 'Subscriptions found lost by asking', description: 'What the sweep finds was missed by words. Steady above 0: words get lost.', unit: 'ops',
    queries: [{ expr: rate('polyplex_reconciled_subscriptions_total'), legend: 'found {{instance}}' }, { expr: rate('polyplex_reconciliations_total'), legend: 'sweeps {{instance}}' }],
  }),
  signedGraph({
    title: 'Clocks', description: 'A node\'s clock minus that of the primary that is farthest away from it. Above 0: the node is early.', unit: 's', limits: [{ at: 2, color: 'red' }],
    queries: [{ expr: `polyplex_clock_skew_seconds{${NODES}}`, legend: '{{instance}}' }],
  }),
];

/** Names of redis_exporter (github.com/oliver006/redis_exporter). */
const exporter: readonly SizedPanel[] = [
  graph({
    title: 'Memory', description: 'Optional: from redis_exporter. Used, and the limit after which Redis refuses.', unit: 'bytes',
    queries: [{ expr: 'redis_memory_used_bytes{job=~"$exporter"}', legend: 'used {{instance}}' }, { expr: 'redis_memory_max_bytes{job=~"$exporter"} > 0', legend: 'limit {{instance}}' }],
  }),
  graph({ title: 'Commands', description: 'Optional: from redis_exporter. Processed by each server, of all its clients.', unit: 'ops', queries: [{ expr: 'rate(redis_commands_processed_total{job=~"$exporter"}[$__rate_interval])', legend: '{{instance}}' }] }),
  graph({
    title: 'Evicted keys', description: 'Optional: from redis_exporter. Must be 0: what is evicted is lost. maxmemory-policy must be noeviction.', unit: 'ops', limits: [{ at: 0.001, color: 'red' }],
    queries: [{ expr: 'rate(redis_evicted_keys_total{job=~"$exporter"}[$__rate_interval])', legend: '{{instance}}' }],
  }),
  graph({
    title: 'Replicas', description: 'Optional: from redis_exporter. Connected to each primary; 0 with durability "replicated" stops changes on the shard.', unit: 'none',
    queries: [{ expr: 'redis_connected_slaves{job=~"$exporter"} and on (instance) redis_instance_info{role="master"}', legend: '{{instance}}' }],
  }),
  graph({
    title: 'Writing to disk', description: 'Optional: from redis_exporter. 1 while the last write of the log or the last rewrite succeeded.', unit: 'none',
    queries: [{ expr: 'redis_aof_last_write_status{job=~"$exporter"}', legend: 'write {{instance}}' }, { expr: 'redis_aof_last_bgrewrite_status{job=~"$exporter"}', legend: 'rewrite {{instance}}' }],
  }),
  graph({ title: 'Slow commands', description: 'Optional: from redis_exporter. Entries of the slow log (SLOWLOG GET).', unit: 'short', queries: [{ expr: 'redis_slowlog_length{job=~"$exporter"}', legend: '{{instance}}' }] }),
];

export function redisDashboard(): Dashboard {
  return dashboard({
    uid: 'polyplex-redis',
    title: 'Polyplex: Redis',
    description: 'The Redis that nodes share, as they see it: reach, latency, room, words between nodes, clocks.',
    variables: [
      dataSourceVariable(),
      ...fleetVariables('polyplex_redis_connected'),
      labelVariable({ name: 'exporter', of: 'job', label: 'Job of redis_exporter', metric: 'redis_up', choice: 'anything' }),
    ],
    nodes: NODES,
    rows: [
      { title: 'Now', panels: now },
      { title: 'Shards', panels: shards },
      { title: 'Between the nodes', panels: nodes },
      { title: 'Redis itself (optional: needs redis_exporter)', panels: exporter, collapsed: true },
    ],
  });
}
