/**
 * Days of last use: nobody waits for them, so they are gathered for some seconds and written together. At midnight every
 * queue in use has a new day.
 */
import { type Clock, idKey, type IdKey, SECOND } from '@polyplex/base';
import type { QueueRecord, Queues } from '@polyplex/store-contract';

const DELAY_MS = 2 * SECOND;
/** More have to wait for their next use. */
const MAX_GATHERED = 10_000;

export type UsedDay = readonly [queue: IdKey, day: number];

/** `write` gets at most `perStep` queues at a time, the next ones when it has ended, so that other steps have their turn. */
export function gatherUsedDays(clock: Clock, perStep: number, write: (days: readonly UsedDay[]) => Promise<void>): Queues['touch'] {
  let gathered = new Map<IdKey, number>();
  let scheduled = false;

  async function writeAll(): Promise<void> {
    scheduled = false;
    const days = [...gathered];
    gathered = new Map();
    for (let i = 0; i < days.length; i += perStep) await write(days.slice(i, i + perStep));
  }

  return (queue, day) => {
    // The caller's record mostly shows that there is nothing to do.
    if ((queue as Partial<QueueRecord>).usedDay === day || gathered.size >= MAX_GATHERED) return;
    const key = idKey(queue.recipientId);
    gathered.set(key, Math.max(day, gathered.get(key) ?? 0));
    if (scheduled) return;
    scheduled = true;
    clock.after(DELAY_MS, () => void writeAll());
  };
}
