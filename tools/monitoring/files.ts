/** The file server: what is uploaded and downloaded, what goes wrong, how fast it is, how much room is left. */
import { type Dashboard, dashboard, dataSourceVariable, fleetVariables } from './dashboards.ts';
import { graph, number, told, type SizedPanel } from './panels.ts';
import { alertTable, nodesTable } from './tables.ts';

const NODES = 'fleet=~"$fleet", job=~"$job"';
const BY_NODE = '{{instance}}';

const perSecond = (metric: string): string => `sum(rate(${metric}{${NODES}}[$__rate_interval]))`;
/** What all nodes of a fleet know alike, added up over fleets. */
const known = (metric: string): string => `sum(max by (fleet, job) (${metric}{${NODES}}))`;
const quantile = (share: number, metric: string, by: string, more = ''): string => `histogram_quantile(${share}, sum by (${by}) (rate(${metric}_bucket{${NODES}${more}}[$__rate_interval])))`;

const now: readonly SizedPanel[] = [
  number({
    title: 'Nodes that answer', description: 'Of those that Prometheus knows for these jobs. Red: some are down.', unit: 'percentunit', base: 'red', limits: [{ at: 1, color: 'green' }],
    queries: [{ expr: `avg(up{${NODES}})`, legend: 'answer' }],
  }),
  number({
    title: 'Stores out of reach', description: 'Of records or of bodies, by node. Uploads or downloads fail.', unit: 'none', limits: [{ at: 1, color: 'red' }],
    queries: [{ expr: `count((polyplex_store_available{${NODES}} == 0) or (polyplex_chunk_store_available{${NODES}} == 0)) or vector(0)`, legend: 'away' }],
  }),
  number({
    title: 'Quota used', description: 'Bytes of files against the quota. Full: uploads are answered QUOTA. "unknown" without a quota.', unit: 'percentunit', limits: [{ at: 0.8, color: 'yellow' }, { at: 0.9, color: 'red' }],
    queries: [{ expr: told(`max(simplex_xftp_files_size{${NODES}} / polyplex_xftp_quota_bytes{${NODES}})`), legend: 'used' }],
  }),
  number({
    title: 'Room for bodies', description: 'What may be written before the reserve of the disk. "unknown" with S3.', unit: 'bytes', base: 'red', limits: [{ at: 2 ** 30, color: 'yellow' }, { at: 10 * 2 ** 30, color: 'green' }],
    queries: [{ expr: told(`min(polyplex_chunk_store_room_bytes{${NODES}})`), legend: 'room' }],
  }),
  number({
    title: 'Transfers that wait', description: 'For a place of xftpLimits.', unit: 'none', limits: [{ at: 1, color: 'yellow' }],
    queries: [{ expr: `sum(polyplex_xftp_transfers_waiting{${NODES}})`, legend: 'wait' }],
  }),
  number({
    title: 'Refused for want of room', description: 'Commands answered QUOTA, a second.', unit: 'ops', limits: [{ at: 0.0001, color: 'red' }],
    queries: [{ expr: `sum(rate(polyplex_xftp_errors_total{${NODES}, type="QUOTA"}[$__rate_interval])) or vector(0)`, legend: 'refused' }],
  }),
];

const traffic: readonly SizedPanel[] = [
  graph({
    title: 'Bytes', description: 'Up and down, those of transfers included that did not end well.', unit: 'Bps',
    queries: [{ expr: perSecond('polyplex_xftp_uploaded_bytes_total'), legend: 'uploaded' }, { expr: perSecond('polyplex_xftp_downloaded_bytes_total'), legend: 'downloaded' }],
  }),
  graph({
    title: 'Files', description: 'A file here is a chunk of what a user calls a file. Created without being uploaded: clients that break off.', unit: 'ops',
    queries: [
      { expr: perSecond('simplex_xftp_files_created'), legend: 'created' },
      { expr: perSecond('simplex_xftp_files_uploaded'), legend: 'uploaded' },
      { expr: perSecond('simplex_xftp_file_downloads'), legend: 'downloads' },
      { expr: perSecond('simplex_xftp_file_download_acks'), legend: 'acknowledged' },
      { expr: perSecond('simplex_xftp_files_expired'), legend: 'expired' },
      { expr: perSecond('simplex_xftp_files_deleted'), legend: 'deleted' },
      { expr: perSecond('simplex_xftp_files_blocked'), legend: 'blocked' },
    ],
  }),
  graph({
    title: 'Under way', description: 'Transfers and requests now, and transfers that wait for a place.', unit: 'short',
    queries: [
      { expr: `sum(polyplex_xftp_uploads{${NODES}})`, legend: 'uploads' },
      { expr: `sum(polyplex_xftp_downloads{${NODES}})`, legend: 'downloads' },
      { expr: `sum(polyplex_xftp_transfers_waiting{${NODES}})`, legend: 'waiting' },
      { expr: `sum(polyplex_xftp_requests{${NODES}})`, legend: 'requests' },
    ],
  }),
];

