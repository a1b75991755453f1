/** One uPlot chart: lines over time from zero up, with a cursor that all charts share. */
import uPlot from 'uplot';
import { clockTime, type Unit, written } from '../model/format.ts';
import type { ChartLine } from './chart-list.ts';
import { colour, onColours } from './theme.ts';

export interface PlotData {
  /** Seconds since 1970. */
  readonly times: number[];
  /** By line. */
  readonly values: (number | null)[][];
  readonly from: number;
  readonly to: number;
}

export interface Plot {
  readonly element: HTMLElement;
  show(data: PlotData): void;
  /** Moves the cursor by so many steps; null takes it away. */
  step(by: number | null): void;
}

export interface PlotOptions {
  readonly unit: Unit;
  readonly lines: readonly ChartLine[];
  /** Where the cursor is, as an index into the data; null when nowhere. */
  readonly onCursor: (index: number | null) => void;
}

const HEIGHT = 150;
const CURSOR_KEY = 'polyplex';
const CHARACTER_PX = 6.4;
const LABEL_PX = 72;
const BINARY_STEPS = Array.from({ length: 60 }, (_, exponent) => 2 ** exponent);
/** A unit per second is said by the value beside the title. */
const AXIS_UNIT: Readonly<Record<Unit, Unit>> = { count: 'count', bytes: 'bytes', seconds: 'seconds', perSecond: 'count', bytesPerSecond: 'bytes', share: 'share' };

const seriesColour = (index: number): string => colour(`--series-${String(index + 1)}`);

export function createPlot({ unit, lines, onCursor }: PlotOptions): Plot {
  const element = document.createElement('div');
  element.className = 'plot';
  let range: [number, number] = [0, 1];
  const isBinary = unit === 'bytes' || unit === 'bytesPerSecond';
  const axis = { stroke: () => colour('--muted'), font: '11px system-ui, sans-serif', ticks: { show: false }, grid: { stroke: () => colour('--grid'), width: 1 } };
  const chart = new uPlot({
    width: 300, height: HEIGHT, legend: { show: false }, padding: [8, 8, 0, 0],
    cursor: { sync: { key: CURSOR_KEY, scales: ['x', null] }, y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: { x: { time: true, range: () => range }, y: { range: (_u, _min, max) => fromZero(max) } },
    axes: [
      { ...axis, space: LABEL_PX, size: 26, grid: { show: false }, values: (_u, splits) => splits.map((at) => timeLabel(at, range)) },
      {
        ...axis, space: 34, gap: 6, ...(isBinary ? { incrs: BINARY_STEPS } : {}),
        size: (_u, labels: string[] | null) => 14 + CHARACTER_PX * Math.max(3, ...(labels ?? []).map(({ length }) => length)),
        values: (_u, splits) => splits.map((value) => written(value, AXIS_UNIT[unit])),
      },
    ],
    series: [{}, ...lines.map(({ dashed }, index) => ({
      stroke: () => seriesColour(index), width: 1.75, points: { show: false }, spanGaps: false,
      ...(dashed === true ? { dash: [5, 4] } : {}),
      ...(lines.length === 1 ? { fill: () => colour('--area') } : {}),
    }))],
    hooks: { setCursor: [({ cursor }) => onCursor(cursor.idx ?? null)] },
  }, [[], ...lines.map(() => [])], element);
  onColours(() => chart.redraw(false));
  new ResizeObserver(() => {
    if (element.clientWidth > 0) chart.setSize({ width: element.clientWidth, height: HEIGHT });
  }).observe(element);
  return {
    element,
    show({ times, values, from, to }) {
      range = [from, to];
      chart.setData([times, ...values]);
    },
    step: (by) => moveCursor(chart, by),
  };
}

/** Room above the highest value; a line of zeros lies on the floor. */
function fromZero(max: number | null): [number, number] {
  return max === null || max <= 0 ? [0, 1] : [0, max * 1.12];
}

const SHORT_RANGE_SECONDS = 4 * 60;

/** A label at the very end would be cut off. */
function timeLabel(at: number, [from, to]: [number, number]): string {
  if (to - at < (to - from) * 0.07) return '';
  const text = clockTime(at * 1000);
  return to - from < SHORT_RANGE_SECONDS ? text : text.slice(0, -3);
}

const NOWHERE = { left: -10, top: -10 };

function moveCursor(chart: uPlot, by: number | null): void {
  const [times] = chart.data;
  const { idx } = chart.cursor;
  const next = Math.min(times.length - 1, Math.max(0, (idx ?? times.length) + (by ?? 0)));
  const at = by === null ? undefined : times[next];
  for (const each of uPlot.sync(CURSOR_KEY).plots) each.setCursor(at === undefined ? NOWHERE : { left: each.valToPos(at, 'x'), top: 10 }, true);
}
