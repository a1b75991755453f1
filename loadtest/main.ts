/** k6's entry: one scenario in one profile. See README.md; `polyplex loadtest` runs it. */
import type { Options } from 'k6/options';
import { PROFILE, SCENARIO, SETUP_SECONDS } from './lib/settings.ts';
import { lookAtSwarm } from './lib/swarm.ts';
import { scenarioOf, watchScenario } from './profiles.ts';
import { SCENARIOS } from './scenarios.ts';
import { thresholdsOf } from './thresholds.ts';

const scenario = SCENARIOS[SCENARIO];
if (scenario === undefined) throw new Error(`SCENARIO is one of ${Object.keys(SCENARIOS).join(', ')}, not ${SCENARIO}`);

export const options: Options = {
  scenarios: { load: scenarioOf(PROFILE, SCENARIO, 'load'), watch: watchScenario() },
  thresholds: thresholdsOf(SCENARIO),
  setupTimeout: `${SETUP_SECONDS}s`,
  summaryTrendStats: ['count', 'min', 'med', 'p(95)', 'p(99)', 'max'],
  noVUConnectionReuse: false,
  discardResponseBodies: false,
};

export function setup(): void {
  scenario!.prepare();
}

export function load(): void {
  scenario!.iterate();
}

export function watch(): void {
  lookAtSwarm();
}
