/** The dashboard to open first: is the relay well, what goes through it, what goes wrong, how fast is it, how much room is left. */
import { type Dashboard, dashboard, dataSourceVariable, fleetVariables } from './dashboards.ts';
import { graph, number, told, type SizedPanel } from './panels.ts';
import { alertTable, nodesTable } from './tables.ts';

const NODES = 'fleet=~"$fleet", job=~"$job"';
const BY_NODE = '{{instance}}';

/** Counts that all nodes of one fleet know alike, added up over fleets. */
const known = (metric: string): string => `sum(max by (fleet, job) (${metric}{${NODES}}))`;
const perSecond = (metric: string, more = ''): string => `sum(rate(${metric}{${NODES}${more}}[$__rate_interval]))`;

const now: readonly SizedPanel[] = [
  number({
    title: 'Nodes that answer', description: 'Of those that Prometheus knows for these jobs. Red: some are down.', unit: 'percentunit', base: 'red', limits: [{ at: 1, color: 'green' }],
    queries: [{ expr: `avg(up{${NODES}})`, legend: 'answer' }],
  }),
  number({
    title: 'Nodes not ready', description: 'They run, but the balancer is told to send them no clients: they drain, or something is wrong with their store, disk or certificate.', unit: 'none',
    limits: [{ at: 1, color: 'yellow' }], queries: [{ expr: `count(polyplex_ready{${NODES}} == 0) or vector(0)`, legend: 'not ready' }],
  }),
  number({
    title: 'Alerts', description: 'That fire, of all relays and file servers; listed below.', unit: 'none', limits: [{ at: 1, color: 'red' }],
    queries: [{ expr: 'count(ALERTS{alertname=~"Polyplex.*", alertstate="firing"}) or vector(0)', legend: 'alerts' }],
  }),
  number({ title: 'Messages a second', description: 'Accepted from senders, by all nodes.', unit: 'ops', queries: [{ expr: perSecond('simplex_smp_messages_sent'), legend: 'sent' }] }),
  number({
    title: 'SEND, 99 of 100', description: 'From a message\'s arrival to its answer, for all but the slowest in a hundred. "unknown" where nothing was sent.', unit: 's', limits: [{ at: 0.25, color: 'yellow' }, { at: 0.5, color: 'red' }],
    queries: [{ expr: told(`histogram_quantile(0.99, sum by (le) (rate(polyplex_smp_command_seconds_bucket{${NODES}, command="SEND"}[$__rate_interval])))`), legend: 'p99' }],
  }),
  number({
    title: 'Room left', description: 'Until senders are told that queues are full: of the fullest store among these. "unknown" without a limit of memory.', unit: 'bytes', base: 'red',
    limits: [{ at: 128 * 2 ** 20, color: 'yellow' }, { at: 2 ** 30, color: 'green' }], queries: [{ expr: told(`min(polyplex_store_room_bytes{${NODES}})`), legend: 'room' }],
  }),
];

const traffic: readonly SizedPanel[] = [
  graph({
    title: 'Messages', description: 'Sent: accepted from senders. Received: acknowledged by recipients. Expired: deleted by age. Sent stays above received where recipients are away.', unit: 'ops',
    queries: [
      { expr: perSecond('simplex_smp_messages_sent'), legend: 'sent' },
      { expr: perSecond('simplex_smp_messages_received'), legend: 'received' },
      { expr: perSecond('simplex_smp_messages_expired'), legend: 'expired' },
    ],
  }),
  graph({
    title: 'Commands', description: 'By name. A wave of SUB is clients that come back, after a restart or a break of the network.', unit: 'ops', stacked: true,
    queries: [{ expr: `sum by (command) (rate(polyplex_smp_commands_total{${NODES}}[$__rate_interval]))`, legend: '{{command}}' }],
  }),
  graph({
    title: 'Clients', description: 'Sessions past their handshake, by node. A node far below the others gets too little from the balancer.', unit: 'short', stacked: true,
    queries: [{ expr: `simplex_smp_clients_total{${NODES}}`, legend: BY_NODE }],
  }),
  graph({
    title: 'Subscriptions', description: 'Live ones of recipients, and of notification servers, one by one or as services. Those of both kinds at 0: phones are not woken.', unit: 'short',
    queries: [
      { expr: `sum(simplex_smp_subscribtion_total{${NODES}})`, legend: 'recipients' },
      { expr: `sum(simplex_smp_subscription_ntf_total{${NODES}})`, legend: 'notification servers' },
      { expr: `sum(simplex_smp_subscription_ntf_service_subs_total{${NODES}})`, legend: 'notification services' },
    ],
  }),
  graph({
    title: 'Notifications', description: 'Sent to notification servers, and not sent: no server subscribed, or too old.', unit: 'ops',
    queries: [
      { expr: perSecond('simplex_smp_messages_ntf_successes'), legend: 'sent' },
      { expr: `sum by (type) (rate(simplex_smp_messages_ntf_errors{${NODES}}[$__rate_interval]))`, legend: 'not sent: {{type}}' },
    ],
  }),
  graph({
    title: 'Other relays', description: 'Commands forwarded to other relays for clients of this one, and by other relays to this one.', unit: 'ops',
    queries: [
      { expr: perSecond('simplex_smp_relay_messages_successes', ', source="all"'), legend: 'forwarded' },
      { expr: perSecond('polyplex_smp_relay_messages_failed_total'), legend: 'failed' },
      { expr: perSecond('simplex_smp_relay_messages_received'), legend: 'received' },
    ],
  }),
];

