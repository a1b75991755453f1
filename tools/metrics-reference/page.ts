/** `docs/metrics.md`, made of what servers of each kind say themselves. */
import type { Expositions } from './servers.ts';

export const METRICS_FILE = 'docs/metrics.md';

interface Metric {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
  readonly help: string;
}

interface Section {
  readonly title: string;
  readonly text: string;
  readonly has: (metric: Metric, where: Where) => boolean;
}

/** Which kinds of servers have a metric, with the same words. */
type Where = Readonly<Record<keyof Expositions, boolean>>;

const INTRODUCTION = `# Metrics

Every node serves Prometheus' text format at \`/metrics\` of its admin port: a relay at that of \`admin.port\`, a file server at
that of \`xftpAdmin.port\`, a push proxy at that of \`ntfAdmin.port\`, a directory bot at that of \`botAdmin.port\`. Where the port has a token, the scrape needs it (\`authorization\` of the scrape configuration); that of
a reader will do. [Monitoring](operations/monitoring.md) has the alerts and dashboards that are made of these metrics.

- Names beginning with \`simplex_\` are the reference servers', with the same labels and meaning, misspelled ones included. Rules
  written for them go on working, with two differences: counters run since the start of the process and are not set to 0 at
  midnight, and samples carry no timestamps. \`rate()\` and \`increase()\` see no difference. What the reference has and is not
  here has no meaning here.
- All numbers are those of one node. Those of a store that nodes share (queues, messages, files, devices, room) are the same on
  all of them: take \`max\`, not \`sum\`.
- Labels have closed sets of values, given after the name. No metric names a client, a device, a queue, a file, a service or an
  address of any of them; \`shard\` is the host and port of a Redis server, \`server\` a relay of \`ntfRelays.ownDomains\`.
- Histograms are of seconds, with the same buckets from 0.1 ms to 30 s; \`simplex_smp_delivery_ack_confirmed_time\` has the
  reference's, \`polyplex_ntf_announce_seconds\` goes from 5 ms to an hour.
- A number that is not known is NaN or missing, never 0. A store that does not answer leaves its last counts, and
  \`polyplex_store_available\` is 0.
- A scrape reads counters: it takes as long with a million queues as with none, and it never asks Redis to scan.
- \`nodejs_eventloop_lag_*\` include the 10 ms of the timer that measures them: an idle node shows 0.010.

This page is made from the answers of running servers (\`node tools/metrics-reference.ts\`); a test compares them.
`;

const isOfProcess = ({ name }: Metric): boolean => /^(process|nodejs)_/.test(name);
const isOfReference = ({ name }: Metric): boolean => name.startsWith('simplex_');

/** The bot has no port for clients, and so not all of them. */
const isEverywhere = ({ relay, fileServer, pushProxy }: Where): boolean => relay && fileServer && pushProxy;

const SECTIONS: readonly Section[] = [
  { title: 'Every node', text: 'Of relays, file servers and push proxies alike.', has: (metric, where) => isEverywhere(where) && !isOfProcess(metric) },
  { title: 'Relay: names of the reference', text: 'SMP relays have these.', has: (metric, { relay, fileServer }) => relay && !fileServer && isOfReference(metric) },
  { title: 'Relay: names of its own', text: '', has: (metric, { relay, fileServer }) => relay && !fileServer && !isOfReference(metric) },
  { title: 'Relay on Redis', text: 'Those of one server, and of the network of nodes. A file server on Redis has those of Redis and of the clock, too.', has: (_metric, { relay, relayOnRedis }) => relayOnRedis && !relay },
  { title: 'File server: names of the reference', text: 'XFTP servers have these.', has: (metric, { relay, fileServer }) => fileServer && !relay && isOfReference(metric) },
  { title: 'File server: names of its own', text: '', has: (metric, { relay, fileServer }) => fileServer && !relay && !isOfReference(metric) },
  { title: 'Push proxy: names of the reference', text: 'NTF servers have these.', has: (metric, { relay, pushProxy }) => pushProxy && !relay && isOfReference(metric) },
  { title: 'Push proxy: names of its own', text: 'On Redis it has those of Redis and of the clock, too.', has: (metric, { relay, pushProxy }) => pushProxy && !relay && !isOfReference(metric) },
  { title: 'Directory bot', text: 'Beside what every node has of readiness and of its process.', has: (_metric, { bot, relay }) => bot && !relay },
  { title: 'The process', text: 'Of every node, by its runtime.', has: (metric, where) => isEverywhere(where) && isOfProcess(metric) },
];

export function metricsPage(expositions: Expositions): string {
  const { relay, relayOnRedis, fileServer, pushProxy, bot } = expositions;
  const byKind = { relay: metricsIn(relay), relayOnRedis: metricsIn(relayOnRedis), fileServer: metricsIn(fileServer), pushProxy: metricsIn(pushProxy), bot: metricsIn(bot) };
  const all = new Map(Object.values(byKind).flatMap((metrics) => metrics.map((metric) => [keyOf(metric), metric])));
  const sorted = [...all.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const where = (metric: Metric): Where => {
    const has = (kind: keyof Expositions): boolean => byKind[kind].some((each) => keyOf(each) === keyOf(metric));
    return { relay: has('relay'), relayOnRedis: has('relayOnRedis'), fileServer: has('fileServer'), pushProxy: has('pushProxy'), bot: has('bot') };
  };
  const sections = SECTIONS.map(({ title, text, has }) => {
    const rows = sorted.filter((metric) => has(metric, where(metric))).map(rowOf);
    return [`## ${title}`, ...(text === '' ? [] : [text]), ['| name | type | labels | meaning |', '|---|---|---|---|', ...rows].join('\n')].join('\n\n');
  });
  return [INTRODUCTION, ...sections].join('\n').replace(/\n## /g, '\n\n## ').replace(/\n{3,}/g, '\n\n') + '\n';
}

function rowOf({ name, type, labels, help }: Metric): string {
  return `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help.replaceAll('|', '\\|')} |`;
}

/** The same name may mean something else to another kind of server, which its words tell. */
function keyOf({ name, type, labels, help }: Metric): string {
  return [name, type, labels.join(), help].join(' ');
}

/** A help text ends with the labels. */
function metricsIn(exposition: string): Metric[] {
  const types = new Map([...exposition.matchAll(/^# TYPE (\S+) (\w+)$/gm)].map(([, name, type]) => [name, type]));
  return [...exposition.matchAll(/^# HELP (\S+) (.*?)(?: \{([\w,]+)\})?$/gm)].map(([, name = '', help = '', labels = '']) => ({
    name, type: types.get(name) ?? '', labels: labels === '' ? [] : labels.split(','), help,
  }));
}
