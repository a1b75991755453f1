/**
 * How much load when, and what it is a load of: arrival rates over time, as shares of the rate and the length that are asked for. Open
 * models: what the server does not manage in time piles up and shows as delay, and does not slow the load down. No imports: k6
 * reads this file as it stands.
 */

/** Share of the rate to be reached at the end, and share of the time that it takes. */
interface Stage {
  readonly rate: number;
  readonly time: number;
}

export interface Profile {
  /** Where it begins. */
  readonly from: number;
  readonly stages: readonly Stage[];
}

export const PROFILES = {
  /** Does it work at all? */
  smoke: { from: 1, stages: [{ rate: 1, time: 1 }] },
  /** A usual hour. */
  average: { from: 0, stages: [{ rate: 1, time: 0.1 }, { rate: 1, time: 0.8 }, { rate: 0, time: 0.1 }] },
  /** More than usual, for a while. */
  stress: { from: 0, stages: [{ rate: 0.5, time: 0.1 }, { rate: 0.5, time: 0.2 }, { rate: 1, time: 0.1 }, { rate: 1, time: 0.5 }, { rate: 0, time: 0.1 }] },
  /** All at once: does it recover? */
  spike: { from: 0.1, stages: [{ rate: 0.1, time: 0.2 }, { rate: 1, time: 0.05 }, { rate: 1, time: 0.2 }, { rate: 0.1, time: 0.05 }, { rate: 0.1, time: 0.5 }] },
  /** More and more, until it breaks: where is the knee? */
  breakpoint: { from: 0, stages: [{ rate: 1, time: 1 }] },
  /** For hours: does anything grow? */
  soak: { from: 0, stages: [{ rate: 1, time: 0.02 }, { rate: 1, time: 0.96 }, { rate: 0, time: 0.02 }] },
} as const satisfies Readonly<Record<string, Profile>>;

export type ProfileName = keyof typeof PROFILES;

/** How many messages' worth of work an iteration of each scenario is, about: rates are in messages. */
export const WEIGHTS = {
  'connect-storm': 4, chat: 2, offline: 8, resubscription: 6, proxy: 2, notifications: 2, 'contact-flood': 20, files: 20, mixed: 2,
} as const;

export type ScenarioName = keyof typeof WEIGHTS;

/** Share of the rate that the profile asks for when this share of its time has gone. */
export function shareAt({ from, stages }: Profile, time: number): number {
  let [begun, rate] = [0, from];
  for (const stage of stages) {
    const ends = begun + stage.time;
    if (time <= ends) return rate + (stage.rate - rate) * ((time - begun) / stage.time);
    [begun, rate] = [ends, stage.rate];
  }
  return 0;
}