const errors: readonly SizedPanel[] = [
  graph({
    title: 'Commands answered with an error', description: 'By type. Some AUTH is usual: queues that are deleted. QUOTA: queues or the store are full. STORE and INTERNAL: the relay has a problem.', unit: 'ops', stacked: true,
    queries: [{ expr: `sum by (type) (rate(polyplex_smp_errors_total{${NODES}}[$__rate_interval]))`, legend: '{{type}}' }],
  }),
  graph({
    title: 'Messages not accepted', description: 'By reason. quota: the queue, or the store, is full.', unit: 'ops', stacked: true,
    queries: [{ expr: `sum by (type) (rate(simplex_smp_messages_sent_errors{${NODES}}[$__rate_interval]))`, legend: '{{type}}' }],
  }),
  graph({
    title: 'Connections turned away', description: 'Before they were sessions. connections, handshakes, address: a limit. tls, alpn, timeout: scans, or broken clients. proxy: not through a trusted balancer.', unit: 'ops', stacked: true,
    queries: [{ expr: `sum by (reason) (rate(polyplex_tls_rejected_total{${NODES}}[$__rate_interval]))`, legend: '{{reason}}' }],
  }),
];

const latency: readonly SizedPanel[] = [
  graph({
    title: 'SEND', description: 'From arrival to answer, all nodes together. Half of them are faster than the first line, 99 of 100 than the second.', unit: 's', limits: [{ at: 0.5, color: 'red' }],
    queries: [0.5, 0.99, 0.999].map((share) => ({
      expr: `histogram_quantile(${share}, sum by (le) (rate(polyplex_smp_command_seconds_bucket{${NODES}, command="SEND"}[$__rate_interval])))`, legend: `p${share * 100}`,
    })),
  }),
  graph({
    title: 'All commands, p99', description: 'By name. Those that all wait for the store rise together when it is slow.', unit: 's',
    queries: [{ expr: `histogram_quantile(0.99, sum by (command, le) (rate(polyplex_smp_command_seconds_bucket{${NODES}}[$__rate_interval])))`, legend: '{{command}}' }],
  }),
  graph({
    title: 'Steps of the store, p99', description: 'By shard, seen by the slowest node. A step that is slow makes commands slow.', unit: 's', limits: [{ at: 0.25, color: 'red' }],
    queries: [{ expr: `max by (store, shard) (histogram_quantile(0.99, sum by (instance, store, shard, le) (rate(polyplex_store_seconds_bucket{${NODES}}[$__rate_interval]))))`, legend: '{{store}} {{shard}}' }],
  }),
  graph({
    title: 'From delivery to acknowledgement', description: 'How long clients take to acknowledge what they were sent. Their networks and their phones are in it.', unit: 's',
    queries: [0.5, 0.95].map((share) => ({
      expr: `histogram_quantile(${share}, sum by (le) (rate(simplex_smp_delivery_ack_confirmed_time_bucket{${NODES}}[$__rate_interval])))`, legend: `p${share * 100}`,
    })),
  }),
  graph({
    title: 'Not acknowledged yet', description: 'Messages sent to clients that are connected, by how long ago. Those above 20 minutes stand still.', unit: 'short', stacked: true,
    queries: [{ expr: `sum by (period) (simplex_smp_delivery_ack_pending_count{${NODES}})`, legend: '{{period}} s' }],
  }),
  graph({
    title: 'Event-loop lag, p99', description: 'How late a node comes to what it should do; all its clients wait that long. About 10 ms is rest.', unit: 's', limits: [{ at: 0.25, color: 'red' }],
    queries: [{ expr: `nodejs_eventloop_lag_p99_seconds{${NODES}}`, legend: BY_NODE }],
  }),
];

