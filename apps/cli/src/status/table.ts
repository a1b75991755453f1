/** Text in columns, as wide as the terminal lets it be: columns that do not fit are left out from the right. */

export type Tone = 'plain' | 'dim' | 'bold' | 'good' | 'fair' | 'bad';

export interface Cell {
  readonly text: string;
  readonly tone?: Tone;
}

export interface Column {
  readonly title: string;
  readonly align?: 'right';
}

const CODES: Readonly<Record<Tone, string>> = { plain: '', dim: '2', bold: '1', good: '32', fair: '33', bad: '31' };
const GAP = '  ';
const INDENT = '  ';
/** Names that others chose are cut. */
const MAX_CELL = 48;

export type Paint = (text: string, tone: Tone) => string;

export const inColour: Paint = (text, tone) => (CODES[tone] === '' ? text : `\u001b[${CODES[tone]}m${text}\u001b[0m`);
export const inPlain: Paint = (text) => text;

/** What came from elsewhere cannot steer the terminal. */
export function harmless(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
}

export function cut(text: string, width: number): string {
  const letters = [...text];
  return letters.length <= width ? text : `${letters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

export interface Page {
  /** Letters in a line. */
  readonly width: number;
  readonly paint: Paint;
}

export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[], { width, paint }: Page): string[] {
  const all = [columns.map(({ title }): Cell => ({ text: title, tone: 'dim' })), ...rows].map((row) => row.map((cell) => ({ ...cell, text: cut(harmless(cell.text), MAX_CELL) })));
  const widths = columns.map((_, i) => Math.max(...all.map((row) => [...(row[i]?.text ?? '')].length)));
  const shown = fitting(widths, width - INDENT.length);
  return all.map((row) => INDENT + columns.slice(0, shown).map((column, i) => padded(row[i] ?? { text: '' }, widths[i]!, { column, paint })).join(GAP).trimEnd());
}

/** How many columns there is room for, at least one. */
function fitting(widths: readonly number[], width: number): number {
  let used = -GAP.length;
  let shown = 0;
  for (const each of widths) {
    used += each + GAP.length;
    if (used > width) break;
    shown++;
  }
  return Math.max(1, shown);
}

function padded({ text, tone = 'plain' }: Cell, width: number, { column, paint }: { readonly column: Column; readonly paint: Paint }): string {
  const space = ' '.repeat(Math.max(0, width - [...text].length));
  return column.align === 'right' ? space + paint(text, tone) : paint(text, tone) + space;
}
