/**
 * Durations and sizes as people write them: `21d`, `1.5s`, `64MiB`. Reading and writing agree: what is written reads
 * back as the same number.
 */

const DURATION_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const SIZE_BYTES = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 } as const;

const DURATION = /^(\d+)(?:\.(\d{1,4}))? ?(ms|s|m|h|d)$/;
const SIZE = /^(\d+)(?:\.(\d{1,4}))? ?(B|KiB|MiB|GiB|TiB)$/;

/** Milliseconds of `15s`, `1.5s`, `21d` (units ms, s, m, h, d; 0 needs none); null for anything else. */
export function readDuration(text: string): number | null {
  return read(text, DURATION, DURATION_MS);
}

/** Bytes of `64MiB`, `16KiB` (units B, KiB, MiB, GiB, TiB; 0 needs none); null for anything else. */
export function readSize(text: string): number | null {
  return read(text, SIZE, SIZE_BYTES);
}

/** In whole numbers throughout, because 4398046511.1 s times 1000 is no whole number of milliseconds in floating point. */
function read(text: string, form: RegExp, units: Readonly<Record<string, number>>): number | null {
  if (text === '0') return 0;
  const [, whole, decimals = '', unit = ''] = form.exec(text) ?? [];
  const factor = units[unit];
  if (factor === undefined) return null;
  const scale = 10 ** decimals.length;
  const part = (Number(decimals) * factor) / scale;
  const value = Number(whole) * factor + part;
  return Number.isInteger(part) && Number.isSafeInteger(value) ? value : null;
}

/** The shortest exact form of milliseconds: `21d`, `1.5s`, `90s` becomes `1.5m`. */
export function formatDuration(ms: number): string {
  return shortest(ms, DURATION_MS);
}

/** The shortest exact form of bytes. */
export function formatSize(bytes: number): string {
  return shortest(bytes, SIZE_BYTES);
}

/** In the largest unit that gives at least 1 and at most one decimal. */
function shortest(value: number, units: Readonly<Record<string, number>>): string {
  if (value === 0) return '0';
  const largestFirst = Object.entries(units).reverse();
  const unit = largestFirst.find(([, factor]) => value >= factor && (value * 10) % factor === 0);
  return unit === undefined ? String(value) : `${String(value / unit[1])}${unit[0]}`;
}
