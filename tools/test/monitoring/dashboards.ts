/** The dashboards as Grafana gets them: what tests read of `deploy/grafana`. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from '../../workspaces.ts';

export const GRAFANA_FOLDER = join(workspaceRoot, 'deploy/grafana');

interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly datasource: { readonly uid: string };
}

export interface ShownPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly uid: string };
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly targets?: readonly Target[];
  readonly panels?: readonly ShownPanel[];
}

interface Variable {
  readonly name: string;
  readonly type: string;
  readonly query: string;
  readonly multi?: boolean;
  readonly includeAll?: boolean;
}

export interface Shown {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly ShownPanel[];
  readonly templating: { readonly list: readonly Variable[] };
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr: string; readonly datasource: { readonly uid: string } }[] };
  readonly links: readonly { readonly url: string }[];
}

export function dashboardNames(): readonly string[] {
  return readdirSync(GRAFANA_FOLDER).filter((name) => name.endsWith('.json'));
}

export function readDashboard(name: string): Shown {
  return JSON.parse(readFileSync(join(GRAFANA_FOLDER, name), 'utf8')) as Shown;
}

/** Those of collapsed rows included; rows not. */
export function panelsOf({ panels }: Shown): readonly ShownPanel[] {
  return panels.flatMap((panel) => (panel.type === 'row' ? (panel.panels ?? []) : [panel]));
}

/** Every expression of a dashboard, and where it is. */
export function expressions(shown: Shown): readonly (readonly [where: string, expr: string])[] {
  const ofPanels = panelsOf(shown).flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const));
  return [...ofPanels, ...shown.annotations.list.map(({ name, expr }) => [name, expr] as const)];
}
