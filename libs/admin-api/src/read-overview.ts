/**
 * What another node told of itself, read with patience: nodes of several releases share a network, and a number, a limit
 * or a store that this one does not know must not hide the whole node.
 */
import type { z } from 'zod';
import { COUNTERS, GAUGES, LATENCIES } from './numbers.ts';
import { type Overview, overviewSchema } from './overview.ts';

type Fields = Readonly<Record<string, unknown>>;

const { shape } = overviewSchema;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Those of the fields that are known and right. */
function known(fields: unknown, table: object, schema: z.ZodType): Fields {
  if (!isFields(fields)) return {};
  return Object.fromEntries(Object.entries(fields).filter(([name, value]) => Object.hasOwn(table, name) && schema.safeParse(value).success));
}

function right(items: unknown, schema: z.ZodType): unknown[] {
  return Array.isArray(items) ? items.filter((item) => schema.safeParse(item).success) : [];
}

/** Null for what is no overview at all. Unknown parts are left out. */
export function readOverview(value: unknown): Overview | null {
  if (!isFields(value)) return null;
  const read = overviewSchema.safeParse({
    ...value,
    counters: known(value['counters'], COUNTERS, shape.counters.valueType),
    rates: known(value['rates'], COUNTERS, shape.rates.valueType),
    gauges: known(value['gauges'], GAUGES, shape.gauges.valueType),
    latencies: known(value['latencies'], LATENCIES, shape.latencies.valueType),
    stores: right(value['stores'], shape.stores.element),
    certificates: right(value['certificates'], shape.certificates.element),
    limits: right(value['limits'], shape.limits.element),
    warnings: right(value['warnings'], shape.warnings.element),
  });
  return read.success ? read.data : null;
}

/** The same of its JSON. */
export function parseOverview(json: string): Overview | null {
  try {
    return readOverview(JSON.parse(json));
  } catch {
    return null; // no JSON
  }
}
