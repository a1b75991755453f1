/** k6 as a process: what it is told, and how it ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CliError } from '../report-failure.ts';
import type { LoadPlan } from './plan.ts';

/** The script, beside the bundle or in the sources. */
const SCRIPTS = ['./loadtest/main.js', '../../../../loadtest/main.ts'];

export interface K6Run {
  /** A bound was crossed, or all held. Rejects with `CliError` FAILED where k6 could not do its work. */
  readonly ended: Promise<{ readonly thresholdsHold: boolean }>;
  /** Ends it early; what it measured until then counts. */
  interrupt(): void;
}

export interface K6Options {
  readonly program: string;
  readonly plan: LoadPlan;
  /** Of the swarm's workers. */
  readonly urls: readonly string[];
  /** For its log and its summary. */
  readonly folder: string;
  /** Where k6 writes its metrics as it goes; null for nowhere. */
  readonly prometheus: string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** k6's exit code where a threshold was crossed. */
const CROSSED = 99;

export function runK6(options: K6Options): K6Run {
  const log = join(options.folder, 'k6.log');
  const child = spawn(options.program, argumentsOf(options), { env: environmentOf(options), stdio: ['ignore', 'pipe', 'pipe'] });
  const output = createWriteStream(log, { mode: 0o600 });
  child.stdout.pipe(output, { end: false });
  child.stderr.pipe(output, { end: false });
  return { ended: endOf(child, log).finally(() => output.end()), interrupt: () => void child.kill('SIGINT') };
}

function argumentsOf({ folder, prometheus }: K6Options): string[] {
  const script = SCRIPTS.map((path) => fileURLToPath(new URL(path, import.meta.url))).find((path) => existsSync(path));
  if (script === undefined) throw new CliError('FAILED', 'the scripts of the load test are not there: build the program again');
  const remote = prometheus === null ? [] : ['--out', 'experimental-prometheus-rw'];
  // Nothing about anybody's relay goes to k6's makers.
  return ['run', '--quiet', '--no-color', '--no-usage-report', '--address', '127.0.0.1:0', '--summary-export', join(folder, 'k6-summary.json'), ...remote, script];
}

function environmentOf({ plan, urls, prometheus, environment }: K6Options): NodeJS.ProcessEnv {
  const remote = prometheus === null ? {} : { K6_PROMETHEUS_RW_SERVER_URL: prometheus, K6_PROMETHEUS_RW_TREND_STATS: 'p(50),p(95),p(99),max,count' };
  return {
    ...environment, ...remote,
    SWARM_URLS: urls.join(','), SCENARIO: plan.scenario, PROFILE: plan.profile,
    USERS: String(plan.users), RATE: String(plan.rate), SECONDS: String(plan.seconds),
    DELIVERY_P95_MS: String(plan.deliveryP99 / 2), DELIVERY_P99_MS: String(plan.deliveryP99),
  };
}

function endOf(child: ChildProcess, log: string): K6Run['ended'] {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new CliError('FAILED', `k6 could not be started: ${error.message}`, { cause: error })));
    child.once('close', (code, signal) => {
      if (code === 0 || code === CROSSED) resolve({ thresholdsHold: code === 0 });
      else reject(new CliError('FAILED', `k6 ended with ${String(code ?? signal)}: ${lastLines(log)}`));
    });
  });
}

function lastLines(log: string): string {
  return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').slice(-3).join('\n') : '';
}

export interface Threshold {
  readonly metric: string;
  readonly bound: string;
  readonly held: boolean;
}

/** The bounds and whether they held, from k6's summary; empty where there is none. */
export function thresholdsIn(folder: string): Threshold[] {
  const file = join(folder, 'k6-summary.json');
  if (!existsSync(file)) return [];
  const { metrics } = JSON.parse(readFileSync(file, 'utf8')) as { metrics: Record<string, { thresholds?: Record<string, boolean> }> };
  // k6 says whether a bound was crossed.
  return Object.entries(metrics).flatMap(([metric, { thresholds = {} }]) => Object.entries(thresholds).map(([bound, crossed]) => ({ metric, bound, held: !crossed })));
}
