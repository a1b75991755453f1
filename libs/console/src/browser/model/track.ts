/** The last hour of one node, or of all together: samples, oldest first. */
import type { History } from '@polyplex/admin-api';
import type { Sample } from './sample.ts';

export const KEPT_MS = 60 * 60_000;

export interface Track {
  readonly samples: readonly Sample[];
  /** Ignores what is not newer than the last one. */
  add(sample: Sample): void;
  /** Takes finer samples in place of what they cover. */
  replace(finer: readonly Sample[]): void;
  /** Takes coarser samples where nothing else is known. */
  fill(coarser: readonly Sample[]): void;
}

export function createTrack(): Track {
  let samples: Sample[] = [];
  const keep = (all: readonly Sample[]): void => {
    const sorted = all.toSorted((a, b) => a.at - b.at);
    const from = (sorted.at(-1)?.at ?? 0) - KEPT_MS;
    samples = sorted.filter(({ at }) => at >= from);
  };
  return {
    get samples() {
      return samples;
    },
    add(sample) {
      const last = samples.at(-1);
      if (last !== undefined && sample.at <= last.at) return;
      samples.push(sample);
      if (samples[0]!.at < sample.at - KEPT_MS) samples = samples.filter(({ at }) => at >= sample.at - KEPT_MS);
    },
    replace(finer) {
      const [from, to] = [finer.at(0)?.at ?? Infinity, finer.at(-1)?.at ?? -Infinity];
      keep([...samples.filter(({ at }) => at < from || at > to), ...finer]);
    },
    fill(coarser) {
      keep([...samples, ...coarser.filter(({ at, stepMs = 0 }) => !samples.some((known) => Math.abs(known.at - at) < stepMs))]);
    },
  };
}

type Series = Pick<History, 'stepSeconds' | 'times' | 'series'>;

export function samplesOf({ stepSeconds, times, series }: Series): Sample[] {
  const names = Object.keys(series);
  return times.map((time, index) => ({
    at: Date.parse(time),
    stepMs: stepSeconds * 1000,
    values: Object.fromEntries(names.map((name) => [name, series[name]?.[index] ?? null])),
  }));
}

/** A gap of more than this between two moments is drawn as one; between steps, of more than two of them. */
const GAP_MS = 20_000;
const GAP_STEPS = 2.5;

/** Times in seconds, and per name its values; a row without values stands in every gap. */
export function columns(samples: readonly Sample[], names: readonly string[], fromMs: number): { readonly times: number[]; readonly values: (number | null)[][] } {
  const times: number[] = [];
  const values: (number | null)[][] = names.map(() => []);
  let last: Sample | null = null;
  for (const sample of samples) {
    if (sample.at < fromMs) continue;
    if (last !== null && sample.at - last.at > gapMs(last, sample)) {
      times.push((last.at + 1) / 1000);
      for (const column of values) column.push(null);
    }
    times.push(sample.at / 1000);
    names.forEach((name, index) => values[index]!.push(sample.values[name] ?? null));
    last = sample;
  }
  return { times, values };
}

function gapMs(...two: readonly Sample[]): number {
  return Math.max(GAP_MS, ...two.map(({ stepMs = 0 }) => stepMs * GAP_STEPS));
}
