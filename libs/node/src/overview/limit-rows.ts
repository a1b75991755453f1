/** Settings that are bounds, as rows of an overview. */
import type { Limit } from './source.ts';

/** `used`: null where it is not known. A null `value` is no bound, and no row. */
export function limitRow(setting: string, value: number | null, used: number | null | undefined, unit: Limit['unit'] = 'count'): Limit[] {
  return value === null ? [] : [{ setting, value, used: used ?? null, unit }];
}
