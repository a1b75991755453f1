/** The nodes of one server as a table, and what they are together. */
import type { CounterName, GaugeName, LatencyName, Overview, ServiceName } from '@polyplex/admin-api';
import { bytes, count, duration, percent, rate, seconds } from './in-words.ts';
import { type Cell, type Column, type Page, table, type Tone } from './table.ts';

interface NodeColumn extends Column {
  readonly of: (node: Overview, at: Date) => string;
  /** Of all nodes together. */
  readonly sum?: (nodes: readonly Overview[]) => string;
}

function gauge(title: string, name: GaugeName): NodeColumn {
  return { title, align: 'right', of: ({ gauges }) => count(gauges[name]), sum: (nodes) => count(sumOf(nodes.map(({ gauges }) => gauges[name] ?? 0))) };
}

function growth(title: string, name: CounterName, inWords: (value: number | undefined) => string = rate): NodeColumn {
  return { title, align: 'right', of: ({ rates }) => inWords(rates[name]), sum: (nodes) => inWords(sumOf(nodes.map(({ rates }) => rates[name] ?? 0))) };
}

function p99(title: string, name: LatencyName): NodeColumn {
  return { title, align: 'right', of: ({ latencies }) => seconds(latencies[name]?.p99) };
}

const UP: NodeColumn = { title: 'UP', align: 'right', of: ({ startedAt }, at) => duration(at.getTime() - Date.parse(startedAt)) };
const PROCESS: readonly NodeColumn[] = [
  { title: 'CPU', align: 'right', of: ({ rates }) => percent(rates.cpuSeconds), sum: (nodes) => percent(sumOf(nodes.map(({ rates }) => rates.cpuSeconds ?? 0))) },
  { title: 'MEMORY', align: 'right', of: ({ gauges }) => bytes(gauges.memoryBytes), sum: (nodes) => bytes(sumOf(nodes.map(({ gauges }) => gauges.memoryBytes ?? 0))) },
  { title: 'LOOP p99', align: 'right', of: ({ gauges }) => seconds(gauges.loopLagSeconds) },
];

/** The first ones matter most: the last ones go where there is no room. */
const COLUMNS: Readonly<Record<ServiceName, readonly NodeColumn[]>> = {
  smp: [
    UP, gauge('CLIENTS', 'sessions'), gauge('SUBS', 'subscriptions'), growth('SENT/s', 'messagesSent'), growth('DELIVERED/s', 'messagesDelivered'),
    p99('SEND p99', 'send'), p99('STORE p99', 'store'), ...PROCESS,
  ],
  xftp: [
    UP, gauge('CLIENTS', 'connections'), gauge('REQUESTS', 'requests'), growth('UPLOADED/s', 'bytesUploaded', bytes), growth('DOWNLOADED/s', 'bytesDownloaded', bytes),
    p99('COMMAND p99', 'command'), p99('STORE p99', 'store'), ...PROCESS,
  ],
  ntf: [
    UP, gauge('RELAYS', 'relaysConnected'), gauge('WAITING', 'pushesQueued'), growth('HEARD/s', 'notificationsReceived'), growth('PUSHED/s', 'pushesDelivered'),
    growth('FAILED/s', 'pushesFailed'), p99('PUSH p99', 'announce'), p99('STORE p99', 'store'), gauge('CLIENTS', 'sessions'), ...PROCESS,
  ],
  bot: [
    UP, parts('RELAYS', 'ownRelaysConnected', 'ownRelays'), gauge('WAITING', 'tasks'), growth('HEARD/s', 'chatEvents'), growth('SENT/s', 'chatMessages'),
    growth('SEARCHES/s', 'searches'), growth('JOINS/s', 'joinsAsked'), p99('EVENT p99', 'event'), p99('STORE p99', 'store'), ...PROCESS,
  ],
};

function parts(title: string, part: GaugeName, whole: GaugeName): NodeColumn {
  return { title, align: 'right', of: ({ gauges }) => `${count(gauges[part])}/${count(gauges[whole])}` };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

export function isReady({ state, notReady }: Overview): boolean {
  return state === 'running' && notReady.length === 0;
}

function stateOf(node: Overview): { readonly text: string; readonly tone: Tone } {
  if (node.state === 'draining') return { text: 'draining', tone: 'fair' };
  return isReady(node) ? { text: 'ready', tone: 'good' } : { text: 'not ready', tone: 'bad' };
}

/** `nodes`: of one service, at least one. */
export function nodeTable(nodes: readonly Overview[], at: Date, page: Page): string[] {
  const columns = COLUMNS[nodes[0]!.service];
  const rows = nodes.map((node): Cell[] => [{ text: node.node, tone: 'bold' }, stateOf(node), ...columns.map(({ of }) => ({ text: of(node, at) }))]);
  const together = nodes.length < 2 ? [] : [[{ text: 'together', tone: 'dim' } as const, { text: '' }, ...columns.map(({ sum }) => ({ text: sum?.(nodes) ?? '' }))]];
  return table([{ title: 'NODE' }, { title: 'STATE' }, ...columns], [...rows, ...together], page);
}
