/**
 * Days of last use: nobody waits for them, so they are gathered for some seconds and written in small steps that leave
 * other steps their turn. At midnight every queue in use has a new day.
 */
import { idKey, type IdKey, idOfKey, SECOND } from '@polyplex/base';
import type { QueueRecord, Queues } from '@polyplex/store-contract';
import type { Engine } from './engine.ts';

const TOUCH_DELAY_MS = 2 * SECOND;
/** More have to wait for their next use. */
const MAX_TOUCHED = 10_000;
const QUEUES_PER_STEP = 200;

export function createTouch({ redis, keys, clock }: Engine): Queues['touch'] {
  let touched = new Map<IdKey, number>();
  let scheduled = false;

  async function write(): Promise<void> {
    scheduled = false;
    const days = [...touched];
    touched = new Map();
    for (let i = 0; i < days.length; i += QUEUES_PER_STEP) {
      const some = days.slice(i, i + QUEUES_PER_STEP);
      await Promise.allSettled(some.map(([key, day]) => redis.run('touch', [keys.queue(idOfKey(key))], [String(day)])));
    }
  }

  return (queue, day) => {
    // The caller's record mostly shows that there is nothing to do.
    if ((queue as Partial<QueueRecord>).usedDay === day || touched.size >= MAX_TOUCHED) return;
    const key = idKey(queue.recipientId);
    touched.set(key, Math.max(day, touched.get(key) ?? 0));
    if (scheduled) return;
    scheduled = true;
    clock.after(TOUCH_DELAY_MS, () => void write());
  };
}
