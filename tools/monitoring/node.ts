/** One process, of a relay, of a file server, of a push proxy or of a directory bot: what it does with its processor, memory, sockets and store. */
import { type Dashboard, dashboard, dataSourceVariable, labelVariable } from './dashboards.ts';
import { graph, number, type SizedPanel } from './panels.ts';

const NODE = 'job=~"$job", instance=~"$instance"';
const DAY = 86_400;

const rate = (metric: string): string => `rate(${metric}{${NODE}}[$__rate_interval])`;
const quantile = (share: number, metric: string, by: string): string => `histogram_quantile(${share}, sum by (${by}) (${rate(`${metric}_bucket`)}))`;

const now: readonly SizedPanel[] = [
  number({
    title: 'Answers', description: '1 when its metrics could be read.', unit: 'none', base: 'red', limits: [{ at: 1, color: 'green' }], span: 3,
    queries: [{ expr: `up{${NODE}}`, legend: '{{instance}}' }],
  }),
  number({
    title: 'Ready', description: '1 when it should get work. /readyz of the admin port says why not.', unit: 'none', base: 'red', limits: [{ at: 1, color: 'green' }], span: 3,
    queries: [{ expr: `polyplex_ready{${NODE}}`, legend: '{{instance}}' }],
  }),
  number({ title: 'Up for', description: 'Since it was ready for its first client.', unit: 'dtdurations', span: 4, queries: [{ expr: `time() - polyplex_start_time_seconds{${NODE}}`, legend: '{{instance}}' }] }),
  number({
    title: 'Certificates end in', description: 'The identity\'s, and the web\'s where there is one. Apps refuse a server whose certificate has ended.', unit: 'dtdurations', base: 'red', span: 5,
    limits: [{ at: 3 * DAY, color: 'yellow' }, { at: 10 * DAY, color: 'green' }], queries: [{ expr: `polyplex_certificate_expiry_timestamp_seconds{${NODE}} - time()`, legend: '{{certificate}}' }],
  }),
  number({
    title: 'Event-loop lag, p99', description: 'How late it comes to what it should do, between two scrapes. About 10 ms is rest.', unit: 's', span: 4,
    limits: [{ at: 0.1, color: 'yellow' }, { at: 0.25, color: 'red' }], queries: [{ expr: `nodejs_eventloop_lag_p99_seconds{${NODE}}`, legend: '{{instance}}' }],
  }),
  number({
    title: 'Native cryptography', description: '1 in use; 0: the portable one, which is several times slower.', unit: 'none', base: 'red', limits: [{ at: 1, color: 'green' }], span: 5,
    queries: [{ expr: `polyplex_crypto_provider{${NODE}, provider="native"}`, legend: '{{instance}}' }],
  }),
];

const processor: readonly SizedPanel[] = [
  graph({
    title: 'Processor', description: 'Cores in use: by the program, and by the kernel for it. Near 1 the node is full.', unit: 'short', stacked: true, limits: [{ at: 0.9, color: 'red' }],
    queries: [{ expr: rate('process_cpu_user_seconds_total'), legend: 'user {{instance}}' }, { expr: rate('process_cpu_system_seconds_total'), legend: 'system {{instance}}' }],
  }),
  graph({
    title: 'Event-loop lag', description: 'Between two scrapes. About 10 ms is rest.', unit: 's', limits: [{ at: 0.25, color: 'red' }],
    queries: [
      { expr: `nodejs_eventloop_lag_p50_seconds{${NODE}}`, legend: 'p50 {{instance}}' },
      { expr: `nodejs_eventloop_lag_p99_seconds{${NODE}}`, legend: 'p99 {{instance}}' },
      { expr: `nodejs_eventloop_lag_max_seconds{${NODE}}`, legend: 'max {{instance}}' },
    ],
  }),
  graph({ title: 'Garbage collection', description: 'Share of the time that it takes, by kind; above a tenth the heap is too small for the load.', unit: 'percentunit', stacked: true, queries: [{ expr: rate('nodejs_gc_duration_seconds_sum'), legend: '{{kind}} {{instance}}' }] }),
  graph({
    title: 'Memory', description: 'Resident, and of it what the program uses. external: buffers and native modules.', unit: 'bytes',
    queries: [
      { expr: `process_resident_memory_bytes{${NODE}}`, legend: 'resident {{instance}}' },
      { expr: `nodejs_heap_size_used_bytes{${NODE}}`, legend: 'heap used {{instance}}' },
      { expr: `nodejs_external_memory_bytes{${NODE}}`, legend: 'external {{instance}}' },
    ],
  }),
  graph({
    title: 'File descriptors', description: 'Open ones; each connection takes one. At the limit nobody can connect.', unit: 'short',
    queries: [{ expr: `process_open_fds{${NODE}}`, legend: 'open {{instance}}' }, { expr: `process_max_fds{${NODE}}`, legend: 'limit {{instance}}' }],
  }),
];

