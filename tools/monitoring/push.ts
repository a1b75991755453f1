/** The push proxy: what comes from relays and goes to push services, what is late, what goes wrong, which relays fell silent. */
import { type Dashboard, dashboard, dataSourceVariable, fleetVariables } from './dashboards.ts';
import { graph, number, type SizedPanel } from './panels.ts';
import { alertTable, nodesTable } from './tables.ts';

const NODES = 'fleet=~"$fleet", job=~"$job"';
const BY_NODE = '{{instance}}';

const perSecond = (metric: string): string => `sum(rate(${metric}{${NODES}}[$__rate_interval]))`;
const rateBy = (metric: string, by: string, more = ''): string => `sum by (${by}) (rate(${metric}{${NODES}${more}}[$__rate_interval]))`;
/** What all nodes of a fleet know alike, added up over fleets. */
const known = (metric: string, by = ''): string => `sum ${by === '' ? '' : `by (${by}) `}(max by (fleet, job${by === '' ? '' : `, ${by}`}) (${metric}{${NODES}}))`;
const quantile = (share: number, metric: string, by: string): string => `histogram_quantile(${share}, ${rateBy(`${metric}_bucket`, by === '' ? 'le' : `${by}, le`)})`;

const now: readonly SizedPanel[] = [
  number({
    title: 'Nodes that answer', description: 'Of those that Prometheus knows for these jobs. Red: some are down.', unit: 'percentunit', base: 'red', limits: [{ at: 1, color: 'green' }],
    queries: [{ expr: `avg(up{${NODES}})`, legend: 'answer' }],
  }),
  number({
    title: 'Store out of reach', description: 'Nodes whose store does not answer: apps cannot register, and nothing new is announced.', unit: 'none', limits: [{ at: 1, color: 'red' }],
    queries: [{ expr: `count(polyplex_store_available{${NODES}} == 0) or vector(0)`, legend: 'away' }],
  }),
  number({
    title: 'Oldest push waiting', description: 'Due to a device, and no node works on it. Above a minute: pushes are stuck, or there are too few nodes.', unit: 's', limits: [{ at: 60, color: 'yellow' }, { at: 120, color: 'red' }],
    queries: [{ expr: `max(polyplex_ntf_oldest_due_seconds{${NODES}})`, legend: 'oldest' }],
  }),
  number({
    title: 'Suspect relays', description: 'That seem to have moved, lost their data, or are away for long: their queues are silent.', unit: 'none', limits: [{ at: 1, color: 'yellow' }],
    queries: [{ expr: `sum(polyplex_ntf_relay_troubles{${NODES}})`, legend: 'relays' }],
  }),
  number({
    title: 'Relays nobody watches', description: 'Of those with subscriptions. Above 0 for longer than a takeover: more nodes, or ntfRelays.relays.', unit: 'none', limits: [{ at: 1, color: 'red' }],
    queries: [{ expr: `${known('polyplex_ntf_relays_known')} - ${known('polyplex_ntf_relays_claimed')}`, legend: 'relays' }],
  }),
  number({
    title: 'Refused by push services', description: 'Pushes a second that a service does not take from us: key, topic, VAPID.', unit: 'ops', limits: [{ at: 0.0001, color: 'red' }],
    queries: [{ expr: `sum(rate(polyplex_ntf_push_answers_total{${NODES}, answer=~"credentials|topic-disallowed"}[$__rate_interval])) or vector(0)`, legend: 'refused' }],
  }),
];

