/** What the load test is told, by environment variables of k6; `polyplex loadtest` sets them. */

function text(name: string, fallback: string): string {
  return __ENV[name] ?? fallback;
}

function count(name: string, fallback: number): number {
  const given = __ENV[name];
  if (given === undefined || given === '') return fallback;
  const value = Number(given);
  if (!(value > 0)) throw new Error(`${name} must be a number above 0, not ${given}`);
  return value;
}

/** Where the workers of the swarm are asked, separated by commas. */
export const WORKERS = text('SWARM_URLS', '').split(',').filter((url) => url !== '');
export const SCENARIO = text('SCENARIO', 'chat');
export const PROFILE = text('PROFILE', 'smoke');
/** Users that are connected, over all workers. */
export const USERS = count('USERS', 20);
/** Iterations a second at the height of the profile: messages, for most scenarios. */
export const RATE = count('RATE', 10);
/** Length of the profile, seconds. */
export const SECONDS = count('SECONDS', 10);
/** The bounds that the thresholds set, milliseconds. */
export const DELIVERY_P95_MS = count('DELIVERY_P95_MS', 500);
export const DELIVERY_P99_MS = count('DELIVERY_P99_MS', 1000);
/** The share of failures that is borne. */
export const FAILURES = count('FAILURES', 0.001);
/** Seconds that setting up the users may take. */
export const SETUP_SECONDS = count('SETUP_SECONDS', 600);

if (WORKERS.length === 0) throw new Error('SWARM_URLS names no worker of the swarm: start this by `polyplex loadtest`');