const sockets: readonly SizedPanel[] = [
  graph({
    title: 'Sockets', description: 'Open, and those of them that are in their TLS handshake.', unit: 'short',
    queries: [{ expr: `polyplex_sockets_open{${NODE}}`, legend: 'open {{instance}}' }, { expr: `polyplex_tls_handshakes{${NODE}}`, legend: 'in handshake {{instance}}' }],
  }),
  graph({
    title: 'Sockets accepted and closed', description: 'By port. A wave is clients that come back after a break.', unit: 'ops',
    queries: [{ expr: rate('polyplex_sockets_accepted_total'), legend: 'accepted {{port}} {{instance}}' }, { expr: rate('polyplex_sockets_closed_total'), legend: 'closed {{port}} {{instance}}' }],
  }),
  graph({
    title: 'Turned away', description: 'Before they were connections. connections, handshakes, address: a limit. tls, alpn, timeout: scans, or broken clients. proxy: not through a trusted balancer.', unit: 'ops', stacked: true,
    queries: [{ expr: rate('polyplex_tls_rejected_total'), legend: '{{reason}} {{instance}}' }],
  }),
  graph({
    title: 'TLS handshakes', description: 'Time of those that succeeded, the client\'s network included.', unit: 's',
    queries: [0.5, 0.99].map((share) => ({ expr: quantile(share, 'polyplex_tls_handshake_seconds', 'instance, le'), legend: `p${share * 100} {{instance}}` })),
  }),
  graph({
    title: 'Sessions closed', description: 'By reason, of whichever server it is.', unit: 'ops', stacked: true,
    queries: [{ expr: rate('polyplex_smp_connections_closed_total'), legend: '{{reason}} {{instance}}' }, { expr: rate('polyplex_xftp_connections_closed_total'), legend: '{{reason}} {{instance}}' }, { expr: rate('polyplex_ntf_connections_closed_total'), legend: '{{reason}} {{instance}}' }],
  }),
  graph({
    title: 'Handshakes of the protocol that failed', description: 'After TLS: a wrong version, session or key.', unit: 'ops', stacked: true,
    queries: [{ expr: rate('polyplex_smp_handshake_failures_total'), legend: '{{reason}} {{instance}}' }, { expr: rate('polyplex_xftp_handshake_failures_total'), legend: '{{reason}} {{instance}}' }, { expr: rate('polyplex_ntf_handshake_failures_total'), legend: '{{reason}} {{instance}}' }],
  }),
];

