/**
 * What metrics are made of: everything is read when scraped, and nothing scans. Labels come from closed sets; a help text
 * ends with their names, so that the exposition tells of those without values, too. Each server has a registry of its
 * own, with the process's metrics in it, so that it can be watched whatever else the process runs.
 */
import { collectDefaultMetrics, Counter, Gauge, type Metric, type MetricObject, Registry } from 'prom-client';
import type { CounterFamily, Histogram, HistogramFamily } from '@polyplex/telemetry';

/** Of the default metrics, those that list every socket at each scrape. */
const SCANNING = ['handles', 'requests', 'resources'].flatMap((kind) => [`nodejs_active_${kind}`, `nodejs_active_${kind}_total`]);

export type NameAndHelp = readonly [name: string, help: string];
export type Labels = Readonly<Record<string, string>>;
/** What of a `Histogram` is read. */
export type Distribution = Pick<Histogram, 'bounds' | 'counts' | 'sum' | 'count'>;

/** Several values of one name: one for each set of labels. */
export interface Series<T> {
  readonly labels: readonly string[];
  readonly read: () => Iterable<readonly [Labels, T]>;
}

type Reading = number | Promise<number>;

export class Metrics {
  private readonly registry = new Registry();

  /** `info`: the name of the gauge that says the version. */
  constructor(info: NameAndHelp, version: string) {
    collectDefaultMetrics({ register: this.registry });
    for (const name of SCANNING) this.registry.removeSingleMetric(name);
    for (const metric of this.registry.getMetricsAsArray()) nameLabels(metric);
    this.gaugeSeries(info, { labels: ['version'], read: () => [[{ version: `polyplex-${version}` }, 1]] });
  }

  /** The exposition in Prometheus' text format. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  /** `read` must not reject; what cannot be told is NaN. */
  gauge([name, help]: NameAndHelp, read: () => Reading): void {
    new Gauge({ name, help, registers: [this.registry], async collect() { this.set(await read()); } });
  }

  gaugeSeries([name, help]: NameAndHelp, { labels, read }: Series<number>): void {
    new Gauge({
      name, help: helpOf(help, labels), labelNames: [...labels], registers: [this.registry],
      collect() {
        this.reset();
        for (const [values, value] of read()) this.set({ ...values }, value);
      },
    });
  }

  /** `labels`: fixed ones, where the reference has them. */
  counter(name: NameAndHelp, read: () => number, labels: Labels = {}): void {
    this.counterSeries(name, { labels: Object.keys(labels), read: () => [[labels, read()]] });
  }

  counterSeries([name, help]: NameAndHelp, { labels, read }: Series<number>): void {
    new Counter({
      name, help: helpOf(help, labels), labelNames: [...labels], registers: [this.registry],
      collect() {
        this.reset();
        for (const [values, value] of read()) this.inc({ ...values }, value);
      },
    });
  }

  family(name: NameAndHelp, label: string, values: CounterFamily): void {
    this.counterSeries(name, { labels: [label], read: () => [...values.values].map(([value, count]) => [{ [label]: value }, count]) });
  }

  histogram(name: NameAndHelp, histogram: Distribution): void {
    this.histogramSeries(name, { labels: [], read: () => [[{}, histogram]] });
  }

  histogramFamily(name: NameAndHelp, label: string, { values }: HistogramFamily): void {
    this.histogramSeries(name, { labels: [label], read: () => [...values].map(([value, histogram]) => [{ [label]: value }, histogram]) });
  }

  histogramSeries([name, help]: NameAndHelp, { labels, read }: Series<Distribution>): void {
    const samples = (): Sample[] => [...read()].flatMap(([values, histogram]) => samplesOf(name, values, histogram));
    this.registry.registerMetric(histogramMetric(name, helpOf(help, labels), samples));
  }

  /** Answers what sets all of them at once. */
  gauges<K extends string>(names: Readonly<Record<K, NameAndHelp>>): (values: Readonly<Record<K, number>>) => void {
    const gauges = Object.entries<NameAndHelp>(names).map(([key, [name, help]]) => [key as K, new Gauge({ name, help, registers: [this.registry] })] as const);
    return (values) => {
      for (const [key, each] of gauges) each.set(values[key]);
    };
  }
}

function helpOf(help: string, labels: readonly string[]): string {
  return labels.length === 0 ? help : `${help} {${labels.join(',')}}`;
}

/** For metrics of prom-client's own, which keep their labels to themselves. */
function nameLabels(metric: MetricObject): void {
  const { labelNames = [] } = metric as { labelNames?: readonly string[] };
  metric.help = helpOf(metric.help, labelNames);
}

interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** prom-client's own histograms observe; ours are read. */
function histogramMetric(name: string, help: string, read: () => Sample[]): Metric {
  const metric = { name, help, type: 'histogram', aggregator: 'sum', get: async () => Promise.resolve({ name, help, type: 'histogram', aggregator: 'sum', values: read() }), reset() {} };
  return metric as unknown as Metric;
}

/** Buckets are cumulative in the exposition. */
function samplesOf(name: string, labels: Labels, { bounds, counts, sum, count }: Distribution): Sample[] {
  let below = 0;
  const buckets = [...counts].map((own, i) => ({ metricName: `${name}_bucket`, labels: { ...labels, le: bounds[i] ?? '+Inf' }, value: (below += own) }));
  return [...buckets, { metricName: `${name}_sum`, labels, value: sum }, { metricName: `${name}_count`, labels, value: count }];
}
