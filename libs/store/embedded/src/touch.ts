/**
 * Days of last use: nobody waits for them, so they are gathered for some seconds and written in small steps that leave
 * other steps and sockets their turn. At midnight every queue in use has a new day.
 */
import { type Clock, errorText, idKey, type IdKey, idOfKey, SECOND } from '@polyplex/base';
import type { QueueRecord, Queues } from '@polyplex/store-contract';
import { answer, type Engine } from './engine.ts';
import { readable } from './tables.ts';

const TOUCH_DELAY_MS = 2 * SECOND;
/** More have to wait for their next use. */
const MAX_TOUCHED = 10_000;
/** About 3 ms of work. */
const QUEUES_PER_STEP = 300;

type Day = readonly [queue: IdKey, usedDay: number];

export function createTouch(engine: Engine, clock: Clock): Queues['touch'] {
  let touched = new Map<IdKey, number>();
  let scheduled = false;

  function write(): void {
    scheduled = false;
    const days = [...touched];
    touched = new Map();
    for (let i = 0; i < days.length; i += QUEUES_PER_STEP) writeDays(engine, days.slice(i, i + QUEUES_PER_STEP));
  }

  return (queue, day) => {
    // The caller's record mostly shows that there is nothing to do.
    if ((queue as Partial<QueueRecord>).usedDay === day || touched.size >= MAX_TOUCHED) return;
    const key = idKey(queue.recipientId);
    touched.set(key, Math.max(day, touched.get(key) ?? 0));
    if (scheduled) return;
    scheduled = true;
    clock.after(TOUCH_DELAY_MS, write);
  };
}

function writeDays(engine: Engine, days: readonly Day[]): void {
  if (engine.writes.state !== null) return;
  const { queues } = engine.tables;
  const work = () => {
    for (const [key, usedDay] of days) {
      const row = readable(() => queues.get(idOfKey(key)));
      if (row !== null && row.usedDay < usedDay) queues.put(idOfKey(key), { ...row, usedDay });
    }
    return answer(undefined);
  };
  engine.writes.run(work, { queues: [] }).catch((error: unknown) => {
    engine.log.warn('days of last use were not stored', { reason: errorText(error) });
  });
}
