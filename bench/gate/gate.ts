/**
 * The gate against regressions: CPU of a delivered message in bare echoes of a block, measured in rounds in which the relay and
 * the echo take turns, and compared with what was committed in `baseline.json`. A ratio that is too high is measured again
 * before it counts, as a machine with other work on it has bad minutes.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { MINUTE } from '@polyplex/base';
import { median } from '../lib/measure.ts';
import { loadRelay, type RelayLoad } from '../lib/relay-load.ts';
import { type Echo, startEcho } from '../scenarios/echo.ts';
import { type Baseline, judge, lower, type Ratios } from './verdict.ts';

const BASELINE = new URL('baseline.json', import.meta.url);
const VERSIONS = [18, 10] as const;
const WARM_UP = 5000;
const SHARE = 1000;
const ROUNDS = 9;
/** Even of rounds cut short by a busy machine, the median of some. */
const FEWEST_ROUNDS = 3;
/** Measurements of a ratio that seems too high. */
const ATTEMPTS = 3;
/** No new round, and no new attempt, is begun after this. */
const UNTIL_MS = 1.5 * MINUTE;

interface Measured {
  readonly name: string;
  readonly load: RelayLoad;
}

/** One value for each version: the median of its rounds. An echo before and one after each message's round count half each. */
async function attempt(loads: readonly Measured[], bare: Echo, deadline: number): Promise<Ratios> {
  const ratios = new Map<string, number[]>(loads.map(({ name }) => [name, []]));
  let before = await bare.round(SHARE);
  for (let round = 0; round < ROUNDS && (round < FEWEST_ROUNDS || performance.now() < deadline); round++) {
    for (const { name, load } of loads) {
      const message = await load.round(SHARE);
      const after = await bare.round(SHARE);
      ratios.get(name)!.push((2 * message) / (before + after));
      before = after;
    }
  }
  return Object.fromEntries([...ratios].map(([name, values]) => [name, median(values)]));
}

async function measure(baseline: Baseline | null): Promise<Ratios> {
  const deadline = performance.now() + UNTIL_MS;
  const bare = await startEcho();
  const loads = await Promise.all(VERSIONS.map(async (version) => ({ name: `delivered message, version ${version}`, load: await loadRelay(version) })));
  for (const { load } of loads) await load.round(WARM_UP);
  let ratios = await attempt(loads, bare, deadline);
  for (let again = 1; again < ATTEMPTS && baseline !== null && performance.now() < deadline; again++) {
    if (judge(ratios, baseline).failures.length === 0) break;
    console.log('too high, or so it seems: measured once more');
    ratios = lower(ratios, await attempt(loads, bare, deadline));
  }
  await Promise.all([bare.stop(), ...loads.map(({ load }) => load.stop())]);
  return ratios;
}

async function committed(): Promise<Baseline> {
  return JSON.parse(await readFile(BASELINE, 'utf8')) as Baseline;
}

const WHAT_TO_DO = `The relay does more for a message than it did when the baseline was committed.
  npm run bench -- flame DIR     shows where its time goes; compare with the commit before
  npm run bench -- delivery      shows CPU time by version and store
If the cost is meant, commit a new baseline: npm run bench -- gate --update-baseline`;

/** False when a ratio is beyond its tolerance. With `updateBaseline`, what is measured becomes the baseline. */
export async function gate(updateBaseline: boolean): Promise<boolean> {
  const baseline = await committed();
  if (updateBaseline) {
    const measured = Object.entries(await measure(null)).map(([name, ratio]) => [name, Number(ratio.toFixed(2))] as const);
    await writeFile(BASELINE, `${JSON.stringify({ ratios: Object.fromEntries(measured), tolerance: baseline.tolerance }, null, 2)}\n`);
    for (const [name, ratio] of measured) console.log(`${name}: ${ratio} bare echoes, now the baseline`);
    return true;
  }
  const { failures, remarks } = judge(await measure(baseline), baseline);
  for (const line of [...remarks, ...failures]) console.log(line);
  if (failures.length > 0) console.log(WHAT_TO_DO);
  return failures.length === 0;
}
