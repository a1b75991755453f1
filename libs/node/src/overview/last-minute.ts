/** Readings of the last minute, a bounded number: what happened lately is told by comparison with the oldest one. */
import { MINUTE } from '@polyplex/base';
import { STEP_MS } from './history-ring.ts';
import type { Reading } from './reading.ts';

const READINGS = MINUTE / STEP_MS;

export class LastMinute {
  private readings: Reading[];

  constructor(first: Reading) {
    this.readings = [first];
  }

  get oldest(): Reading {
    return this.readings[0]!;
  }

  get latest(): Reading {
    return this.readings.at(-1)!;
  }

  /** A clock that was set back makes what was read before useless. */
  add(reading: Reading): void {
    if (reading.at < this.latest.at) this.readings = [];
    this.readings.push(reading);
    if (this.readings.length > READINGS) this.readings.shift();
  }
}