const room: readonly SizedPanel[] = [
  graph({
    title: 'Processor', description: 'Cores in use by each node. A node does most of its work on one: near 1 it is full.', unit: 'short', limits: [{ at: 0.9, color: 'red' }],
    queries: [{ expr: `rate(process_cpu_seconds_total{${NODES}}[$__rate_interval])`, legend: BY_NODE }],
  }),
  graph({ title: 'Memory', description: 'Resident memory of each node.', unit: 'bytes', queries: [{ expr: `process_resident_memory_bytes{${NODES}}`, legend: BY_NODE }] }),
  graph({
    title: 'Waiting for slow readers', description: 'Answers and messages that clients have not taken yet; memory of the process.', unit: 'bytes', limits: [{ at: 256 * 2 ** 20, color: 'red' }],
    queries: [{ expr: `polyplex_smp_outbox_bytes{${NODES}}`, legend: BY_NODE }],
  }),
  graph({
    title: 'Room left', description: 'Until writes are refused. On a Redis Cluster: of the fullest shard, times the number of shards.', unit: 'bytes',
    queries: [{ expr: `min by (fleet, job) (polyplex_store_room_bytes{${NODES}})`, legend: '{{fleet}} {{job}}' }],
  }),
  graph({
    title: 'Stored', description: 'Queues, of which some have a notifier, and messages that wait. All nodes of a fleet know the same numbers.', unit: 'short',
    queries: [
      { expr: known('simplex_smp_queues_total2'), legend: 'queues' },
      { expr: known('simplex_smp_queues_notify_total2'), legend: 'notifiers' },
      { expr: known('simplex_smp_messages_total'), legend: 'messages' },
    ],
  }),
  graph({
    title: 'Queues made and deleted', description: 'By all nodes. New ones that are refused hit a limit on new queues, or lack the password.', unit: 'ops',
    queries: [
      { expr: perSecond('simplex_smp_queues_created'), legend: 'made' },
      { expr: perSecond('simplex_smp_queues_deleted', ', type="all"'), legend: 'deleted' },
      { expr: `sum by (reason) (rate(polyplex_smp_new_queue_refusals_total{${NODES}}[$__rate_interval]))`, legend: 'refused: {{reason}}' },
    ],
  }),
];

const nodes = nodesTable(NODES, 8, (each) => [
  { title: 'clients', expr: each(`simplex_smp_clients_total{${NODES}}`), unit: 'short' },
  { title: 'subscriptions', expr: each(`simplex_smp_subscribtion_total{${NODES}}`), unit: 'short' },
  { title: 'messages/s', expr: each(`rate(simplex_smp_messages_sent{${NODES}}[$__rate_interval])`), unit: 'ops' },
  { title: 'cores', expr: each(`rate(process_cpu_seconds_total{${NODES}}[$__rate_interval])`), unit: 'short' },
]);

export function fleetDashboard(): Dashboard {
  return dashboard({
    uid: 'polyplex-fleet',
    title: 'Polyplex: relay',
    description: 'All nodes of a relay together: is it well, what goes through it, what goes wrong, how fast is it, how much room is left.',
    variables: [dataSourceVariable(), ...fleetVariables('simplex_smp_info')],
    nodes: NODES,
    rows: [
      { title: 'Now', panels: now },
      { title: 'Alerts', panels: [alertTable()] },
      { title: 'Traffic', panels: traffic },
      { title: 'Errors', panels: errors },
      { title: 'Latency', panels: latency },
      { title: 'Saturation and room', panels: room },
      { title: 'Nodes', panels: [nodes] },
    ],
  });
}
