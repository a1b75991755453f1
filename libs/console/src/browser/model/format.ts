/** How numbers and times are written: short, in the units of their size, the same in every browser. */

/** Instead of a number that is not known. */
export const UNKNOWN = '–';

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const COMPACT_FROM = 100_000;

export type Unit = 'count' | 'bytes' | 'seconds' | 'perSecond' | 'bytesPerSecond' | 'share';

const WRITE: Readonly<Record<Unit, (value: number) => string>> = {
  count: (value) => count(value),
  bytes: (value) => bytes(value),
  seconds: (value) => seconds(value),
  perSecond: (value) => `${count(value)}/s`,
  bytesPerSecond: (value) => `${bytes(value)}/s`,
  share: (value) => (value > 0 && value < 0.001 ? '<0.1 %' : `${count(value * 100)} %`),
};

export function written(value: number | null | undefined, unit: Unit): string {
  return value === null || value === undefined || !Number.isFinite(value) ? UNKNOWN : WRITE[unit](value);
}

function count(value: number): string {
  const size = Math.abs(value);
  if (size >= COMPACT_FROM) return short.format(value);
  return size >= 10 || Number.isInteger(value) ? whole.format(value) : digits(value, 2);
}

function bytes(value: number): string {
  const exponent = Math.min(BYTE_UNITS.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(Math.abs(value), 1)) / 10)));
  return `${digits(value / 1024 ** exponent, 3)} ${BYTE_UNITS[exponent]!}`;
}

function seconds(value: number): string {
  if (value === 0) return '0 ms';
  if (value < 0.001) return `${digits(value * 1e6, 2)} µs`;
  return value < 1 ? `${digits(value * 1000, 2)} ms` : duration(value);
}

/** So many significant digits, and no fraction where it would be of no use. */
function digits(value: number, significant: number): string {
  if (value === 0) return '0';
  const before = Math.floor(Math.log10(Math.abs(value))) + 1;
  const fraction = Math.min(3, Math.max(0, significant - before));
  return String(Number(value.toFixed(fraction)));
}

const STEPS = [[365 * 86_400, 'y'], [86_400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']] as const;

const LONG_SECONDS = 10 * 365 * 86_400;

/** The two largest units, such as `3 d 4 h`; years alone where there are many. */
export function duration(total: number): string {
  if (total < 60) return `${digits(Math.max(total, 0), total < 10 ? 2 : 3)} s`;
  const at = STEPS.findIndex(([size]) => total >= size);
  const [size, unit] = STEPS[at]!;
  const [nextSize, nextUnit] = STEPS[at + 1]!;
  const rest = Math.floor((total % size) / nextSize);
  const head = `${whole.format(Math.floor(total / size))} ${unit}`;
  return rest === 0 || total >= LONG_SECONDS ? head : `${head} ${String(rest)} ${nextUnit}`;
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dayAndTime = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' });
const date = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });

/** Of today, by the browser's clock and zone. */
export const clockTime = (ms: number): string => clock.format(ms);
export const dateAndTime = (ms: number): string => dayAndTime.format(ms);
export const longDate = (ms: number): string => date.format(ms);

/** `1 node`, `3 nodes`. */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${whole.format(number)} ${number === 1 ? one : many}`;
}