const errors: readonly SizedPanel[] = [
  graph({
    title: 'Commands answered with an error', description: 'By type. Some AUTH is usual: files that have expired. QUOTA: no room. TIMEOUT: slow clients, or a store that is away. FILE_IO, INTERNAL: the server has a problem.', unit: 'ops', stacked: true,
    queries: [{ expr: `sum by (type) (rate(polyplex_xftp_errors_total{${NODES}}[$__rate_interval]))`, legend: '{{type}}' }],
  }),
  graph({
    title: 'Connections turned away', description: 'connections, handshakes, address: a limit. tls, alpn, timeout: scans, or broken clients. proxy: not through a trusted balancer.', unit: 'ops', stacked: true,
    queries: [{ expr: `sum by (reason) (rate(polyplex_tls_rejected_total{${NODES}}[$__rate_interval]))`, legend: '{{reason}}' }],
  }),
  graph({
    title: 'Bodies swept', description: 'Removed, since a crash or a client that vanished had left them. Many: look at what breaks off.', unit: 'ops', stacked: true,
    queries: [{ expr: `sum by (kind) (rate(polyplex_xftp_bodies_swept_total{${NODES}}[$__rate_interval]))`, legend: '{{kind}}' }],
  }),
];

const latency: readonly SizedPanel[] = [
  graph({
    title: 'Commands without a body, p99', description: 'FNEW, FADD, FDEL, FACK. FPUT and FGET take as long as the client\'s line does, and are not here.', unit: 's', limits: [{ at: 1, color: 'red' }],
    queries: [{ expr: quantile(0.99, 'polyplex_xftp_command_seconds', 'command, le', ', command=~"FNEW|FADD|FDEL|FACK"'), legend: '{{command}}' }],
  }),
  graph({
    title: 'Transfers, median', description: 'FPUT and FGET, the client\'s line included.', unit: 's',
    queries: [{ expr: quantile(0.5, 'polyplex_xftp_command_seconds', 'command, le', ', command=~"FPUT|FGET"'), legend: '{{command}}' }],
  }),
  graph({
    title: 'Steps of the stores, p99', description: 'files: records, on disk or Redis. bodies: on disk or S3.', unit: 's',
    queries: [{ expr: quantile(0.99, 'polyplex_store_seconds', 'store, shard, le'), legend: '{{store}} {{shard}}' }],
  }),
];

const room: readonly SizedPanel[] = [
  graph({
    title: 'Bytes of files', description: 'That count to the quota, and the quota.', unit: 'bytes',
    queries: [{ expr: known('simplex_xftp_files_size'), legend: 'files' }, { expr: known('polyplex_xftp_quota_bytes'), legend: 'quota' }],
  }),
  graph({
    title: 'Files kept', description: 'Known, and of them those with a body.', unit: 'short',
    queries: [{ expr: known('polyplex_xftp_files'), legend: 'known' }, { expr: known('simplex_xftp_files_count_total'), legend: 'uploaded' }],
  }),
  graph({
    title: 'Different files downloaded', description: 'Of the day, week and month so far, by all nodes; a file that two nodes served counts twice.', unit: 'short',
    queries: ['daily', 'weekly', 'monthly'].map((span) => ({ expr: `sum(simplex_xftp_files_count_${span}{${NODES}})`, legend: span })),
  }),
  graph({ title: 'Room for bodies', description: 'What may be written before the reserve of the disk.', unit: 'bytes', queries: [{ expr: `polyplex_chunk_store_room_bytes{${NODES}}`, legend: BY_NODE }] }),
  graph({
    title: 'Processor', description: 'Cores in use by each node. Near 1 it is full.', unit: 'short', limits: [{ at: 0.9, color: 'red' }],
    queries: [{ expr: `rate(process_cpu_seconds_total{${NODES}}[$__rate_interval])`, legend: BY_NODE }],
  }),
  graph({ title: 'Connections', description: 'Served by each node. Uneven: the balancer does not spread them.', unit: 'short', stacked: true, queries: [{ expr: `polyplex_xftp_connections{${NODES}}`, legend: BY_NODE }] }),
];

const nodes = nodesTable(NODES, 6, (each) => ['connections', 'uploads', 'downloads'].map((what) => (
  { title: what, expr: each(`polyplex_xftp_${what}{${NODES}}`), unit: 'short' }
)));

export function filesDashboard(): Dashboard {
  return dashboard({
    uid: 'polyplex-files',
    title: 'Polyplex: files',
    description: 'All nodes of a file server together: transfers, errors, latency, room.',
    variables: [dataSourceVariable(), ...fleetVariables('simplex_xftp_info')],
    nodes: NODES,
    rows: [
      { title: 'Now', panels: now },
      { title: 'Alerts', panels: [alertTable()] },
      { title: 'Traffic', panels: traffic },
      { title: 'Errors', panels: errors },
      { title: 'Latency', panels: latency },
      { title: 'Room and saturation', panels: room },
      { title: 'Nodes', panels: [nodes] },
    ],
  });
}
