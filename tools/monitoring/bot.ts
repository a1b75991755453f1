/** The directory bot: what people do with it, what goes wrong, what waits for relays and for administrators, how large the directory is. */
import { type Dashboard, dashboard, dataSourceVariable, fleetVariables } from './dashboards.ts';
import { graph, number, type SizedPanel } from './panels.ts';
import { alertTable, nodesTable } from './tables.ts';

const NODES = 'fleet=~"$fleet", job=~"$job"';
const BY_NODE = '{{instance}}';
const DAY = 86_400;

const perSecond = (metric: string): string => `sum(rate(${metric}{${NODES}}[$__rate_interval]))`;
const rateBy = (metric: string, by: string): string => `sum by (${by}) (rate(${metric}{${NODES}}[$__rate_interval]))`;
const quantile = (share: number, metric: string, by: string): string => `histogram_quantile(${share}, ${rateBy(`${metric}_bucket`, `${by}, le`)})`;

const now: readonly SizedPanel[] = [
  number({
    title: 'Bots that answer', description: 'Of those that Prometheus knows for these jobs. Red: one is down, and people get no answer.', unit: 'percentunit', base: 'red', limits: [{ at: 1, color: 'green' }],
    queries: [{ expr: `avg(up{${NODES}})`, legend: 'answer' }],
  }),
  number({
    title: 'Own relays away', description: 'That the bot\'s queues are at. Nothing comes from those who write to it there.', unit: 'none', limits: [{ at: 1, color: 'red' }],
    queries: [{ expr: `sum(polyplex_bot_own_relays{${NODES}} - polyplex_bot_own_relays_connected{${NODES}})`, legend: 'away' }],
  }),
  number({
    title: 'Waits for relays', description: 'Connections to be made, messages to many. Much for long: relays of members cannot be reached.', unit: 'short', limits: [{ at: 100, color: 'yellow' }, { at: 1000, color: 'red' }],
    queries: [{ expr: `sum(polyplex_bot_tasks{${NODES}})`, legend: 'tasks' }],
  }),
  number({
    title: 'Oldest approval', description: 'For how long an owner has waited for an administrator. /pending, sent to the bot, lists those that do.', unit: 'dtdurations', limits: [{ at: DAY, color: 'yellow' }, { at: 2 * DAY, color: 'red' }],
    queries: [{ expr: `max(polyplex_bot_oldest_approval_seconds{${NODES}})`, legend: 'oldest' }],
  }),
  number({
    title: 'Administrators without rights', description: 'In the settings, but no contact of that number and name. "polyplex bot admins" says which.', unit: 'none', limits: [{ at: 1, color: 'yellow' }],
    queries: [{ expr: `sum(polyplex_bot_admins_without_rights{${NODES}})`, legend: 'without' }],
  }),
  number({
    title: 'Age of the web page', description: 'Since the list of groups was brought up to date.', unit: 'dtdurations', limits: [{ at: 3600, color: 'yellow' }, { at: 7200, color: 'red' }],
    queries: [{ expr: `max(time() - polyplex_bot_listing_timestamp_seconds{${NODES}})`, legend: 'age' }],
  }),
];

