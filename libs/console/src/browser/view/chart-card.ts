/** A chart with its title and what its lines say: now, or where the cursor is. */
import { clockTime, UNKNOWN, written } from '../model/format.ts';
import type { Sample } from '../model/sample.ts';
import { columns } from '../model/track.ts';
import type { ChartFacts } from './chart-list.ts';
import { h, isShown, setAttribute, setText, type View } from './dom.ts';
import { createPlot, type PlotData } from './plot.ts';

export interface ChartInput {
  readonly samples: readonly Sample[];
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly isWhole: boolean;
}

const KEYS: Readonly<Record<string, number | null>> = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20, Home: -Infinity, End: Infinity, Escape: null };

export function createChartCard({ title, unit, lines, whole }: ChartFacts): View<ChartInput> {
  let data: PlotData = { times: [], values: [], from: 0, to: 1 };
  const when = h('span', { class: 'when' });
  const note = h('span', { class: 'note' });
  const nothing = h('p', { class: 'nothing' }, 'Nothing in this time');
  const values = lines.map(() => h('b'));
  const items = lines.map(({ label, dashed }, index) =>
    h('li', { class: dashed === true ? 'dashed' : '' }, h('i', { class: `key key-${String(index + 1)}` }), `${label} `, values[index]!));
  let cursor: number | null = null;
  const say = (index: number | null): void => {
    cursor = index;
    const time = index === null ? undefined : data.times[index];
    setText(when, time === undefined ? '' : clockTime(time * 1000));
    lines.forEach((_line, at) => setText(values[at]!, written(data.values[at]?.at(time === undefined ? -1 : index!), unit)));
  };
  const plot = createPlot({ unit, lines, onCursor: say });
  const frame = h('div', { class: 'frame', role: 'img', tabindex: '0' }, plot.element, nothing);
  frame.addEventListener('keydown', (event) => {
    const by = KEYS[event.key];
    if (by === undefined) return;
    event.preventDefault();
    plot.step(by);
  });
  frame.addEventListener('blur', () => plot.step(null));
  const element = h('article', { class: 'chart' }, h('header', {}, h('h3', {}, title), note, when), h('ul', {}, ...items), frame);

  return {
    element,
    update({ samples, from, to, isWhole }) {
      const { times, values: found } = columns(samples, lines.map(({ name }) => name), from);
      data = { times, values: found, from: from / 1000, to: to / 1000 };
      items.forEach((item, index) => isShown(item, index === 0 || found[index]!.some((value) => value !== null)));
      setText(note, isWhole && whole !== undefined ? whole : '');
      isShown(nothing, !found.some((column) => column.some((value) => value !== null)));
      plot.show(data);
      say(cursor);
      setAttribute(frame, 'aria-label', summary(data));
    },
  };

  function summary({ values: all }: PlotData): string {
    const parts = lines.flatMap(({ label }, index) => {
      const known = (all[index] ?? []).filter((value) => value !== null);
      return known.length === 0 ? [] : [`${label} from ${written(Math.min(...known), unit)} to ${written(Math.max(...known), unit)}, last ${written(known.at(-1), unit)}`];
    });
    return `${title}: ${parts.length === 0 ? UNKNOWN : parts.join('; ')}`;
  }
}
