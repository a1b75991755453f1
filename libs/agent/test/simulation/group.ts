/** Lives by the hundred: the same group is the same lives. */
import { Coverage } from './coverage.ts';
import { live } from './simulate.ts';
import { TROUBLES } from './troubles.ts';
import type { Crash } from './world.ts';

/** Lives of a group of seeds that follow each other. */
const LIVES = 200;

export interface Fault {
  readonly kind: string;
  readonly seed: number;
  readonly crash: Crash | null;
  readonly faults: readonly string[];
}

export interface GroupResult {
  readonly group: number;
  readonly lives: number;
  readonly faults: readonly Fault[];
  readonly coverage: Pick<Coverage, 'counts' | 'deaths'>;
}

/** By turns many lives, and one life that is lived again and again and ended once at each of its commits: before it, and after it. */
/** `stopsAtFault`: the rest is not lived. */
export async function liveGroup(group: number, { kind, stopsAtFault }: { readonly kind: string; readonly stopsAtFault: boolean }): Promise<GroupResult> {
  const kinds = TROUBLES.filter(([name]) => name.includes(kind));
  const [name, troubles] = kinds[group % kinds.length]!;
  const turn = Math.floor(group / kinds.length);
  const coverage = new Coverage();
  const faults: Fault[] = [];
  const one = async (seed: number, crash: Crash | null): Promise<number> => {
    if (stopsAtFault && faults.length > 0) return 0;
    const life = await live(seed, troubles, crash);
    coverage.add(life.coverage);
    if (life.faults.length > 0) faults.push({ kind: name, seed, crash, faults: life.faults });
    return life.commits;
  };
  if (turn % 2 === 0) for (let i = 0; i < LIVES; i++) await one(turn * LIVES + i, null);
  else await sweep(turn, one);
  return { group, lives: coverage.counts.lives ?? 0, faults, coverage: { counts: coverage.counts, deaths: coverage.deaths } };
}

async function sweep(seed: number, one: (seed: number, crash: Crash | null) => Promise<number>): Promise<void> {
  const commits = await one(seed, null);
  for (let at = 0; at < commits; at++) for (const fate of ['dies before', 'dies after'] as const) await one(seed, { at, fate });
}
