/**
 * Real nodes scraped by a real Prometheus with the shipped rules: everything that rules and dashboards ask for is there, its
 * labels too, recordings have values, a node that ends is noticed. A relay with the embedded store, two on a Redis, a file
 * server, a push proxy, a directory bot; what goes through them is what `polyplex check` sends, and what somebody asks the bot.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withClients } from '@polyplex/chat/test-support';
import { loadConfig } from '@polyplex/config';
import { RealPerson } from '@polyplex/directory/test-support';
import { type Prometheus, type ServerNode, startFileServerNode, startPrometheus, startPushProxyNode, startRedis, startRelayNode, waitUntil } from '@polyplex/local-cluster';
import { silentLogger } from '@polyplex/telemetry';
import { botConfig, type BotNode, createBotNode, newBotKey } from 'directory-bot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { workspaceRoot } from '../workspaces.ts';
import { dashboardNames, expressions, readDashboard } from './monitoring/dashboards.ts';
import { type Exposition, readExposition, together } from './monitoring/expositions.ts';
import { asked } from './monitoring/promql.ts';
import { alerts, recordings, RULES_FILE } from './monitoring/rules.ts';

const run = promisify(execFile);
const PROGRAM = join(workspaceRoot, 'dist/polyplex.mjs');
const START_TIMEOUT_MS = 240_000;

/** What Prometheus adds to every series, and where the labels of alerts come from. */
const OWN_LABELS = ['job', 'instance', 'fleet', '__name__'];
/** Of Prometheus itself. */
const OWN_METRICS: Exposition = new Map([['up', new Set()], ['ALERTS', new Set(['alertname', 'alertstate', 'severity'])]]);
/** Of redis_exporter, which is optional: only in panels that say so. */
const isOptional = (metric: string): boolean => /^redis_/.test(metric);

interface Network {
  readonly embedded: ServerNode;
  readonly onRedis: readonly ServerNode[];
  readonly files: ServerNode;
  readonly push: ServerNode;
  readonly bot: { readonly adminUrl: string };
  readonly person: RealPerson;
  /** With the token that may only read, which the file server asks for. */
  readonly readerTokenFile: string;
}

const READER_TOKEN = 'reader-'.repeat(6);

/** That it joins, that it waits for approval, and how to set who joins. */
const ANSWERS_TO_REGISTRATION = 3;

/** Without relays of their own. */
const clients = withClients(0);
const parts = new AsyncDisposableStack();
let network: Network;
let exposition: Exposition;
let prometheus: Prometheus;

async function startNetwork(): Promise<Network> {
  const folder = await mkdtemp(join(tmpdir(), 'polyplex-monitoring-'));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const redis = await startRedis({ config: ['maxmemory 1gb'] });
  parts.defer(() => redis.stop());
  const kept = async (node: Promise<ServerNode>): Promise<ServerNode> => {
    const started = await node;
    parts.defer(async () => void (await started.stop()));
    return started;
  };
  const settings = ['storage.engine=redis', `redis.urls=${redis.url}`];
  const shared = { configDir: join(folder, 'config'), settings };
  const first = await kept(startRelayNode({ folder: join(folder, 'a'), ...shared }));
  const second = await kept(startRelayNode({ folder: join(folder, 'b'), ...shared }));
  const embedded = await kept(startRelayNode({ folder: join(folder, 'c') }));
  const [tokenFile, readerTokenFile] = [join(folder, 'admin-token'), join(folder, 'reader-token')];
  await writeFile(tokenFile, 'admin-'.repeat(6), { mode: 0o600 });
  await writeFile(readerTokenFile, READER_TOKEN, { mode: 0o600 });
  const tokens = [`xftpAdmin.tokenFile=${tokenFile}`, `xftpAdmin.readerTokenFile=${readerTokenFile}`];
  const files = await kept(startFileServerNode({ folder: join(folder, 'd'), settings: ['xftpStorage.quota=100MiB', ...tokens] }));
  const push = await kept(startPushProxyNode({ folder: join(folder, 'e') }));
  const bot = await startBot(join(folder, 'f'), embedded.address);
  const person = await befriend(bot, embedded.address);
  return { embedded, onRedis: [first, second], files, push, bot, person, readerTokenFile };
}

