/** Counters that cost one addition; a metrics endpoint reads them when asked. */

export class Counter {
  value = 0;

  add(count = 1): void {
    this.value += count;
  }
}

/** Counters by label value. Label values come from closed sets (commands, errors, reasons), never from input. */
export class CounterFamily<L extends string = string> {
  readonly values = new Map<L, number>();

  add(label: L, count = 1): void {
    this.values.set(label, (this.values.get(label) ?? 0) + count);
  }

  /** Of all labels. */
  get total(): number {
    let total = 0;
    for (const value of this.values.values()) total += value;
    return total;
  }

  get(label: L): number {
    return this.values.get(label) ?? 0;
  }
}
