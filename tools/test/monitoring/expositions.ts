/** What servers really say at `/metrics`: names, and the labels of each. */

/** Labels by the name of a series: a histogram has three. */
export type Exposition = ReadonlyMap<string, ReadonlySet<string>>;

/** Labels come from the samples, and for what has none yet from the end of its help text: `Commands by name {command}`. */
export function readExposition(text: string): Exposition {
  const found = new Map<string, Set<string>>();
  const add = (name: string, labels: readonly string[]): void => void found.set(name, new Set([...(found.get(name) ?? []), ...labels]));
  let helpLabels: readonly string[] = [];
  for (const line of text.split('\n')) {
    const help = /^# HELP \S+ .*?(?:\{([\w,]+)\})?$/.exec(line);
    const type = /^# TYPE (\S+) (\w+)$/.exec(line);
    const sample = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/.exec(line);
    if (help !== null) helpLabels = help[1]?.split(',') ?? [];
    else if (type !== null) for (const [series, own] of seriesOf(type[1]!, type[2]!)) add(series, [...helpLabels, ...own]);
    else if (sample !== null) add(sample[1]!, [...(sample[2] ?? '').matchAll(/(\w+)="/g)].map(([, label = '']) => label));
  }
  return found;
}

/** A metric's series, with the labels that they have by their type. */
function seriesOf(name: string, type: string): readonly (readonly [series: string, labels: readonly string[]])[] {
  return type === 'histogram' ? [[`${name}_bucket`, ['le']], [`${name}_sum`, []], [`${name}_count`, []]] : [[name, []]];
}

/** One exposition with the names and labels of all. */
export function together(all: readonly Exposition[]): Exposition {
  const found = new Map<string, Set<string>>();
  for (const each of all) for (const [name, labels] of each) found.set(name, new Set([...(found.get(name) ?? []), ...labels]));
  return found;
}
