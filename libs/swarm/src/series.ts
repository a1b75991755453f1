/** What happened in each second, for the report: operations by name, and how long they took. */
import { Histogram } from '@polyplex/telemetry';
import type { OperationName } from './protocol.ts';

/** Milliseconds: fine enough for percentiles within some percent. */
const BOUNDS: readonly number[] = Array.from({ length: 72 }, (_, i) => 0.2 * 1.2 ** i);
/** Six hours; a soak that is longer keeps its last ones. */
const MAX_SECONDS = 6 * 3600;

export interface SecondOf {
  /** Unix seconds. */
  readonly at: number;
  readonly operations: Readonly<Record<string, OperationSecond>>;
}

export interface OperationSecond {
  readonly started: number;
  readonly done: number;
  readonly failed: number;
  /** Messages in those done: a message to a group is as many as it has other members. */
  readonly messages: number;
  /** Counts by bucket of `bounds`, of those done. */
  readonly buckets: readonly number[];
}

export interface SeriesReply {
  readonly bounds: readonly number[];
  readonly seconds: readonly SecondOf[];
}

interface Cell {
  started: number;
  done: number;
  failed: number;
  messages: number;
  readonly times: Histogram;
}

export class Series {
  private readonly seconds = new Map<number, Map<string, Cell>>();

  started(op: OperationName): void {
    this.cell(op).started++;
  }

  /** `ms` is what the report shows of this operation: the delivery of a message, or the whole of it. */
  done(op: OperationName, ms: number, messages: number): void {
    const cell = this.cell(op);
    cell.done++;
    cell.messages += messages;
    cell.times.observe(ms);
  }

  failed(op: OperationName): void {
    this.cell(op).failed++;
  }

  reply(): SeriesReply {
    const seconds = [...this.seconds].map(([at, cells]) => ({
      at,
      operations: Object.fromEntries([...cells].map(([op, { started, done, failed, messages, times }]) => [op, { started, done, failed, messages, buckets: [...times.counts] }])),
    }));
    return { bounds: BOUNDS, seconds };
  }

  private cell(op: string): Cell {
    const at = Math.floor(Date.now() / 1000);
    let second = this.seconds.get(at);
    if (second === undefined) {
      this.seconds.set(at, (second = new Map<string, Cell>()));
      if (this.seconds.size > MAX_SECONDS) this.seconds.delete(this.seconds.keys().next().value!);
    }
    let cell = second.get(op);
    if (cell === undefined) second.set(op, (cell = { started: 0, done: 0, failed: 0, messages: 0, times: new Histogram(BOUNDS) }));
    return cell;
  }
}
