/**
 * What panels are made of. Every panel says what it shows and what is bad about it, has a unit, and asks the data source
 * that the dashboard's variable names.
 */
import { type Builder, type Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import {
  BigValueColorMode, BigValueGraphMode, GraphThresholdsStyleConfigBuilder, GraphThresholdsStyleMode, LegendDisplayMode, LegendPlacement, ReduceDataOptionsBuilder,
  SortOrder, StackingConfigBuilder, StackingMode, TooltipDisplayMode, VisibilityMode, VizLegendOptionsBuilder, VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { FieldColorBuilder, FieldColorModeId, type Panel, type Threshold, ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

export const DATA_SOURCE = { type: 'prometheus', uid: '${datasource}' };

/** Units by Grafana's names. */
export type PanelUnit = 'short' | 's' | 'dtdurations' | 'bytes' | 'Bps' | 'ops' | 'reqps' | 'percentunit' | 'none';

interface Query {
  readonly expr: string;
  /** Labels as `{{name}}`. */
  readonly legend: string;
}

/** From `at` on, in the panel's unit, a value is worth a look (`yellow`) or something is wrong (`red`). */
interface Limit {
  readonly at: number;
  readonly color: 'green' | 'yellow' | 'red';
}

export interface PanelFacts {
  readonly title: string;
  readonly description: string;
  readonly unit: PanelUnit;
  readonly queries: readonly Query[];
  /** Ascending. */
  readonly limits?: readonly Limit[];
  /** Where the values below the first limit are the bad ones; default green. */
  readonly base?: 'green' | 'red';
  /** Columns of 24; default 8, of a number 4. */
  readonly span?: number;
}

/** A panel and its size; where it goes is decided when the rows are laid out. */
export interface SizedPanel {
  readonly panel: Panel;
  readonly width: number;
  readonly height: number;
}

const GRAPH_HEIGHT = 8;
const NUMBER_HEIGHT = 4;

function thresholds({ limits = [], base = 'green' }: Pick<PanelFacts, 'limits' | 'base'>): ThresholdsConfigBuilder {
  const steps: Threshold[] = [{ value: null, color: base }, ...limits.map(({ at, color }) => ({ value: at, color }))];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps);
}

function targets(queries: readonly Query[]): Builder<Dataquery>[] {
  return queries.map(({ expr, legend }, i) => new DataqueryBuilder().datasource(DATA_SOURCE).refId(refId(i)).expr(expr).legendFormat(legend).range());
}

/** A, B, C … */
export function refId(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index);
}

/** An instant query whose series become rows. */
export function tableQuery(expr: string, index: number): DataqueryBuilder {
  return new DataqueryBuilder().datasource(DATA_SOURCE).refId(refId(index)).expr(expr).format(PromQueryFormat.Table).instant();
}

/** A graph over time; limits are drawn as lines. */
export function graph(facts: PanelFacts & { readonly stacked?: boolean }): SizedPanel {
  const legend = new VizLegendOptionsBuilder().displayMode(LegendDisplayMode.Table).placement(LegendPlacement.Bottom).showLegend(true).calcs(['lastNotNull', 'max']);
  const panel = new TimeseriesBuilder()
    .title(facts.title).description(facts.description).datasource(DATA_SOURCE).unit(facts.unit).min(0)
    .targets(targets(facts.queries))
    .legend(legend)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .lineWidth(1).fillOpacity(facts.stacked === true ? 30 : 8).showPoints(VisibilityMode.Never).spanNulls(false);
  panel.colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic));
  if (facts.stacked === true) panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  if (facts.limits !== undefined) panel.thresholds(thresholds(facts)).thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  return { panel: panel.build(), width: facts.span ?? 8, height: GRAPH_HEIGHT };
}

/** A graph of values that may be below 0. */
export function signedGraph(facts: PanelFacts): SizedPanel {
  const sized = graph(facts);
  delete sized.panel.fieldConfig?.defaults.min;
  return sized;
}

/** Without NaN, which a number would show; what is left of no series is `noValue`. */
export function told(expr: string): string {
  return `${expr} >= 0`;
}

/** The last value, large, coloured by the limits. */
export function number(facts: PanelFacts & { readonly noValue?: string }): SizedPanel {
  const panel = new StatBuilder()
    .title(facts.title).description(facts.description).datasource(DATA_SOURCE).unit(facts.unit)
    .targets(targets(facts.queries))
    .thresholds(thresholds(facts))
    .colorMode(facts.limits === undefined ? BigValueColorMode.None : BigValueColorMode.Value)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .graphMode(BigValueGraphMode.Area)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .noValue(facts.noValue ?? 'unknown');
  return { panel: panel.build(), width: facts.span ?? 4, height: NUMBER_HEIGHT };
}