const traffic: readonly SizedPanel[] = [
  graph({
    title: 'Notifications', description: 'From relays, and pushed. One push may tell of several notifications. unwanted: of queues that no device watches any more.', unit: 'ops',
    queries: [
      { expr: perSecond('simplex_ntf_notifications_received'), legend: 'from relays' },
      { expr: perSecond('simplex_ntf_notifications_received_auth'), legend: 'unwanted' },
      { expr: perSecond('simplex_ntf_notifications_delivered'), legend: 'pushed' },
      { expr: perSecond('simplex_ntf_notifications_failed'), legend: 'failed' },
    ],
  }),
  graph({
    title: 'Other pushes', description: 'Verification of devices, and periodic ones.', unit: 'ops',
    queries: [
      { expr: perSecond('simplex_ntf_notifications_verification_delivered'), legend: 'verification' },
      { expr: perSecond('simplex_ntf_notifications_verification_failed'), legend: 'verification failed' },
      { expr: perSecond('simplex_ntf_notifications_periodic_delivered'), legend: 'periodic' },
      { expr: perSecond('simplex_ntf_notifications_periodic_failed'), legend: 'periodic failed' },
    ],
  }),
  graph({
    title: 'Devices and queues', description: 'Registered, deleted; queues watched anew and no longer.', unit: 'ops',
    queries: [
      { expr: perSecond('simplex_ntf_tokens_created'), legend: 'registered' },
      { expr: perSecond('simplex_ntf_tokens_verified'), legend: 'verified' },
      { expr: perSecond('simplex_ntf_tokens_deleted'), legend: 'deleted' },
      { expr: perSecond('simplex_ntf_subscriptions_created'), legend: 'queues watched' },
      { expr: perSecond('simplex_ntf_subscriptions_deleted'), legend: 'queues left' },
    ],
  }),
];

const services: readonly SizedPanel[] = [
  graph({
    title: 'Answers of push services', description: 'delivered, or why not. busy, unavailable, timeout, connection: tried again. unregistered, expired, bad-token: the device is gone. credentials: our key.', unit: 'ops', stacked: true,
    queries: [{ expr: rateBy('polyplex_ntf_push_answers_total', 'provider, answer'), legend: '{{provider}} {{answer}}' }],
  }),
  graph({ title: 'Push services, p99', description: 'How long each kind takes to answer.', unit: 's', queries: [{ expr: quantile(0.99, 'polyplex_ntf_push_seconds', 'provider'), legend: '{{provider}}' }] }),
  graph({
    title: 'From due to pushed', description: 'From the notification\'s arrival until the push service took it.', unit: 's',
    queries: [0.5, 0.99].map((share) => ({ expr: quantile(share, 'polyplex_ntf_announce_seconds', ''), legend: `p${String(share * 100)}` })),
  }),
  graph({
    title: 'Waiting', description: 'Devices in line and pushes under way; due: devices with anything due, in the store.', unit: 'short',
    queries: [
      { expr: `sum(simplex_ntf_apns_push_queue_length{${NODES}})`, legend: 'in line' },
      { expr: `sum(polyplex_ntf_pushes_in_flight{${NODES}})`, legend: 'under way' },
      { expr: known('polyplex_ntf_due_tokens'), legend: 'due' },
    ],
  }),
  graph({
    title: 'Tried again, given up', description: 'given up: after many tries. unsettled: may have been pushed twice.', unit: 'ops',
    queries: [
      { expr: perSecond('polyplex_ntf_pushes_retried_total'), legend: 'again' },
      { expr: perSecond('polyplex_ntf_pushes_given_up_total'), legend: 'given up' },
      { expr: perSecond('polyplex_ntf_pushes_unsettled_total'), legend: 'unsettled' },
    ],
  }),
  graph({ title: 'Services paused', description: 'Which nothing is sent to for a while, as they asked for, or because they are away.', unit: 'short', queries: [{ expr: `sum(polyplex_ntf_push_services_paused{${NODES}})`, legend: 'paused' }] }),
];