const people: readonly SizedPanel[] = [
  graph({ title: 'What comes', description: 'From contacts and members, by event of the chat protocol. unreadable, unknown: other programs than the apps.', unit: 'ops', stacked: true, queries: [{ expr: rateBy('polyplex_bot_events_total', 'event'), legend: '{{event}}' }] }),
  graph({ title: 'What is sent', description: 'To contacts and members, by event. Much more than comes: messages to many.', unit: 'ops', stacked: true, queries: [{ expr: rateBy('polyplex_bot_sent_total', 'event'), legend: '{{event}}' }] }),
  graph({ title: 'Commands', description: 'By name, searches included.', unit: 'ops', stacked: true, queries: [{ expr: rateBy('polyplex_bot_commands_total', 'command'), legend: '{{command}}' }] }),
  graph({ title: 'Searches', description: 'By what was found. Many for nothing: people look for what nobody has listed.', unit: 'ops', stacked: true, queries: [{ expr: rateBy('polyplex_bot_searches_total', 'result'), legend: '{{result}}' }] }),
  graph({
    title: 'Groups registered and approved', description: 'And cards of channels, registered or refused. Many registered, few approved: administrators are behind, or somebody floods.', unit: 'ops',
    queries: [
      { expr: perSecond('polyplex_bot_registrations_total'), legend: 'registered' },
      { expr: perSecond('polyplex_bot_approvals_total'), legend: 'approved' },
      { expr: rateBy('polyplex_bot_cards_total', 'outcome'), legend: 'card {{outcome}}' },
    ],
  }),
  graph({
    title: 'Ways into groups', description: 'By the bot\'s links: how they began or ended, and captchas sent. Many captcha-failed: scripts, or captchas that people cannot read.', unit: 'ops',
    queries: [{ expr: rateBy('polyplex_bot_joins_total', 'outcome'), legend: '{{outcome}}' }, { expr: rateBy('polyplex_bot_captchas_total', 'form'), legend: 'captcha, {{form}}' }],
  }),
];

const troubles: readonly SizedPanel[] = [
  graph({
    title: 'Faults', description: 'Events that could not be handled: each is a fault of the program, with an error in the log. Tasks given up: a relay or member that is gone for good.', unit: 'ops',
    queries: [{ expr: perSecond('polyplex_bot_failures_total'), legend: 'client' }, { expr: perSecond('polyplex_bot_faults_total'), legend: 'directory' }, { expr: perSecond('polyplex_bot_tasks_failed_total'), legend: 'tasks given up' }],
  }),
  graph({
    title: 'Not answered, passed over', description: 'By reason. rate: somebody asks faster than a person does. Some passed over is usual: events that a directory has no use for.', unit: 'ops', stacked: true,
    queries: [{ expr: rateBy('polyplex_bot_unanswered_total', 'reason'), legend: 'not answered: {{reason}}' }, { expr: rateBy('polyplex_bot_ignored_total', 'reason'), legend: 'passed over: {{reason}}' }],
  }),
  graph({
    title: 'Refused, and programs that failed', description: 'Messages and steps that could not be, by reason; programs for captchas; notices that reached no administrator; posts that their group forbids.', unit: 'ops',
    queries: [
      { expr: rateBy('polyplex_bot_refused_total', 'reason'), legend: 'refused: {{reason}}' },
      { expr: rateBy('polyplex_bot_captcha_failures_total', 'form'), legend: 'captcha program, {{form}}' },
      { expr: perSecond('polyplex_bot_missing_admins_total'), legend: 'notices lost' },
      { expr: perSecond('polyplex_bot_prohibited_posts_total'), legend: 'forbidden posts' },
    ],
  }),
  graph({ title: 'Links of channels read again', description: 'By result. failed as fast as all together: no link can be read, so the relays of links are out of reach.', unit: 'ops', stacked: true, queries: [{ expr: rateBy('polyplex_bot_link_checks_total', 'result'), legend: '{{result}}' }] }),
];

const relays: readonly SizedPanel[] = [
  graph({
    title: 'Own relays', description: 'That the bot\'s queues are at, and of them those that are connected. A gap: nothing comes from there.', unit: 'none',
    queries: [{ expr: `polyplex_bot_own_relays{${NODES}}`, legend: `known ${BY_NODE}` }, { expr: `polyplex_bot_own_relays_connected{${NODES}}`, legend: `connected ${BY_NODE}` }],
  }),
  graph({ title: 'Sessions with relays', description: 'Those of contacts and members included.', unit: 'short', queries: [{ expr: `polyplex_bot_relay_sessions{${NODES}}`, legend: BY_NODE }] }),
  graph({
    title: 'Waiting', description: 'Tasks, and queues with something that waits for their relay. What grows for hours does not reach its relay.', unit: 'short',
    queries: [{ expr: `polyplex_bot_tasks{${NODES}}`, legend: `tasks ${BY_NODE}` }, { expr: `polyplex_bot_queues_waiting{${NODES}}`, legend: `queues ${BY_NODE}` }],
  }),
];

