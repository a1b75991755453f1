/**
 * A dashboard put together: variables, links among the dashboards, marks for restarts and alerts, and panels laid out in
 * rows. Grafana's classic schema, which all its versions since 10 read.
 */
import {
  AnnotationQueryBuilder, type AnnotationQuery, DashboardCursorSync, type DashboardLink, DashboardLinkType, DatasourceVariableBuilder, defaultDashboard, type Panel,
  QueryVariableBuilder, type RowPanel, VariableRefresh, VariableSort, type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { DATA_SOURCE, type SizedPanel } from './panels.ts';

export type Dashboard = ReturnType<typeof defaultDashboard>;

interface DashboardRow {
  readonly title: string;
  readonly panels: readonly SizedPanel[];
  /** Shown when it is opened. */
  readonly collapsed?: boolean;
}

export interface DashboardFacts {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly VariableModel[];
  /** Matchers for the nodes that are shown. */
  readonly nodes: string;
  readonly rows: readonly DashboardRow[];
}

const TAG = 'polyplex';
/** The dashboards by uid, and whether they have a variable `fleet`. */
const LINKED: Readonly<Record<string, { readonly title: string; readonly hasFleet: boolean }>> = {
  'polyplex-fleet': { title: 'Relay', hasFleet: true },
  'polyplex-files': { title: 'Files', hasFleet: true },
  'polyplex-push': { title: 'Push', hasFleet: true },
  'polyplex-bot': { title: 'Directory bot', hasFleet: true },
  'polyplex-redis': { title: 'Redis', hasFleet: true },
  'polyplex-node': { title: 'One node', hasFleet: false },
};
const COLUMNS = 24;

export function dataSourceVariable(): VariableModel {
  return new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus').build();
}

interface LabelVariable {
  readonly name: string;
  /** Default the variable's name. */
  readonly of?: string;
  readonly label: string;
  readonly metric: string;
  /**
   * `one` value is chosen. Or several, and all at first: that is `values`, those which the metric has, or `anything`, series
   * without the label included.
   */
  readonly choice: 'one' | 'values' | 'anything';
}

/** A variable with the values that a label has on a metric. */
export function labelVariable({ name, of = name, label, metric, choice }: LabelVariable): VariableModel {
  const [query, many] = [`label_values(${metric}, ${of})`, choice !== 'one'];
  const variable = new QueryVariableBuilder(name)
    .label(label).datasource(DATA_SOURCE).query(query).definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged).sort(VariableSort.AlphabeticalAsc).multi(many).includeAll(many);
  if (many) variable.current({ selected: true, text: ['All'], value: ['$__all'] });
  if (choice === 'anything') variable.allValue('.*');
  return variable.build();
}

/** For fleets, and the jobs of the servers that have this metric: no job of another program, although they have metrics alike. */
export function fleetVariables(metric: string): VariableModel[] {
  return [
    labelVariable({ name: 'fleet', label: 'Fleet', metric, choice: 'anything' }),
    labelVariable({ name: 'job', label: 'Job', metric: `${metric}{fleet=~"$fleet"}`, choice: 'values' }),
  ];
}

/** The classic dashboard as Grafana imports it. */
export function dashboard({ uid, title, description, variables, nodes, rows }: DashboardFacts): Dashboard {
  return {
    ...defaultDashboard(),
    uid, title, description,
    tags: [TAG],
    timezone: 'browser',
    graphTooltip: DashboardCursorSync.Crosshair,
    time: { from: 'now-6h', to: 'now' },
    refresh: '30s',
    templating: { list: [...variables] },
    annotations: { list: marks(nodes) },
    links: linksToOthers(uid),
    panels: layOut(rows),
  };
}

/** For the same time and fleet; not for the same job, which is a relay's or a file server's. */
function linksToOthers(uid: string): DashboardLink[] {
  const others = Object.entries(LINKED).filter(([other]) => other !== uid);
  return others.map(([other, { title, hasFleet }]) => {
    const variables = ['${datasource:queryparam}', ...(hasFleet && LINKED[uid]?.hasFleet === true ? ['${fleet:queryparam}'] : [])];
    return { title, type: DashboardLinkType.Link, url: `/d/${other}?${variables.join('&')}`, icon: 'dashboard', tooltip: '', tags: [], asDropdown: false, targetBlank: false, includeVars: false, keepTime: true };
  });
}

function marks(nodes: string): AnnotationQuery[] {
  const mark = (name: string, expr: string): AnnotationQueryBuilder => new AnnotationQueryBuilder()
    .name(name).datasource(DATA_SOURCE).enable(true).expr(expr).target(new DataqueryBuilder().refId('A').expr(expr)).step('60s');
  return [
    // The value is the time.
    mark('Starts', `polyplex_start_time_seconds{${nodes}} * 1000`).iconColor('blue').useValueForTime(true).titleFormat('Started').textFormat('{{instance}} ({{job}})').build(),
    mark('Drains', `polyplex_draining{${nodes}} == 1`).iconColor('purple').titleFormat('Drains').textFormat('{{instance}} ({{job}})').build(),
    mark('Alerts', 'ALERTS{alertname=~"Polyplex.*", alertstate="firing"}').iconColor('red').titleFormat('{{alertname}}').textFormat('{{severity}}: {{job}} {{instance}}').build(),
  ];
}

/** Rows from top to bottom, panels from left to right; a line that is full begins another. Numbers them all. */
function layOut(rows: readonly DashboardRow[]): (Panel | RowPanel)[] {
  let y = 0;
  let id = 0;
  const placed: (Panel | RowPanel)[] = [];
  for (const { title, panels, collapsed = false } of rows) {
    const row: RowPanel = { type: 'row', id: ++id, title, collapsed, gridPos: { x: 0, y, w: COLUMNS, h: 1 }, panels: [] };
    const inside = lines(panels, y + 1).map(({ panel, gridPos }): Panel => ({ ...panel, id: ++id, gridPos }));
    placed.push(collapsed ? { ...row, panels: inside } : row, ...(collapsed ? [] : inside));
    y = Math.max(y + 1, ...inside.map(({ gridPos }) => gridPos!.y + gridPos!.h));
  }
  return placed;
}

interface Placed {
  readonly panel: Panel;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}

function lines(panels: readonly SizedPanel[], top: number): Placed[] {
  let x = 0;
  let y = top;
  let highest = 0;
  return panels.map(({ panel, width, height }) => {
    if (x + width > COLUMNS) {
      x = 0;
      y += highest;
      highest = 0;
    }
    const gridPos = { x, y, w: width, h: height };
    x += width;
    highest = Math.max(highest, height);
    return { panel, gridPos };
  });
}
