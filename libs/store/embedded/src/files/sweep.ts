/**
 * Work on the rows of an index from its beginning, each a step of its own: others get in between, and one that is damaged
 * stops only itself.
 */
import { concatBytes, hasCode } from '@polyplex/base';
import { START } from '../cursors.ts';
import { answer, now, type Serving } from '../engine.ts';
import type { Table } from '../tables.ts';
import { FREES } from './engine.ts';

const ROWS_PER_STEP = 200;

/** Any store here. */
interface Sweeping extends Serving {
  readonly reportDamage: () => void;
}

interface Range {
  readonly table: Pick<Table<unknown>, 'rows'>;
  /** Not included. */
  readonly end: Uint8Array;
  /** How many results at most; fewer when there are no more rows. */
  readonly limit: number;
}

/** The results of `work`, which runs inside a transaction and answers null for a row that is no longer what it was. */
export async function sweep<T>(engine: Sweeping, { table, end, limit }: Range, work: (key: Uint8Array) => T | null): Promise<T[]> {
  const results: T[] = [];
  let start: Uint8Array = START;
  while (results.length < limit) {
    const wanted = Math.min(ROWS_PER_STEP, limit - results.length);
    const rows = await now(engine, () => table.rows(start, end, wanted));
    const done = await Promise.all(rows.map(({ key }) => alone(engine, () => work(key))));
    for (const result of done) if (result !== null) results.push(result);
    if (rows.length < wanted) break;
    start = concatBytes(rows.at(-1)!.key, Uint8Array.of(0));
  }
  return results;
}

async function alone<T>(engine: Sweeping, work: () => T | null): Promise<T | null> {
  try {
    return await engine.writes.run(() => answer(work()), FREES);
  } catch (error) {
    if (!hasCode(error, 'DAMAGED')) throw error;
    engine.reportDamage();
    return null;
  }
}