const saturation: readonly SizedPanel[] = [
  graph({ title: 'Events, p99', description: 'How long one takes to handle, in its transaction; the bot handles one after the other.', unit: 's', queries: [{ expr: quantile(0.99, 'polyplex_bot_step_seconds', 'instance'), legend: BY_NODE }] }),
  graph({ title: 'Busy with events', description: 'Share of the time that it handles events. Near 1 they come faster than they go.', unit: 'percentunit', limits: [{ at: 0.8, color: 'red' }], queries: [{ expr: `rate(polyplex_bot_step_seconds_sum{${NODES}}[$__rate_interval])`, legend: BY_NODE }] }),
  graph({ title: 'Steps of the store, p99', description: 'A commit with its flush. Slow: the disk.', unit: 's', queries: [{ expr: quantile(0.99, 'polyplex_store_seconds', 'instance, store, shard'), legend: `{{store}} {{shard}} ${BY_NODE}` }] }),
  graph({
    title: 'Processor', description: 'Cores in use. Near 1 it is full.', unit: 'short', limits: [{ at: 0.9, color: 'red' }],
    queries: [{ expr: `rate(process_cpu_seconds_total{${NODES}}[$__rate_interval])`, legend: BY_NODE }],
  }),
];

const state: readonly SizedPanel[] = [
  graph({ title: 'Registrations', description: 'By state: active ones are on the list.', unit: 'short', stacked: true, queries: [{ expr: `sum by (state) (polyplex_bot_registrations{${NODES}})`, legend: '{{state}}' }] }),
  graph({
    title: 'Contacts, groups, members', description: 'That the bot knows; members of all its groups together.', unit: 'short',
    queries: [
      { expr: `sum(polyplex_bot_contacts{${NODES}})`, legend: 'contacts' },
      { expr: `sum(polyplex_bot_groups{${NODES}})`, legend: 'groups' },
      { expr: `sum(polyplex_bot_group_members{${NODES}})`, legend: 'members' },
    ],
  }),
  graph({
    title: 'Administrators', description: 'In the settings, and of them those that have no rights.', unit: 'none',
    queries: [{ expr: `sum(polyplex_bot_admins{${NODES}})`, legend: 'in the settings' }, { expr: `sum(polyplex_bot_admins_without_rights{${NODES}})`, legend: 'without rights' }],
  }),
];

const nodes = nodesTable(NODES, 6, (each) => [
  { title: 'contacts', expr: each(`polyplex_bot_contacts{${NODES}}`), unit: 'short' },
  { title: 'groups', expr: each(`polyplex_bot_groups{${NODES}}`), unit: 'short' },
  { title: 'tasks', expr: each(`polyplex_bot_tasks{${NODES}}`), unit: 'short' },
]);

export function botDashboard(): Dashboard {
  return dashboard({
    uid: 'polyplex-bot',
    title: 'Polyplex: directory bot',
    description: 'The directory bot: what people do with it, what waits for relays and administrators, what goes wrong.',
    variables: [dataSourceVariable(), ...fleetVariables('polyplex_bot_info')],
    nodes: NODES,
    rows: [
      { title: 'Now', panels: now },
      { title: 'Alerts', panels: [alertTable()] },
      { title: 'What people do', panels: people },
      { title: 'What goes wrong', panels: troubles },
      { title: 'Relays', panels: relays },
      { title: 'Saturation', panels: saturation },
      { title: 'State', panels: state },
      { title: 'Nodes', panels: [nodes] },
    ],
  });
}
