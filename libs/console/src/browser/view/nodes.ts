/** The nodes of a network side by side; the name of one leads to it alone. */
import { counted, type Unit, written } from '../model/format.ts';
import type { KnownNode } from '../model/network.ts';
import type { Sample } from '../model/sample.ts';
import { KEPT_MS } from '../model/track.ts';
import { conditionOfNode, upFor } from './condition.ts';
import { createList, h, isShown, setAttribute, setText, svg, type View } from './dom.ts';
import { createIcon } from './icons.ts';
import { addressOf, type Shown } from './shown.ts';

interface Column {
  readonly label: string;
  readonly name: string;
  readonly unit: Unit;
  /** Left out where there is little room. */
  readonly minor?: true;
}

const PROCESS: readonly Column[] = [
  { label: 'Processor', name: 'cpuSeconds', unit: 'share' },
  { label: 'Memory', name: 'memoryBytes', unit: 'bytes', minor: true },
];

const COLUMNS: Readonly<Record<Shown['service'], readonly Column[]>> = {
  smp: [
    { label: 'Connections', name: 'connections', unit: 'count' }, { label: 'Messages', name: 'messagesSent', unit: 'perSecond' },
    { label: 'SEND p99', name: 'send.p99', unit: 'seconds' }, ...PROCESS,
  ],
  xftp: [
    { label: 'Connections', name: 'connections', unit: 'count' }, { label: 'Upload', name: 'bytesUploaded', unit: 'bytesPerSecond' },
    { label: 'Download', name: 'bytesDownloaded', unit: 'bytesPerSecond' }, { label: 'Command p99', name: 'command.p99', unit: 'seconds' }, ...PROCESS,
  ],
  ntf: [
    { label: 'Relays', name: 'relaysConnected', unit: 'count' }, { label: 'Notifications', name: 'notificationsReceived', unit: 'perSecond' },
    { label: 'Pushes', name: 'pushesDelivered', unit: 'perSecond' }, ...PROCESS,
  ],
  bot: [
    { label: 'Listed', name: 'groupsListed', unit: 'count' }, { label: 'Pending', name: 'groupsPending', unit: 'count' },
    { label: 'Events', name: 'chatEvents', unit: 'perSecond' }, { label: 'Event p99', name: 'event.p99', unit: 'seconds' }, ...PROCESS,
  ],
};

interface Row {
  readonly node: KnownNode;
  readonly columns: readonly Column[];
  /** Milliseconds that the line of load is long, the same for all. */
  readonly spanMs: number;
  readonly now: number;
}

export function createNodes(): View<Shown> {
  const count = h('h2', { id: 'nodes-title' });
  const head = h('tr');
  const body = h('tbody');
  const table = h('table', { class: 'nodes', 'aria-labelledby': 'nodes-title' }, h('thead', {}, head), body);
  const element = h('section', { class: 'card' }, count, h('div', { class: 'scroll' }, table));
  const show = createList<Row>(body, ({ node }) => addressOf(node.overview.service, node.key), createRow);
  let headed: Shown['service'] | null = null;
  return {
    element,
    update({ isWhole, nodes, service, now }) {
      isShown(element, isWhole);
      if (!isWhole) return;
      setText(count, counted(nodes.length, 'node'));
      const columns = COLUMNS[service];
      if (headed !== service) head.replaceChildren(...headings(columns));
      headed = service;
      const spanMs = spanOf(nodes);
      show(nodes.map((node) => ({ node, columns, spanMs, now })));
    },
  };
}

function headings(columns: readonly Column[]): HTMLElement[] {
  const heading = (label: string, kind: string) => h('th', { scope: 'col', class: kind }, label);
  return [
    heading('Node', ''), heading('State', ''), ...columns.map(({ label, minor }) => heading(label, minor === true ? 'number minor' : 'number')),
    heading('Commands', 'minor'), heading('Up for', 'number minor'), heading('Version', 'minor'),
  ];
}

function createRow({ columns }: Row): View<Row> {
  const icon = createIcon();
  const link = h('a');
  const word = h('span');
  const cells = columns.map(({ label, minor }) => h('td', { class: minor === true ? 'number minor' : 'number', 'data-label': label }));
  const spark = createSpark();
  const [up, version] = [h('td', { class: 'number minor' }), h('td', { class: 'minor' })];
  const element = h('tr', {}, h('th', { scope: 'row' }, link), h('td', { class: 'is' }, icon.element, word), ...cells, h('td', { class: 'minor' }, spark.element), up, version);
  return {
    element,
    update({ node, spanMs, now }) {
      const { level, word: said } = conditionOfNode(node);
      const values = node.presence === 'here' ? (node.track.samples.at(-1)?.values ?? {}) : {};
      icon.set(level);
      setText(word, said);
      setText(link, node.key);
      setAttribute(link, 'href', addressOf(node.overview.service, node.key));
      setAttribute(element, 'data-level', level);
      columns.forEach(({ name, unit }, index) => setText(cells[index]!, written(values[name], unit)));
      spark.update(node.track.samples, spanMs);
      setText(up, upFor(node, now));
      setText(version, node.overview.version);
    },
  };
}

const [WIDTH, HEIGHT, POINTS, FILL] = [96, 22, 48, 6] as const;
const MIN_SPAN_MS = 120_000;

/** Commands per second, in as many steps as there is room for. */
function createSpark(): { readonly element: SVGElement; update(samples: readonly Sample[], spanMs: number): void } {
  const path = svg('path');
  return {
    element: svg('svg', { class: 'spark', viewBox: `0 0 ${String(WIDTH)} ${String(HEIGHT)}`, 'aria-hidden': 'true' }, path),
    update: (samples, spanMs) => setAttribute(path, 'd', sparkPath(partsOf(samples, spanMs))),
  };
}

function sparkPath(values: readonly (number | null)[]): string {
  const top = Math.max(...values.map((value) => value ?? 0), 1e-9);
  const points = values.map((value, index) => (value === null ? null : `${(index * (WIDTH / (POINTS - 1))).toFixed(1)} ${(HEIGHT - 1 - (value / top) * (HEIGHT - 3)).toFixed(1)}`));
  return points.map((point, index) => (point === null ? '' : `${typeof points[index - 1] === 'string' ? 'L' : 'M'}${point}`)).join('');
}

/** The last value of each part of the time; null where there is none. */
function partsOf(samples: readonly Sample[], spanMs: number): readonly (number | null)[] {
  const values: (number | null)[] = Array.from({ length: POINTS }, () => null);
  const from = (samples.at(-1)?.at ?? 0) - spanMs;
  for (const { at, values: { commands } } of samples) {
    if (at >= from) values[Math.min(POINTS - 1, Math.floor(((at - from) / spanMs) * POINTS))] = commands ?? null;
  }
  return values.map((value, index) => value ?? filled(values, index));
}

/** Samples lie a minute apart at most, and a part may lie between two. */
function filled(values: readonly (number | null)[], index: number): number | null {
  const reach = values.slice(Math.max(0, index - FILL), index).findLast((value) => value !== null) ?? null;
  return values.slice(index, index + FILL).some((value) => value !== null) ? reach : null;
}

/** What is known of the one that is known longest. */
function spanOf(nodes: readonly KnownNode[]): number {
  const spans = nodes.map(({ track: { samples } }) => (samples.at(-1)?.at ?? 0) - (samples.at(0)?.at ?? 0));
  return Math.min(KEPT_MS, Math.max(MIN_SPAN_MS, ...spans));
}
