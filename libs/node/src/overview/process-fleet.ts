/** The servers of one process tell each other how they are, also where there is no Redis: then they are the whole fleet. */
import type { FleetBoard } from '@polyplex/store-contract';

export class ProcessFleet {
  private readonly told = new Map<FleetBoard, { readonly text: string; readonly until: number }>();

  /** A board for one server. */
  board(): FleetBoard {
    const { told } = this;
    const own: FleetBoard = {
      publish: async (text, ttlMs) => void told.set(own, { text, until: performance.now() + ttlMs }),
      others: async () => [...told].flatMap(([board, { text, until }]) => (board === own || until <= performance.now() ? [] : [text])),
    };
    return own;
  }
}