const relay: readonly SizedPanel[] = [
  graph({ title: 'Commands', description: 'By name. A wave of SUB is clients that come back.', unit: 'ops', stacked: true, queries: [{ expr: rate('polyplex_smp_commands_total'), legend: '{{command}} {{instance}}' }] }),
  graph({ title: 'Commands, p99', description: 'From a command\'s arrival to its answer.', unit: 's', queries: [{ expr: quantile(0.99, 'polyplex_smp_command_seconds', 'instance, command, le'), legend: '{{command}} {{instance}}' }] }),
  graph({ title: 'Stages, p99', description: 'Where the time of a command goes.', unit: 's', queries: [{ expr: quantile(0.99, 'polyplex_smp_stage_seconds', 'instance, stage, le'), legend: '{{stage}} {{instance}}' }] }),
  graph({
    title: 'Stages, share of the time', description: 'Seconds spent in each stage in a second. Stages that wait for the store overlap.', unit: 'short', stacked: true,
    queries: [{ expr: `sum by (instance, stage) (${rate('polyplex_smp_stage_seconds_sum')})`, legend: '{{stage}} {{instance}}' }],
  }),
  graph({ title: 'Waiting for slow readers', description: 'Bytes that clients have not taken yet.', unit: 'bytes', queries: [{ expr: `polyplex_smp_outbox_bytes{${NODE}}`, legend: '{{instance}}' }] }),
  graph({ title: 'Clients that read slowly', description: 'Connections with something waiting for them.', unit: 'short', queries: [{ expr: `polyplex_smp_outbox_waiting_connections{${NODE}}`, legend: '{{instance}}' }] }),
  graph({ title: 'Subscriptions', description: 'Live ones on this node.', unit: 'short', queries: [{ expr: `simplex_smp_subscribtion_total{${NODE}}`, legend: 'recipients {{instance}}' }, { expr: `simplex_smp_subscription_ntf_total{${NODE}}`, legend: 'notification servers {{instance}}' }] }),
  graph({ title: 'Sessions with other relays', description: 'That this node has opened to forward commands of its clients.', unit: 'short', queries: [{ expr: `polyplex_smp_relays{${NODE}}`, legend: '{{instance}}' }] }),
  graph({ title: 'Faults', description: 'Commands answered ERR INTERNAL: each is a fault of the program, with an error in the log.', unit: 'ops', queries: [{ expr: rate('polyplex_smp_internal_errors_total'), legend: '{{instance}}' }] }),
];

const store: readonly SizedPanel[] = [
  graph({ title: 'Steps of the store, p99', description: 'A group\'s commit, a command of Redis, a request to S3.', unit: 's', limits: [{ at: 0.25, color: 'red' }], queries: [{ expr: quantile(0.99, 'polyplex_store_seconds', 'instance, store, shard, le'), legend: '{{store}} {{shard}} {{instance}}' }] }),
  graph({ title: 'Steps of the store', description: 'How many a second, by shard.', unit: 'ops', stacked: true, queries: [{ expr: rate('polyplex_store_seconds_count'), legend: '{{store}} {{shard}} {{instance}}' }] }),
  graph({
    title: 'Room left', description: 'Until writes are refused; of a file server, for bodies.', unit: 'bytes',
    queries: [{ expr: `polyplex_store_room_bytes{${NODE}}`, legend: 'queues {{instance}}' }, { expr: `polyplex_chunk_store_room_bytes{${NODE}}`, legend: 'bodies {{instance}}' }],
  }),
];

export function nodeDashboard(): Dashboard {
  const infos = '{__name__=~"simplex_(smp|xftp|ntf)_info|polyplex_bot_info"}';
  return dashboard({
    uid: 'polyplex-node',
    title: 'Polyplex: one node',
    description: 'One process of a relay, of a file server, of a push proxy or of a directory bot: processor, memory, sockets, stages of commands, store.',
    variables: [
      dataSourceVariable(),
      labelVariable({ name: 'job', label: 'Job', metric: infos, choice: 'values' }),
      labelVariable({ name: 'instance', label: 'Node', metric: infos.replace('}', ', job=~"$job"}'), choice: 'one' }),
    ],
    nodes: NODE,
    rows: [
      { title: 'Now', panels: now },
      { title: 'Processor and memory', panels: processor },
      { title: 'Connections', panels: sockets },
      { title: 'Store', panels: store },
      { title: 'Relay', panels: relay },
    ],
  });
}