/** At that relay. */
async function startBot(folder: string, ownRelay: string): Promise<BotNode> {
  await mkdir(folder);
  await writeFile(join(folder, 'store.key'), newBotKey());
  const flags = ['botAdmin.port=0', 'botWeb.enabled=off', `storage.dataDir=${folder}`, `bot.keyFile=${folder}/store.key`, 'shutdown.drainTimeout=0'];
  const bot = await createBotNode(loadConfig(botConfig, { folder, flags }).values, { log: silentLogger, version: '0', ownRelay, ownFileServer: null });
  parts.defer(() => bot.stop());
  return bot;
}

/** Somebody who talks with the bot, has listed a group, and heard the answers. */
async function befriend({ address }: BotNode, relay: string): Promise<RealPerson> {
  const client = clients.client('bob', { relays: [relay] });
  await client.chat.connect(address);
  const { contact } = await client.expect('contact-ready');
  const person = new RealPerson(client, contact.contactId);
  await person.hears();
  await person.invites({ displayName: 'Privacy' });
  await person.hearsAll(ANSWERS_TO_REGISTRATION);
  return person;
}

/** As many scrapes in a second as Prometheus takes, so that rates need no patience. */
function configuration({ embedded, onRedis, files, push, bot, readerTokenFile }: Network): string {
  const targets = (nodes: readonly { readonly adminUrl: string }[], fleet: string): object => ({ targets: nodes.map(({ adminUrl }) => new URL(adminUrl).host), labels: { fleet } });
  return JSON.stringify({
    global: { scrape_interval: '500ms', scrape_timeout: '500ms', evaluation_interval: '1s' },
    rule_files: [RULES_FILE],
    scrape_configs: [
      { job_name: 'polyplex-smp', static_configs: [targets([embedded], 'alone'), targets(onRedis, 'network')] },
      { job_name: 'polyplex-xftp', authorization: { credentials_file: readerTokenFile }, static_configs: [targets([files], 'files')] },
      { job_name: 'polyplex-ntf', static_configs: [targets([push], 'push')] },
      { job_name: 'polyplex-bot', static_configs: [targets([bot], 'bot')] },
    ],
  });
}

async function useNetwork({ embedded, onRedis, files, push, person }: Network): Promise<void> {
  const addresses = [embedded, ...onRedis, files, push].map(({ address }) => address);
  await run(process.execPath, [PROGRAM, 'check', ...addresses]);
  await person.asks('gardening');
}

beforeAll(async () => {
  network = await startNetwork();
  prometheus = await startPrometheus({ config: configuration(network) });
  parts.defer(() => prometheus.stop());
  // A counter's first value is no growth: one round before the first scrape, one after it.
  await useNetwork(network);
  await waitUntil('the first scrapes', async () => ((await prometheus.query('up == 1')).length === 6 ? true : undefined));
  await useNetwork(network);
  const nodes = [network.embedded, ...network.onRedis, network.files, network.push, network.bot];
  const texts = await Promise.all(nodes.map(async ({ adminUrl }) => (await fetch(new URL('metrics', adminUrl), { headers: { authorization: `Bearer ${READER_TOKEN}` } })).text()));
  exposition = together([OWN_METRICS, ...texts.map(readExposition)]);
}, START_TIMEOUT_MS);
afterAll(() => parts.disposeAsync());

/** With the values that Grafana would put in, over half a minute. */
function filled(expr: string): string {
  return expr.replaceAll('$__rate_interval', '30s').replace(/\$(?:fleet|job|instance|exporter)\b/g, '.*');
}

function unknownIn(expr: string): string[] {
  const known: Exposition = new Map([...exposition, ...recordings().map(({ record }) => [record, new Set(asked(record).grouping)] as const)]);
  const { selected, grouping } = asked(expr);
  const own = selected.filter(({ metric }) => !isOptional(metric));
  const metrics = own.map(({ metric }) => metric).filter((metric) => !known.has(metric));
  const isRecorded = (metric: string): boolean => metric.includes(':');
  const labels = own.filter(({ metric }) => !isRecorded(metric)).flatMap(({ metric, labels: all }) => all.filter((label) => !OWN_LABELS.includes(label) && known.get(metric)?.has(label) !== true).map((label) => `${metric}{${label}}`));
  const inAny = new Set([...OWN_LABELS, ...own.flatMap(({ metric }) => [...(known.get(metric) ?? [])])]);
  return [...metrics, ...labels, ...(own.length === 0 ? [] : grouping.filter((label) => !inAny.has(label)).map((label) => `by (${label})`))];
}

