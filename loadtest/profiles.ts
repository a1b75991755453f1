/** The load as k6 takes it: the profile's arrival rates, in iterations of the scenario. */
import type { ConstantArrivalRateScenario, RampingArrivalRateScenario } from 'k6/options';
import { type Profile, PROFILES, WEIGHTS } from '../libs/swarm/src/profiles.ts';
import { RATE, SECONDS, USERS } from './lib/settings.ts';

/** Iterations under way at once: as many as there are users, since each has one thing to do at a time; but a few may do two. */
const MOST_VUS = 2000;
const LEAST_VUS = 50;

/** As plain objects, and not the classes that k6's types describe. */
type Plain<T> = Omit<T, never>;

export function scenarioOf(name: string, scenario: string, run: string): Plain<RampingArrivalRateScenario> {
  const profile = (PROFILES as Readonly<Record<string, Profile>>)[name];
  if (profile === undefined) throw new Error(`PROFILE is one of ${Object.keys(PROFILES).join(', ')}, not ${name}`);
  const weight = (WEIGHTS as Readonly<Record<string, number>>)[scenario] ?? 1;
  const vus = Math.min(MOST_VUS, Math.max(LEAST_VUS, USERS));
  const perMinute = (share: number): number => Math.round((share * RATE * 60) / weight);
  return {
    executor: 'ramping-arrival-rate',
    exec: run,
    // Rates are whole numbers: by the minute they may be small.
    timeUnit: '1m',
    startRate: perMinute(profile.from),
    preAllocatedVUs: vus,
    maxVUs: vus,
    stages: profile.stages.map(({ rate, time }) => ({ target: perMinute(rate), duration: `${Math.max(1, Math.round(time * SECONDS))}s` })),
    gracefulStop: '30s',
  };
}

/** What the swarm itself costs, once a second. */
export function watchScenario(): Plain<ConstantArrivalRateScenario> {
  return { executor: 'constant-arrival-rate', exec: 'watch', rate: 1, timeUnit: '1s', duration: `${SECONDS}s`, preAllocatedVUs: 1, maxVUs: 2 };
}
