/** Tables: a row for each node, and the alerts that fire. */
import type { DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { DATA_SOURCE, type PanelUnit, refId, type SizedPanel, tableQuery } from './panels.ts';

interface Column {
  readonly title: string;
  readonly expr: string;
  readonly unit: PanelUnit;
  /** Values by what is shown for them and its colour. */
  readonly words?: Readonly<Record<string, readonly [text: string, color: 'green' | 'yellow' | 'red']>>;
}

interface TableFacts {
  readonly title: string;
  readonly description: string;
  readonly columns: readonly Column[];
  /** Labels that make a row, in the order of their columns. */
  readonly by: readonly string[];
  readonly height: number;
}

/** One row for each set of labels; a node's name leads to its dashboard. */
function nodeTable({ title, description, columns, by, height }: TableFacts): SizedPanel {
  const names = columns.map((column, i) => [columns.length === 1 ? 'Value' : `Value #${refId(i)}`, column] as const);
  const order = [...by, ...names.map(([field]) => field)];
  const panel = new PanelBuilder()
    .title(title).description(description).datasource(DATA_SOURCE).unit('short')
    .targets(columns.map(({ expr }, i) => tableQuery(expr, i)))
    .transformations([
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true },
          indexByName: Object.fromEntries(order.map((field, i) => [field, i])),
          renameByName: Object.fromEntries(names.map(([field, column]) => [field, column.title])),
        },
      },
    ]);
  for (const { title: name, unit, words } of columns) panel.overrideByName(name, [{ id: 'unit', value: unit }, ...(words === undefined ? [] : wordsFor(words))]);
  if (by.includes('instance')) {
    const url = '/d/polyplex-node/polyplex-node?var-datasource=${datasource}&var-job=${__data.fields.job}&var-instance=${__data.fields.instance}&${__url_time_range}';
    panel.overrideByName('instance', [{ id: 'links', value: [{ title: 'This node', url }] }]);
  }
  return { panel: panel.build(), width: 24, height };
}

function wordsFor(words: NonNullable<Column['words']>): DynamicConfigValue[] {
  const options = Object.fromEntries(Object.entries(words).map(([value, [text, color]]) => [value, { text, color }]));
  return [
    { id: 'mappings', value: [{ type: 'value', options }] },
    { id: 'custom.cellOptions', value: { type: 'color-text' } },
  ];
}

/** What a table of nodes shows between a node's state and its memory: `each` gives the value of one node. */
type OwnColumns = (each: (value: string) => string) => readonly Column[];

/** All nodes that match: whether they are well, then what is theirs. `nodes` matches them, as in a selector. */
export function nodesTable(nodes: string, height: number, own: OwnColumns): SizedPanel {
  const each = (value: string): string => `max by (fleet, job, instance) (${value})`;
  const of = (metric: string): string => each(`${metric}{${nodes}}`);
  return nodeTable({
    title: 'Nodes', description: 'A name leads to the node\'s own dashboard.', by: ['fleet', 'job', 'instance'], height,
    columns: [
      { title: 'state', expr: of('up'), unit: 'none', words: { 0: ['down', 'red'], 1: ['up', 'green'] } },
      { title: 'ready', expr: of('polyplex_ready'), unit: 'none', words: { 0: ['no', 'yellow'], 1: ['yes', 'green'] } },
      { title: 'up for', expr: `time() - ${of('polyplex_start_time_seconds')}`, unit: 'dtdurations' },
      ...own(each),
      { title: 'memory', expr: of('process_resident_memory_bytes'), unit: 'bytes' },
    ],
  });
}

/** What fires now, with what it is about. */
export function alertTable(): SizedPanel {
  const panel = new PanelBuilder()
    .title('Alerts that fire').description('What to do about each: docs/operations/runbooks. Empty is good, where Prometheus has the rules of deploy/prometheus.').datasource(DATA_SOURCE).unit('none')
    .noValue('none')
    .targets([tableQuery('sort_desc(ALERTS{alertname=~"Polyplex.*", alertstate="firing"})', 0)])
    .transformations([
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true, Value: true, __name__: true, alertstate: true },
          indexByName: { severity: 0, alertname: 1, fleet: 2, job: 3, instance: 4 },
          renameByName: { alertname: 'alert' },
        },
      },
    ])
    .overrideByName('severity', wordsFor({ critical: ['critical', 'red'], warning: ['warning', 'yellow'], info: ['info', 'green'] }));
  return { panel: panel.build(), width: 24, height: 6 };
}