describe('servers have every metric and label', () => {
  test.each([...recordings().map(({ record, expr }) => [record, expr] as const), ...alerts().map(({ alert, expr }) => [alert, expr] as const)])('of %s', (_name, expr) => {
    expect(unknownIn(expr)).toEqual([]);
  });

  test.each(dashboardNames())('of %s', (name) => {
    const unknown = expressions(readDashboard(name)).map(([where, expr]) => [where, ...unknownIn(expr)]).filter(({ length }) => length > 1);
    expect(unknown).toEqual([]);
  });

  test('and the dashboard of the bot shows all of its own', () => {
    const shown = new Set(expressions(readDashboard('bot.json')).flatMap(([, expr]) => asked(expr).selected).map(({ metric }) => metric.replace(/_(?:bucket|sum|count)$/, '')));
    const own = [...exposition.keys()].filter((name) => name.startsWith('polyplex_bot_')).map((name) => name.replace(/_(?:bucket|sum|count)$/, ''));
    expect(new Set(own.filter((name) => !shown.has(name)))).toEqual(new Set(['polyplex_bot_info']));
  });

  test('and a name or label that they do not have is found', () => {
    expect(unknownIn('rate(simplex_smp_messages_sent[5m]) + polyplex_no_such_total')).toEqual(['polyplex_no_such_total']);
    expect(unknownIn('simplex_smp_messages_sent{flavour="x"}')).toEqual(['simplex_smp_messages_sent{flavour}']);
    expect(unknownIn('sum by (flavour) (simplex_smp_messages_sent)')).toEqual(['by (flavour)']);
  });
});

describe('dashboards', () => {
  test.each(dashboardNames())('%s is understood by Prometheus', async (name) => {
    for (const [, expr] of expressions(readDashboard(name))) await prometheus.query(filled(expr));
  });

  /** What stays empty where nothing goes wrong. */
  const EMPTY_WHEN_WELL = [
    'Into the store, p99', 'Alerts', 'Alerts that fire', 'Drains', 'Commands answered with an error', 'Connections turned away', 'Turned away', 'Handshakes of the protocol that failed',
    // Of the bot: nobody joins a group, no channel is listed, nobody asks too much.
    'Ways into groups', 'Links of channels read again', 'Not answered, passed over',
  ];

  test.each(dashboardNames())('%s shows something in every panel that should', async (name) => {
    const titles = new Map<string, boolean>();
    for (const [where, expr] of expressions(readDashboard(name))) {
      if (isOptional(asked(expr).selected[0]!.metric)) continue;
      const samples = await prometheus.query(filled(expr));
      titles.set(where, (titles.get(where) ?? false) || samples.length > 0);
    }
    const empty = [...titles].filter(([title, hasData]) => !hasData && !EMPTY_WHEN_WELL.includes(title)).map(([title]) => title);
    expect(empty).toEqual([]);
  });

  test.each(dashboardNames())('%s has values for its variables', async (name) => {
    for (const { type, query } of readDashboard(name).templating.list) {
      const [, metric = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(query) ?? [];
      if (type === 'datasource' || isOptional(metric)) continue;
      const selector = new URLSearchParams({ 'match[]': filled(metric) }).toString();
      expect(await prometheus.api(`label/${label}/values?${selector}`), query).not.toEqual([]);
    }
  });
});

test('recordings have values', async () => {
  const expected = recordings().map(({ record }) => record).filter((record) => !record.includes('_errors:'));
  await waitUntil('recordings', async () => {
    const found = await Promise.all(expected.map(async (record) => (await prometheus.query(record)).length > 0));
    return found.every(Boolean) ? true : undefined;
  }, { timeoutMs: 30_000 });
  const [sent] = await prometheus.query('sum(fleet:simplex_smp_messages_sent:rate5m)');
  expect(sent!.value).toBeGreaterThan(0);
  const [queues] = await prometheus.query('count(fleet:simplex_smp_queues_total2:max)');
  expect(queues!.value).toBe(2);
});

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
}

async function activeAlerts(): Promise<readonly string[]> {
  const { alerts: active } = (await prometheus.api('alerts')) as { readonly alerts: readonly Alert[] };
  // How much room the disk of this machine has is its own affair.
  return active.map(({ labels }) => labels['alertname']!).filter((alert) => !/Fill|Full/.test(alert));
}

test('no alert is about to fire while all is well; one is when a node ends', async () => {
  expect(await activeAlerts()).toEqual([]);
  await network.onRedis[1]!.kill();
  await waitUntil('the alert', async () => ((await activeAlerts()).includes('PolyplexNodeDown') ? true : undefined), { timeoutMs: 30_000 });
  expect(await prometheus.query('up == 0')).toMatchObject([{ labels: { job: 'polyplex-smp', fleet: 'network' } }]);
});
