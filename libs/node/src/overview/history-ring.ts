/**
 * The last hour in steps, of five seconds if nothing else is said: for each series as many numbers as there are steps,
 * whatever happens. Steps lie at multiples of their length by the clock, so that those of several nodes fall together.
 */
import type { History } from '@polyplex/admin-api';
import { HOUR, SECOND } from '@polyplex/base';

export const STEP_MS = 5 * SECOND;
/** A clock that was set back by no more than this stands still for us; one by more begins anew. */
const STEPS_BACK = 12;
/** Names are of closed sets; this only bounds what a mistake could cost. */
const MAX_SERIES = 256;
const DIGITS = 6;

export class HistoryRing {
  /** NaN where nothing is known. */
  private readonly series = new Map<string, Float64Array>();
  private first = 0;
  private last = -1;
  private readonly stepMs: number;
  private readonly steps: number;

  constructor(stepMs = STEP_MS) {
    this.stepMs = stepMs;
    this.steps = HOUR / stepMs;
  }

  /** `at`: milliseconds; several within one step are the last one. */
  put(at: number, values: Readonly<Record<string, number | null>>): void {
    this.moveTo(Math.round(at / this.stepMs));
    for (const [name, value] of Object.entries(values)) {
      const numbers = this.series.get(name) ?? this.add(name);
      if (numbers !== null) numbers[this.last % this.steps] = value ?? NaN;
    }
  }

  read(): History {
    const steps = this.last < 0 ? [] : Array.from({ length: this.last - this.start + 1 }, (_, i) => this.start + i);
    return {
      stepSeconds: this.stepMs / SECOND,
      times: steps.map((step) => new Date(step * this.stepMs).toISOString()),
      series: Object.fromEntries([...this.series].map(([name, numbers]) => [name, steps.map((step) => shown(numbers[step % this.steps]!))])),
    };
  }

  private get start(): number {
    return Math.max(this.first, this.last - this.steps + 1);
  }

  private add(name: string): Float64Array | null {
    if (this.series.size >= MAX_SERIES) return null;
    const numbers = new Float64Array(this.steps).fill(NaN);
    this.series.set(name, numbers);
    return numbers;
  }

  /** Steps that were left out have no numbers. */
  private moveTo(step: number): void {
    if (this.last < 0 || step < this.last - STEPS_BACK) {
      this.series.clear();
      this.first = step;
      this.last = step;
      return;
    }
    const from = Math.max(this.last + 1, step - this.steps + 1);
    for (const numbers of this.series.values()) {
      for (let each = from; each <= step; each++) numbers[each % this.steps] = NaN;
    }
    this.last = Math.max(this.last, step);
  }
}

function shown(value: number): number | null {
  return Number.isNaN(value) ? null : Number(value.toPrecision(DIGITS));
}
