/** Days of last use, written in steps that are small beside those of messages. */
import { type Clock, errorText, idOfKey } from '@polyplex/base';
import { gatherUsedDays, type UsedDay } from '@polyplex/store-common';
import type { Queues } from '@polyplex/store-contract';
import { answer, type Engine } from './engine.ts';
import { readable } from './tables.ts';

/** About 3 ms of work. */
const QUEUES_PER_STEP = 300;

export function createTouch(engine: Engine, clock: Clock): Queues['touch'] {
  return gatherUsedDays(clock, QUEUES_PER_STEP, (days) => writeDays(engine, days));
}

async function writeDays(engine: Engine, days: readonly UsedDay[]): Promise<void> {
  if (engine.writes.state !== null) return;
  const { queues } = engine.tables;
  const work = () => {
    for (const [key, usedDay] of days) {
      const row = readable(() => queues.get(idOfKey(key)));
      if (row !== null && row.usedDay < usedDay) queues.put(idOfKey(key), { ...row, usedDay });
    }
    return answer(undefined);
  };
  await engine.writes.run(work, { queues: [] }).catch((error: unknown) => {
    engine.log.warn('days of last use were not stored', { reason: errorText(error) });
  });
}