const relays: readonly SizedPanel[] = [
  graph({ title: 'Relays', description: 'By state. subscribed is good.', unit: 'short', stacked: true, queries: [{ expr: `sum by (state) (polyplex_ntf_relays{${NODES}})`, legend: '{{state}}' }] }),
  graph({ title: 'Troubles with relays', description: '"polyplex ntf relays" says which. moved is healed already; the others are to be looked at.', unit: 'short', stacked: true, queries: [{ expr: `sum by (trouble) (polyplex_ntf_relay_troubles{${NODES}})`, legend: '{{trouble}}' }] }),
  graph({
    title: 'Subscriptions', description: 'Confirmed by relays, one by one and by our service, and to be made still. After a restart the last goes down to 0 within minutes.', unit: 'short', stacked: true,
    queries: [
      { expr: `sum(simplex_ntf_smp_subscription_active_sub_count_other{${NODES}})`, legend: 'one by one' },
      { expr: `sum(simplex_ntf_smp_service_subscription_active_sub_count_other{${NODES}})`, legend: 'by service' },
      { expr: `sum(simplex_ntf_smp_subscription_pending_sub_count_other{${NODES}})`, legend: 'to be made' },
    ],
  }),
  graph({
    title: 'Into the store, p99', description: 'From a notification\'s arrival to its place in the store. Slow: the store, or a node that is too busy.', unit: 's',
    queries: [{ expr: quantile(0.99, 'polyplex_ntf_receive_seconds', 'instance'), legend: BY_NODE }],
  }),
  graph({
    title: 'Connections to relays', description: 'Made, failed, and ended. Many that fail: see which relays.', unit: 'ops',
    queries: [
      { expr: perSecond('polyplex_ntf_relay_connects_total'), legend: 'made' },
      { expr: `${perSecond('polyplex_ntf_relay_connect_failures_total')} or vector(0)`, legend: 'failed' },
      { expr: perSecond('polyplex_ntf_relay_disconnects_total'), legend: 'ended' },
    ],
  }),
];

const state: readonly SizedPanel[] = [
  graph({ title: 'Devices', description: 'By status. INVALID: their push service does not know them any more.', unit: 'short', stacked: true, queries: [{ expr: `${known('polyplex_ntf_tokens', 'status')} or vector(0)`, legend: '{{status}}' }] }),
  graph({ title: 'Queues watched', description: 'By status. AUTH, DELETED, END: until the app asks anew.', unit: 'short', stacked: true, queries: [{ expr: `${known('polyplex_ntf_subscriptions', 'status')} or vector(0)`, legend: '{{status}}' }] }),
  graph({ title: 'Commands answered with an error', description: 'By type. Some AUTH is usual. STORE, INTERNAL: the server has a problem.', unit: 'ops', stacked: true, queries: [{ expr: rateBy('polyplex_ntf_errors_total', 'type'), legend: '{{type}}' }] }),
  graph({ title: 'Steps of the store, p99', description: 'A group\'s commit, a command of Redis.', unit: 's', queries: [{ expr: quantile(0.99, 'polyplex_store_seconds', 'store, shard'), legend: '{{store}} {{shard}}' }] }),
  graph({
    title: 'Processor', description: 'Cores in use by each node. Near 1 it is full.', unit: 'short', limits: [{ at: 0.9, color: 'red' }],
    queries: [{ expr: `rate(process_cpu_seconds_total{${NODES}}[$__rate_interval])`, legend: BY_NODE }],
  }),
  graph({ title: 'Sessions', description: 'Of apps that are connected, by node.', unit: 'short', stacked: true, queries: [{ expr: `polyplex_ntf_sessions{${NODES}}`, legend: BY_NODE }] }),
];

const nodes = nodesTable(NODES, 6, (each) => [
  { title: 'relays', expr: each(`simplex_ntf_smp_sessions_count{${NODES}}`), unit: 'short' },
  { title: 'in line', expr: each(`simplex_ntf_apns_push_queue_length{${NODES}}`), unit: 'short' },
]);

export function pushDashboard(): Dashboard {
  return dashboard({
    uid: 'polyplex-push',
    title: 'Polyplex: push',
    description: 'All nodes of a push proxy together: relays, pushes, delays, refusals.',
    variables: [dataSourceVariable(), ...fleetVariables('simplex_ntf_info')],
    nodes: NODES,
    rows: [
      { title: 'Now', panels: now },
      { title: 'Alerts', panels: [alertTable()] },
      { title: 'Traffic', panels: traffic },
      { title: 'Push services', panels: services },
      { title: 'Relays', panels: relays },
      { title: 'State and saturation', panels: state },
      { title: 'Nodes', panels: [nodes] },
    ],
  });
}
