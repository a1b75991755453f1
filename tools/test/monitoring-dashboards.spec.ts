/** The dashboards in `deploy/grafana`, without a server: they are those of the sources, and complete. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dashboardFiles } from '../monitoring/files-of-dashboards.ts';
import { dashboardNames, expressions, GRAFANA_FOLDER, panelsOf, readDashboard, type ShownPanel } from './monitoring/dashboards.ts';
import { asked } from './monitoring/promql.ts';

test('the files are what node tools/monitoring.ts writes', () => {
  const made = dashboardFiles();
  expect(dashboardNames()).toEqual([...made.keys()].sort());
  for (const [name, text] of made) expect(readFileSync(join(GRAFANA_FOLDER, name), 'utf8'), `${name}: run node tools/monitoring.ts`).toBe(text);
});

describe.each(dashboardNames())('%s', (name) => {
  const shown = readDashboard(name);
  const panels = panelsOf(shown);

  test('has a name of its own, and leads to the others', () => {
    const uids = dashboardNames().map((each) => readDashboard(each).uid);
    expect(shown.uid).toMatch(/^polyplex-[a-z]+$/);
    expect(new Set(uids).size).toBe(uids.length);
    const linked = shown.links.map(({ url }) => /^\/d\/([\w-]+)\?/.exec(url)?.[1]);
    expect(linked.sort()).toEqual(uids.filter((uid) => uid !== shown.uid).sort());
  });

  test.each(panels.map((panel) => [panel.title, panel] as const))('%s says what it shows, and in which unit', (_title, { description = '', fieldConfig, targets = [] }) => {
    expect(description.length).toBeGreaterThan(20);
    expect(fieldConfig?.defaults.unit ?? '').not.toBe('');
    expect(targets.length).toBeGreaterThan(0);
    expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
  });

  test('asks the chosen data source', () => {
    const sources = [...panels, ...panels.flatMap(({ targets = [] }) => targets), ...shown.annotations.list].map(({ datasource }) => datasource?.uid);
    expect(new Set(sources)).toEqual(new Set(['${datasource}']));
    expect(shown.templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' });
  });

  test('uses the variables that it has, each before those that depend on it', () => {
    const names = shown.templating.list.map((variable) => variable.name);
    const used = (text: string): string[] => [...text.matchAll(/\$\{?([a-z]+)\b/g)].map(([, variable = '']) => variable);
    const inPanels = expressions(shown).flatMap(([, expr]) => used(expr));
    expect(new Set(inPanels)).toEqual(new Set(names.filter((variable) => variable !== 'datasource')));
    shown.templating.list.forEach(({ query }, i) => expect(names.slice(0, i)).toEqual(expect.arrayContaining(used(query))));
    shown.links.forEach(({ url }) => expect(names).toEqual(expect.arrayContaining(used(url))));
  });

  test('takes no other programs\' series in: jobs are those that have metrics of a server', () => {
    const job = shown.templating.list.find((variable) => variable.name === 'job');
    expect(job).not.toHaveProperty('allValue');
    expect(job?.query).toMatch(/simplex_|polyplex_/);
    for (const [where, expr] of expressions(shown)) for (const { metric, labels } of asked(expr).selected) if (/^(?:up$|process_|nodejs_)/.test(metric)) expect(labels, where).toContain('job');
  });

  test('matches many values by expressions', () => {
    for (const [where, expr] of expressions(shown)) expect(expr, where).not.toMatch(/[^~]"\$/);
  });

  test('marks starts, drains and alerts', () => {
    expect(shown.annotations.list.map((mark) => mark.name)).toEqual(['Starts', 'Drains', 'Alerts']);
  });

  test('has its panels side by side', () => {
    const all = shown.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    all.forEach((panel, i) => {
      expect(panel.gridPos.x + panel.gridPos.w).toBeLessThanOrEqual(24);
      for (const other of all.slice(i + 1)) expect(overlap(panel, other), `${panel.title} and ${other.title}`).toBe(false);
    });
  });
});

function overlap({ gridPos: a }: ShownPanel, { gridPos: b }: ShownPanel): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

test.each([
  ['up', ['up'], []],
  ['sum by (fleet, job) (rate(a_total{type="x{}", fleet=~"$fleet"}[$__rate_interval]))', ['a_total'], ['fleet', 'job']],
  ['avg(up{job=~"polyplex-.*"} offset 1h) unless on (job, instance) (a or b:c:sum)', ['up', 'a', 'b:c:sum'], ['job', 'instance']],
  ['histogram_quantile(0.99, sum(rate(x_bucket[5m])) by (le)) > bool 2e3', ['x_bucket'], ['le']],
  ['predict_linear(room[6h], 86400) < 0 and max_over_time(room[2d]) * 0.7 > 1', ['room', 'room'], []],
] as const)('names are found in %s', (expr, metrics, grouping) => {
  expect(asked(expr).selected.map(({ metric }) => metric)).toEqual(metrics);
  expect(asked(expr).grouping).toEqual(grouping);
});
