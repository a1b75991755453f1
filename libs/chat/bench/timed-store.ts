/** A record store that knows how long its transactions were. */
import type { RecordStore, RecordWriter } from '@polyplex/store-contract';

/** Of transactions, in milliseconds: CPU time of the main thread, in which neither the disk nor other processes are, and time by the clock. */
export interface StepTimes {
  readonly count: number;
  readonly cpuP50: number;
  readonly cpuP99: number;
  readonly cpuLongest: number;
  readonly wallP99: number;
  readonly wallLongest: number;
}

export class TimedStore implements RecordStore {
  readonly #store: RecordStore;
  #cpu: number[] = [];
  #wall: number[] = [];

  constructor(store: RecordStore) {
    this.#store = store;
  }

  read: RecordStore['read'] = (work) => this.#store.read(work);

  change<T>(work: (records: RecordWriter) => T): Promise<T> {
    return this.#store.change((records) => {
      const [cpu, wall] = [process.threadCpuUsage(), performance.now()];
      try {
        return work(records);
      } finally {
        const { user, system } = process.threadCpuUsage(cpu);
        this.#cpu.push((user + system) / 1000);
        this.#wall.push(performance.now() - wall);
      }
    });
  }

  /** How many since it was asked last. */
  get count(): number {
    return this.#cpu.length;
  }

  /** Since it was asked last. */
  take(): StepTimes {
    const cpu = this.#cpu.splice(0).sort((a, b) => a - b);
    const wall = this.#wall.splice(0).sort((a, b) => a - b);
    const at = (times: readonly number[], part: number): number => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
    return { count: cpu.length, cpuP50: at(cpu, 0.5), cpuP99: at(cpu, 0.99), cpuLongest: at(cpu, 1), wallP99: at(wall, 0.99), wallLongest: at(wall, 1) };
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}
