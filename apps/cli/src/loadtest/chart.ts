/** A chart of lines over time, as SVG in text. Everything in it is numbers and escaped names. */
import { escapeHtml } from '@polyplex/node';

interface Line {
  readonly name: string;
  readonly points: readonly { readonly at: number; readonly value: number | null }[];
}

export interface Chart {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly Line[];
  /** A moment to be marked, Unix seconds, with what it is. */
  readonly mark?: { readonly at: number; readonly label: string } | null;
}

const WIDTH = 720;
const HEIGHT = 240;
const LEFT = 56;
const BOTTOM = 28;
const TOP = 12;
const TICKS = 4;
/** Told apart by those who see few colours, too; the legend has the names. */
const COLOURS = ['#0b6bcb', '#c45500', '#1a7f4b', '#8a3ffc', '#a8071a', '#5c5c5c', '#00838f', '#b8860b'];

interface Scale {
  readonly x: (at: number) => number;
  readonly y: (value: number) => number;
  readonly most: number;
  readonly from: number;
  readonly to: number;
}

export function chartOf(chart: Chart): string {
  const all = chart.lines.flatMap(({ points }) => points);
  if (all.length === 0) return '';
  const scale = scaleOf(all);
  const title = escapeHtml(chart.title);
  const paths = chart.lines.map((line, i) => pathOf(line, scale, COLOURS[i % COLOURS.length]!)).join('');
  return `<figure><figcaption>${title}${chart.unit === '' ? '' : `, ${escapeHtml(chart.unit)}`}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">${axes(scale)}${markOf(chart, scale)}${paths}</svg>
<p class="legend">${chart.lines.map(({ name }, i) => `<span><i style="background:${COLOURS[i % COLOURS.length]!}"></i>${escapeHtml(name)}</span>`).join('')}</p></figure>`;
}

function scaleOf(points: readonly { readonly at: number; readonly value: number | null }[]): Scale {
  const times = points.map(({ at }) => at);
  const [from, to] = [times.reduce((a, b) => Math.min(a, b)), times.reduce((a, b) => Math.max(a, b))];
  const most = niceAbove(points.reduce((max, { value }) => Math.max(max, value ?? 0), 0));
  return {
    from, to, most,
    x: (at) => LEFT + ((at - from) / Math.max(1, to - from)) * (WIDTH - LEFT - 8),
    y: (value) => TOP + (1 - value / most) * (HEIGHT - TOP - BOTTOM),
  };
}

/** 1, 2 or 5 times a power of ten. */
function niceAbove(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((times) => times * power).find((nice) => nice >= value) ?? value;
}

function axes({ x, y, most, from, to }: Scale): string {
  const rows = Array.from({ length: TICKS + 1 }, (_, i) => (most * i) / TICKS);
  const columns = Array.from({ length: TICKS + 1 }, (_, i) => from + ((to - from) * i) / TICKS);
  return rows.map((value) => `<line class="grid" x1="${LEFT}" x2="${WIDTH - 8}" y1="${round(y(value))}" y2="${round(y(value))}"/><text x="${LEFT - 6}" y="${round(y(value) + 4)}" text-anchor="end">${short(value)}</text>`).join('') +
    columns.map((at) => `<text x="${round(x(at))}" y="${HEIGHT - 8}" text-anchor="middle">${clock(at - from)}</text>`).join('');
}

function markOf({ mark }: Chart, { x, from, to }: Scale): string {
  if (mark === undefined || mark === null || mark.at < from || mark.at > to) return '';
  const at = round(x(mark.at));
  return `<line class="mark" x1="${at}" x2="${at}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/><text x="${at}" y="${TOP - 2}" text-anchor="middle">${escapeHtml(mark.label)}</text>`;
}

function pathOf({ points }: Line, { x, y }: Scale, colour: string): string {
  let pen = 'M';
  const steps: string[] = [];
  for (const { at, value } of points) {
    if (value === null) pen = 'M';
    else {
      steps.push(`${pen}${round(x(at))} ${round(y(value))}`);
      pen = 'L';
    }
  }
  return `<path d="${steps.join('')}" stroke="${colour}"/>`;
}

const round = (value: number): string => value.toFixed(1);

export function short(value: number): string {
  if (value >= 10_000) return `${Math.round(value / 1000)}k`;
  return value >= 100 || Number.isInteger(value) ? String(Math.round(value)) : String(Number(value.toPrecision(2)));
}

/** Minutes and seconds since the begin. */
function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.round(seconds % 60)).padStart(2, '0')}`;
}
