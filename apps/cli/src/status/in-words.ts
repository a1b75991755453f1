/** Numbers for people, in few letters. */
import { DAY, HOUR, MINUTE, SECOND } from '@polyplex/base';

/** For what is not known. */
const UNKNOWN = '–';

const STEP = 1024;
const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const THOUSANDS = ['', 'k', 'M', 'G', 'T'];

/** Three digits, and no more behind the point than people read. */
function short(value: number): string {
  return value === 0 ? '0' : value < 9.95 ? value.toFixed(1) : String(Math.round(value));
}

function scaled(value: number, step: number, most: number): [value: number, unit: number] {
  let [rest, unit] = [value, 0];
  while (rest >= step * 0.9995 && unit < most) [rest, unit] = [rest / step, unit + 1];
  return [rest, unit];
}

/** Whole up to five digits. */
export function count(value: number | null | undefined): string {
  if (value === null || value === undefined) return UNKNOWN;
  if (Math.abs(value) < 100_000) return Math.round(value).toLocaleString('en-US');
  const [rest, unit] = scaled(value, 1000, THOUSANDS.length - 1);
  return `${rest.toFixed(1)}${THOUSANDS[unit]!}`;
}

export function rate(value: number | null | undefined): string {
  if (value === null || value === undefined) return UNKNOWN;
  return value < 1000 ? (value > 0 && value < 0.05 ? '<0.1' : short(value)) : count(value);
}

export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return UNKNOWN;
  const [rest, unit] = scaled(value, STEP, BYTE_UNITS.length - 1);
  return `${unit === 0 ? String(Math.round(rest)) : short(rest)} ${BYTE_UNITS[unit]!}`;
}

export function seconds(value: number | null | undefined): string {
  if (value === null || value === undefined) return UNKNOWN;
  return value < 1 ? `${short(value * SECOND)} ms` : `${short(value)} s`;
}

export function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? UNKNOWN : `${String(Math.round(share * 100))}%`;
}

/** In the two largest units. */
export function duration(ms: number): string {
  const units = [['d', DAY], ['h', HOUR], ['m', MINUTE], ['s', SECOND]] as const;
  const first = units.findIndex(([, size]) => ms >= size);
  if (first === -1) return '0s';
  const parts: string[] = [];
  let rest = ms;
  for (const [name, size] of units.slice(first, first + 2)) {
    const whole = Math.floor(rest / size);
    rest -= whole * size;
    if (whole > 0) parts.push(`${String(whole)}${name}`);
  }
  return parts.join(' ');
}
