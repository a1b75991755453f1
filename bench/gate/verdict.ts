/** What the gate makes of its measurements: how far each ratio may be from the committed one, and what is said when it is further. */

/** Bare echoes of a block for a delivered message, by what was measured. */
export type Ratios = Readonly<Record<string, number>>;

export interface Baseline {
  readonly ratios: Ratios;
  /** By how much a ratio may be above its own: 0.25 is a quarter. */
  readonly tolerance: number;
}

/** Lines for people: those of `failures` are reasons to fail, the others are not. */
export interface Verdict {
  readonly failures: readonly string[];
  readonly remarks: readonly string[];
}

/** So far below the baseline, it no longer guards what was won. */
const WORTH_KEEPING = 0.15;

const shown = (ratio: number): string => ratio.toFixed(2);

export function judge(measured: Ratios, { ratios, tolerance }: Baseline): Verdict {
  const failures: string[] = [];
  const remarks: string[] = [];
  for (const [name, expected] of Object.entries(ratios)) {
    const ratio = measured[name];
    const bound = expected * (1 + tolerance);
    if (ratio === undefined) failures.push(`${name}: not measured, although the baseline has it`);
    else if (!(ratio <= bound)) failures.push(`${name}: ${shown(ratio)} bare echoes, where ${shown(expected)} were committed and ${shown(bound)} are allowed`);
    else if (ratio < expected * (1 - WORTH_KEEPING)) remarks.push(`${name}: ${shown(ratio)} bare echoes, well below the ${shown(expected)} committed: keep it by --update-baseline`);
    else remarks.push(`${name}: ${shown(ratio)} bare echoes, ${shown(expected)} committed, up to ${shown(bound)} allowed`);
  }
  for (const name of Object.keys(measured)) if (!(name in ratios)) failures.push(`${name}: not in the baseline; add it by --update-baseline`);
  return { failures, remarks };
}

/** The lower of each: noise of a shared machine only ever adds, a slower relay is slower each time. */
export function lower(a: Ratios, b: Ratios): Ratios {
  return Object.fromEntries(Object.keys({ ...a, ...b }).map((name) => [name, Math.min(a[name] ?? Infinity, b[name] ?? Infinity)]));
}
