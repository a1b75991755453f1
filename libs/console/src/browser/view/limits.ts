/** The limits in force, the most used ones first; of several nodes the one that is nearest to its limit. */
import type { Overview } from '@polyplex/admin-api';
import { UNKNOWN, written } from '../model/format.ts';
import type { KnownNode } from '../model/network.ts';
import { createList, h, isShown, setAttribute, setText, type View } from './dom.ts';
import type { Shown } from './shown.ts';

type Limit = Overview['limits'][number];

interface LimitRow extends Limit {
  /** Part of it that is used; null where it is not known. */
  readonly share: number | null;
  /** Of several, the one of which this is. */
  readonly node: string | null;
}

const WARN = 0.8;
const BAD = 0.95;

export function createLimits(): View<Shown> {
  const [measured, others] = [h('ul', { class: 'limits' }), h('ul', { class: 'limits' })];
  const summary = h('summary');
  const more = h('details', {}, summary, others);
  const nothing = h('p', { class: 'hint' }, 'None.');
  const [showMeasured, showOthers] = [measured, others].map((list) => createList<LimitRow>(list, ({ setting }) => setting, createLimit)) as [Show, Show];
  return {
    element: h('section', { class: 'card', 'aria-labelledby': 'limits-title' }, h('h2', { id: 'limits-title' }, 'Limits in force'), nothing, measured, more),
    update({ nodes, isWhole }) {
      const rows = limitRows(nodes, isWhole);
      const [used, unused] = [rows.filter(({ share }) => share !== null), rows.filter(({ share }) => share === null)];
      isShown(nothing, rows.length === 0);
      isShown(measured, used.length > 0);
      isShown(more, unused.length > 0);
      setText(summary, `${String(unused.length)} more, whose use is not measured`);
      showMeasured(used);
      showOthers(unused);
    },
  };
}

type Show = (rows: readonly LimitRow[]) => void;

function limitRows(nodes: readonly KnownNode[], isWhole: boolean): LimitRow[] {
  const all = nodes.filter(({ presence }) => presence === 'here' || !isWhole).flatMap(({ key, overview }) =>
    overview.limits.map((limit) => ({ ...limit, share: limit.used === null || limit.value <= 0 ? null : limit.used / limit.value, node: isWhole ? key : null })));
  const nearest = [...Map.groupBy(all, ({ setting }) => setting).values()].map((same) => same.toSorted(byShare)[0]!);
  return nearest.sort((a, b) => byShare(a, b) || a.setting.localeCompare(b.setting));
}

function byShare(a: LimitRow, b: LimitRow): number {
  return (b.share ?? -1) - (a.share ?? -1);
}

function createLimit({ setting }: LimitRow): View<LimitRow> {
  const bar = h('i');
  const meter = h('div', { class: 'meter', role: 'meter', 'aria-label': setting, 'aria-valuemin': '0', 'aria-valuemax': '100' }, bar);
  const [amount, node] = [h('span', { class: 'amount' }), h('span', { class: 'note' })];
  return {
    element: h('li', {}, h('div', {}, h('code', {}, setting), node, amount), meter),
    update({ value, used, unit, share, node: of }) {
      isShown(meter, share !== null);
      setText(amount, share === null ? written(value, unit) : `${written(used, unit)} of ${written(value, unit)} · ${written(share, 'share')}`);
      setText(node, of === null || share === null || share === 0 ? '' : `most on ${of}`);
      bar.style.width = `${String(Math.min(100, (share ?? 0) * 100))}%`;
      setAttribute(meter, 'data-level', levelOf(share ?? 0));
      setAttribute(meter, 'aria-valuenow', String(Math.round(Math.min(100, (share ?? 0) * 100))));
      setAttribute(meter, 'aria-valuetext', share === null ? UNKNOWN : written(share, 'share'));
    },
  };
}

function levelOf(share: number): string {
  if (share >= BAD) return 'bad';
  return share >= WARN ? 'warn' : 'good';
}
