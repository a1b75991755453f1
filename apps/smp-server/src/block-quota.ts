/** How many queues operators may still block today (SMP §8.5): at one node, on one day of UTC. */
import type { Clock } from '@polyplex/base';

const DAY_TEXT_LENGTH = '2026-01-01'.length;
const NO_LIMIT = 0;

export interface BlockQuota {
  /** Takes one of today's; false when there is none left. */
  take(): boolean;
  /** Gives back one that was not used. */
  giveBack(): void;
}

/** `perDay`: 0 no limit, -1 none; `taken`: so many of today's are used already. */
export function blockQuota(perDay: number, { taken, clock }: { readonly taken: number; readonly clock: Pick<Clock, 'now'> }): BlockQuota {
  const today = (): string => new Date(clock.now()).toISOString().slice(0, DAY_TEXT_LENGTH);
  let day = today();
  let used = taken;
  return {
    take() {
      if (perDay === NO_LIMIT) return true;
      if (day !== today()) [day, used] = [today(), 0];
      if (used >= perDay) return false;
      used++;
      return true;
    },
    giveBack() {
      if (day === today() && used > 0) used--;
    },
  };
}
