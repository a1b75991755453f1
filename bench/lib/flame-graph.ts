/**
 * A flame graph of a CPU profile as one SVG: time from left to right, callers below what they call, as a browser shows it
 * without anything else. A frame's title says its share; a click widens it to the whole, a click on the ground undoes that.
 */
import type { Profiler } from 'node:inspector';

/** A function in one place of the stack, with the samples in which it was there. */
export interface Frame {
  readonly name: string;
  /** File and line; empty for what is not of a file. */
  readonly place: string;
  /** Microseconds, with everything that it called. */
  total: number;
  /** Microseconds in which it was itself on top. */
  self: number;
  readonly callees: Map<string, Frame>;
}

/** Not work: the process slept, or nobody knows. */
const NOT_WORK: ReadonlySet<string> = new Set(['(idle)', '(program)', '(root)']);

function frame(name: string, place: string): Frame {
  return { name, place, total: 0, self: 0, callees: new Map() };
}

/** The stacks of a profile as a tree; what the process slept is left out. */
export function framesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Frame {
  const selfMicros = new Map<number, number>();
  samples.forEach((id, i) => selfMicros.set(id, (selfMicros.get(id) ?? 0) + Math.max(0, timeDeltas[i] ?? 0)));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const root = frame('all', '');
  const add = (node: Profiler.ProfileNode, caller: Frame): number => {
    const { functionName, url, lineNumber } = node.callFrame;
    if (functionName === '(idle)') return 0;
    const here = NOT_WORK.has(functionName) && functionName === '(root)' ? caller : calleeOf(caller, functionName, placeOf(url, lineNumber));
    const self = selfMicros.get(node.id) ?? 0;
    const below = (node.children ?? []).reduce((sum, id) => sum + add(byId.get(id)!, here), 0);
    here.self += self;
    if (here !== caller) here.total += self + below;
    return self + below;
  };
  root.total = nodes.length === 0 ? 0 : add(nodes[0]!, root);
  return root;
}

function calleeOf(caller: Frame, functionName: string, place: string): Frame {
  const name = functionName === '' ? '(anonymous)' : functionName;
  const key = `${name} ${place}`;
  const known = caller.callees.get(key) ?? frame(name, place);
  caller.callees.set(key, known);
  return known;
}

/** From the workspace's folder on, where that is in it. */
function placeOf(url: string, lineNumber: number): string {
  if (url === '') return '';
  const path = url.replace(/^file:\/\//, '').replace(/^.*\/(?=(?:libs|apps|bench|node_modules|dist)\/)/, '');
  return `${path}:${lineNumber + 1}`;
}

const WIDTH = 1600;
const ROW = 17;
/** Narrower than this, nobody sees it. */
const NARROWEST = 0.4;
const CHARACTER = 6.6;

interface Box {
  readonly frame: Frame;
  readonly x: number;
  readonly width: number;
  readonly depth: number;
}

function boxesOf(root: Frame): Box[] {
  const scale = WIDTH / Math.max(1, root.total);
  const boxes: Box[] = [];
  const place = (each: Frame, x: number, depth: number): void => {
    const width = each.total * scale;
    if (width < NARROWEST) return;
    boxes.push({ frame: each, x, width, depth });
    let at = x;
    for (const callee of [...each.callees.values()].toSorted((a, b) => a.name.localeCompare(b.name))) {
      place(callee, at, depth + 1);
      at += callee.total * scale;
    }
  };
  place(root, 0, 0);
  return boxes;
}

/** Ours, Node's, packages', and what the engine does: one hue each, so that they are told apart at a glance. */
function hueOf({ name, place }: Frame): number {
  if (name.startsWith('(')) return 280;
  if (place.includes('node_modules/')) return 200;
  if (place === '' || place.startsWith('node:')) return 120;
  return 25;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

const SCRIPT = `
const svg = document.documentElement, all = [...svg.querySelectorAll('g')];
svg.addEventListener('click', (event) => {
  const chosen = event.target.closest('g') ?? all[0], [x, w] = [Number(chosen.dataset.x), Number(chosen.dataset.w)];
  for (const g of all) {
    const [left, width] = [(g.dataset.x - x) * ${WIDTH} / w, g.dataset.w * ${WIDTH} / w];
    const shown = left + width > 0 && left < ${WIDTH} && width > ${NARROWEST};
    g.style.display = shown ? '' : 'none';
    if (!shown) continue;
    const from = Math.max(0, left), wide = Math.min(${WIDTH}, left + width) - from, [rect, text] = [g.children[1], g.children[2]];
    rect.setAttribute('x', from); rect.setAttribute('width', wide); text.setAttribute('x', from + 3);
    text.textContent = g.dataset.name.slice(0, Math.max(0, wide / ${CHARACTER} - 1));
  }
});`;

/** The graph as the text of an SVG file. */
export function flameGraph(root: Frame, title: string): string {
  const boxes = boxesOf(root);
  const height = (Math.max(...boxes.map(({ depth }) => depth)) + 3) * ROW;
  const drawn = boxes.map((box) => draw(box, root, height));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="monospace" font-size="11">
<text x="3" y="13">${escape(title)}</text>
${drawn.join('\n')}
<script><![CDATA[${SCRIPT}]]></script>
</svg>
`;
}

function draw({ frame: { name, place, total, self }, ...box }: Box, root: Frame, height: number): string {
  const y = height - (box.depth + 1) * ROW;
  const share = (micros: number): string => `${((100 * micros) / Math.max(1, root.total)).toFixed(2)} %`;
  const title = escape(`${name} ${place}: ${share(total)}, itself ${share(self)}`);
  const [x, width] = [box.x.toFixed(2), box.width.toFixed(2)];
  const label = escape(name.slice(0, Math.max(0, Math.floor(box.width / CHARACTER) - 1)));
  const colour = `hsl(${hueOf({ name, place, total, self, callees: new Map() })} 70% ${70 + (name.length % 5) * 3}%)`;
  return `<g data-x="${x}" data-w="${width}" data-name="${escape(name)}"><title>${title}</title>` +
    `<rect x="${x}" y="${y}" width="${width}" height="${ROW - 1}" fill="${colour}"/><text x="${(box.x + 3).toFixed(2)}" y="${y + 12}">${label}</text></g>`;
}

/** The functions that were on top most often, wherever they were called from. */
export function hottest(root: Frame, count: number): readonly { readonly name: string; readonly share: number }[] {
  const selves = new Map<string, number>();
  const visit = (each: Frame): void => {
    const name = `${each.name} ${each.place}`.trim();
    selves.set(name, (selves.get(name) ?? 0) + each.self);
    for (const callee of each.callees.values()) visit(callee);
  };
  visit(root);
  return [...selves].toSorted((a, b) => b[1] - a[1]).slice(0, count).map(([name, self]) => ({ name, share: self / Math.max(1, root.total) }));
}
