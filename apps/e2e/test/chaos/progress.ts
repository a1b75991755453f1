/** Whether queues move: a queue has progressed since a moment when something arrived that was sent after it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { History } from './history.ts';

const LOOK_MS = 20;

/** The queues, by index, that have not progressed since. */
export function progressOf(history: History, since: number): number[] {
  return history.queues.flatMap(({ progressedTo }, index) => (progressedTo >= since ? [] : [index]));
}

export interface Progress {
  readonly stuck: readonly number[];
  /** Until the last of those that are not stuck had progressed. */
  readonly tookMs: number;
}

/** Waits until every queue has progressed since, or `boundMs` are over: then what has not is stuck. */
export async function progressed(history: History, since: number, boundMs: number): Promise<Progress> {
  for (;;) {
    const waiting = progressOf(history, since);
    const tookMs = Math.round(performance.now() - since);
    if (waiting.length === 0 || tookMs > boundMs) return { stuck: waiting, tookMs };
    await sleep(LOOK_MS);
  }
}
