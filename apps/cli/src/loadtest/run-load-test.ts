/** A load test from its begin to its report: swarm, watch of the nodes, k6, and what all of them saw. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SECOND } from '@polyplex/base';
import { readSecret } from '@polyplex/config';
import { PROFILES, type RunningSwarm, shareAt, startSwarm, WEIGHTS, type WorkerStats } from '@polyplex/swarm';
import { CliError } from '../report-failure.ts';
import { VERSION } from '../version.ts';
import { findK6 } from './find-k6.ts';
import { NodeWatch } from './node-watch.ts';
import { type LoadTestFlags, type LoadPlan, planOf } from './plan.ts';
import { type Report, reportOf } from './report.ts';
import { reportHtml } from './report-html.ts';
import { runK6, thresholdsIn } from './run-k6.ts';
import { SwarmWatch } from './swarm-watch.ts';
import { windowsOf } from './windows.ts';

export interface LoadTestContext {
  /** Aborts on Ctrl-C: what is known by then is reported. */
  readonly signal: AbortSignal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The hidden command that runs a worker of the swarm. */
  readonly workerCommand: string;
  readonly onProgress: (line: string) => void;
}

/** What counts as the work of a scenario, by operation. */
const WORK: Readonly<Record<LoadPlan['scenario'], readonly string[]>> = {
  'connect-storm': ['connect'],
  chat: ['send', 'groupSend'],
  offline: ['send', 'resubscribe'],
  resubscription: ['resubscribe'],
  proxy: ['proxySend'],
  notifications: ['notifiedSend'],
  'contact-flood': ['contact'],
  files: ['upload', 'download'],
  mixed: ['send', 'groupSend', 'resubscribe'],
};
/** Operations of the scenario's work in an iteration, where there is more than one. */
const PER_ITERATION: Partial<Record<LoadPlan['scenario'], number>> = { offline: 6, files: 2 };
const COMMAND_TIMEOUT_MS = 30 * SECOND;
const MOST_WINDOWS = 60;
/** Shorter ones are noise. */
const LEAST_SECONDS = 2;

/** Writes the report into the folder and answers it. Rejects with `CliError`; nothing is left running. */
export async function runLoadTest(flags: LoadTestFlags, context: LoadTestContext): Promise<Report> {
  const plan = planOf(flags);
  const program = findK6(flags.k6);
  mkdirSync(flags.out, { recursive: true });
  const nodes = new NodeWatch(flags.admin, flags.tokenFile === undefined ? null : readSecret('--token-file', flags.tokenFile));
  const dead: number[] = [];
  const swarm = await startSwarm({
    address: plan.target, files: plan.files, timeoutMs: COMMAND_TIMEOUT_MS, workers: plan.workers,
    program: process.execPath, args: [...process.execArgv, process.argv[1]!, context.workerCommand], onEnd: (worker) => void dead.push(worker),
  });
  try {
    await nodes.start();
    return await measure({ flags, plan, program, nodes, swarm, dead }, context);
  } finally {
    nodes.stop();
    await swarm.stop();
  }
}

interface Running {
  readonly flags: LoadTestFlags;
  readonly plan: LoadPlan;
  readonly program: string;
  readonly nodes: NodeWatch;
  readonly swarm: RunningSwarm;
  readonly dead: readonly number[];
}

async function measure({ flags, plan, program, nodes, swarm, dead }: Running, { signal, environment, onProgress }: LoadTestContext): Promise<Report> {
  const startedAt = new Date();
  const watch = new SwarmWatch(swarm, (stats) => onProgress(progressOf(plan, startedAt, stats, nodes.cores)));
  watch.start();
  const k6 = runK6({ program, plan, urls: swarm.urls, folder: flags.out, prometheus: flags.prometheus ?? null, environment });
  signal.addEventListener('abort', () => k6.interrupt(), { once: true });
  if (signal.aborted) k6.interrupt();
  const { thresholdsHold } = await k6.ended.catch((error: unknown) => {
    // An interrupted k6 has a code of its own; what it measured is good.
    if (signal.aborted) return { thresholdsHold: false };
    throw error;
  }).finally(() => watch.stop());
  const series = await swarm.series();
  onProgress('everybody comes back, for what still waits');
  const owed = signal.aborted ? null : await swarm.settle();
  const stats = await swarm.stats();
  const known = series.filter((each) => each !== null);
  const work = new Set(WORK[plan.scenario]);
  const range = rangeOf(known, work);
  const windowSeconds = Math.max(LEAST_SECONDS, Math.ceil((range.to - range.from) / MOST_WINDOWS));
  const report = reportOf({
    plan, version: VERSION, startedAt, interrupted: signal.aborted, thresholdsHold, thresholds: thresholdsIn(flags.out),
    windowSeconds, windows: windowsOf(known, work, { ...range, seconds: windowSeconds, planned: (seconds) => plannedAt(plan, seconds) }),
    nodes: [...nodes.nodes.values()], swarm: watch.workers, stats, owed,
    problems: [
      ...[...nodes.problems].map(([url, problem]) => `The admin port at ${url} could not be asked: ${problem}.`),
      ...dead.map((worker) => `Worker ${worker + 1} of the swarm died: its users are missing.`),
    ],
  });
  writeFileSync(join(flags.out, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(join(flags.out, 'report.html'), reportHtml(report));
  return report;
}

type Series = Awaited<ReturnType<RunningSwarm['series']>>[number];

/** From the first second of the scenario's work to after its last one; what came before made the users. */
function rangeOf(series: readonly NonNullable<Series>[], work: ReadonlySet<string>): { from: number; to: number } {
  const times = series.flatMap(({ seconds }) => seconds.filter(({ operations }) => Object.keys(operations).some((op) => work.has(op))).map(({ at }) => at));
  if (times.length === 0) throw new CliError('FAILED', 'nothing was measured: see k6.log in the folder of the report');
  return { from: times.reduce((a, b) => Math.min(a, b)), to: times.reduce((a, b) => Math.max(a, b)) + 1 };
}

/** Operations a second that the profile asks for. An iteration may be several of them. */
function plannedAt({ profile, scenario, rate, seconds }: LoadPlan, after: number): number {
  return (shareAt(PROFILES[profile], after / seconds) * rate * (PER_ITERATION[scenario] ?? 1)) / WEIGHTS[scenario];
}

function progressOf(plan: LoadPlan, startedAt: Date, stats: readonly (WorkerStats | null)[], cores: number | null): string {
  const known = stats.filter((each) => each !== null);
  const sum = (figure: (each: WorkerStats) => number): number => known.reduce((all, each) => all + figure(each), 0);
  const seconds = Math.round((Date.now() - startedAt.getTime()) / SECOND);
  const failures = sum((each) => Object.values(each.failures).reduce((all, times) => all + times, 0));
  return `${plan.scenario}, ${plan.profile}: ${seconds} s of about ${plan.seconds} and the setting up; ${sum(({ connections }) => connections)} users, ` +
    `${sum(({ delivered }) => delivered)} messages delivered, ${failures} failures${cores === null ? '' : `, servers ${cores.toFixed(2)} cores`}`;
}
