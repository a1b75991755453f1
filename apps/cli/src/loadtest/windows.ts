/** What all workers counted by second, as windows of some seconds with rates and percentiles. */
import type { OperationSecond, SeriesReply } from '@polyplex/swarm';
import { quantile } from '@polyplex/telemetry';

export interface Window {
  /** Unix seconds of its begin. */
  readonly at: number;
  /** A second: operations that the profile asked for, that began, ended well, failed. */
  readonly planned: number;
  readonly offered: number;
  readonly done: number;
  readonly failed: number;
  /** Messages in those that ended well. */
  readonly messages: number;
  /** Milliseconds; null where nothing ended well. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

interface Sum {
  started: number;
  done: number;
  failed: number;
  messages: number;
  buckets: number[];
}

export interface Range {
  /** Unix seconds; `to` is after the last. */
  readonly from: number;
  readonly to: number;
  /** Length of a window. */
  readonly seconds: number;
  /** Operations a second that the profile asks for, so many seconds after its begin. */
  readonly planned: (seconds: number) => number;
}

/** Of these operations. Seconds in which nothing happened count. */
export function windowsOf(series: readonly SeriesReply[], operations: ReadonlySet<string>, { from, to, seconds, planned }: Range): Window[] {
  const bounds = series[0]?.bounds ?? [];
  const sums = Array.from({ length: Math.max(0, Math.ceil((to - from) / seconds)) }, (): Sum => ({ started: 0, done: 0, failed: 0, messages: 0, buckets: bounds.map(() => 0).concat(0) }));
  for (const { seconds: all } of series) {
    for (const { at, operations: done } of all) {
      const sum = sums[Math.floor((at - from) / seconds)];
      if (sum === undefined || at < from) continue;
      for (const [op, cell] of Object.entries(done)) if (operations.has(op)) add(sum, cell);
    }
  }
  return sums.map((sum, i) => {
    const share = (part: number): number | null => quantile(bounds, sum.buckets, null, part);
    return {
      at: from + i * seconds, planned: planned((i + 0.5) * seconds), offered: sum.started / seconds, done: sum.done / seconds, failed: sum.failed / seconds, messages: sum.messages / seconds,
      p50: share(0.5), p95: share(0.95), p99: share(0.99),
    };
  });
}

function add(sum: Sum, { started, done, failed, messages, buckets }: OperationSecond): void {
  sum.started += started;
  sum.done += done;
  sum.failed += failed;
  sum.messages += messages;
  buckets.forEach((count, i) => (sum.buckets[i]! += count));
}
