/** All charts of what is shown, and how far back they go. */
import type { ServiceName } from '@polyplex/admin-api';
import { clockTime } from '../model/format.ts';
import type { Sample } from '../model/sample.ts';
import { createChartCard, type ChartInput } from './chart-card.ts';
import { CHARTS, type ChartFacts } from './chart-list.ts';
import { createList, h, isShown, setText, type View } from './dom.ts';

export interface ChartsInput {
  readonly service: ServiceName;
  readonly samples: readonly Sample[];
  readonly isWhole: boolean;
  /** The node that serves the page. */
  readonly toldBy: string;
}

const MINUTE_MS = 60_000;
const RANGES = [[5, '5 min'], [15, '15 min'], [60, '1 hour']] as const;
/** A chart is not narrower, however little is known. */
const MIN_SHOWN_MS = 2 * MINUTE_MS;

/** Where all charts are shown at once. */
const ROOMY = '(min-width: 60rem)';

export function createCharts(): View<ChartsInput> {
  let range: number = 60;
  let last: ChartsInput | null = null;
  const inputs = RANGES.map(([minutes, label]) => {
    const input = h('input', { type: 'radio', name: 'range', value: String(minutes) });
    input.checked = minutes === range;
    input.addEventListener('change', () => {
      range = minutes;
      if (last !== null) update(last);
    });
    return h('label', {}, input, h('span', {}, label));
  });
  const note = h('p', { class: 'hint' });
  const [grid, moreGrid] = [h('div', { class: 'charts' }), h('div', { class: 'charts' })];
  const more = h('details', { class: 'more' }, h('summary', {}, 'More charts'), moreGrid);
  more.open = matchMedia(ROOMY).matches;
  const element = h('section', { 'aria-labelledby': 'charts-title' },
    h('div', { class: 'bar' }, h('h2', { id: 'charts-title' }, 'Charts'), h('fieldset', { class: 'choice' }, h('legend', {}, 'How far back'), ...inputs)), note, grid, more);
  const [show, showMore] = [grid, moreGrid].map(listOf) as [Show, Show];

  function update(input: ChartsInput): void {
    last = input;
    const to = input.samples.at(-1)?.at ?? Date.now();
    const known = Math.min(input.samples.at(0)?.at ?? to, to - MIN_SHOWN_MS);
    const from = Math.max(to - range * MINUTE_MS, known);
    const names = new Set(input.samples.slice(-1).flatMap(({ values }) => Object.keys(values)));
    const shown = CHARTS.filter(({ of, lines }) => (of ?? input.service) === input.service && (names.size === 0 || lines.some(({ name }) => names.has(name))));
    const entries = shown.map((facts) => ({ facts, input: { samples: input.samples, from, to, isWhole: input.isWhole } }));
    show(entries.filter(({ facts }) => facts.isMore !== true));
    showMore(entries.filter(({ facts }) => facts.isMore === true));
    isShown(note, input.isWhole);
    setText(note, wholeText(input));
  }

  return { element, update };
}

interface Entry {
  readonly facts: ChartFacts;
  readonly input: ChartInput;
}

type Show = (entries: readonly Entry[]) => void;

function listOf(grid: HTMLElement): Show {
  return createList<Entry>(grid, ({ facts }) => `${facts.of ?? ''} ${facts.title}`, ({ facts }) => {
    const card = createChartCard(facts);
    return { element: card.element, update: ({ input }) => card.update(input) };
  });
}

/** A minute, where others were heard of so often. */
const COARSE_MS = 30_000;

function wholeText({ samples, toldBy }: ChartsInput): string {
  const isCoarse = ({ stepMs = 0 }: Sample): boolean => stepMs > COARSE_MS;
  const since = samples.find((sample) => !isCoarse(sample));
  const before = samples.some(isCoarse) ? `; before that a minute at a time, as ${toldBy} heard of them` : '';
  return since === undefined ? '' : `All nodes together since this page was opened at ${clockTime(since.at)}${before}.`;
}
