/** What a load test found, as data: `report.json`. */
import { hostname, cpus, totalmem } from 'node:os';
import type { WorkerStats } from '@polyplex/swarm';
import { type Estimate, estimateFor, type Knee, kneeOf, type Party, type Saturation, saturationOf } from './analysis.ts';
import type { WatchedNode } from './node-watch.ts';
import type { LoadPlan } from './plan.ts';
import type { Threshold } from './run-k6.ts';
import type { Window } from './windows.ts';

export interface Report {
  readonly version: string;
  readonly startedAt: string;
  readonly endedAt: string;
  /** Where it was started from: often the machine of the relay, too. */
  readonly machine: { readonly name: string; readonly cores: number; readonly memoryBytes: number };
  readonly plan: Omit<LoadPlan, 'target' | 'files'>;
  readonly interrupted: boolean;
  readonly thresholdsHold: boolean;
  readonly thresholds: readonly Threshold[];
  readonly windowSeconds: number;
  readonly windows: readonly Window[];
  readonly knee: Knee | null;
  readonly saturation: readonly Saturation[];
  readonly totals: Totals;
  readonly nodes: readonly WatchedNode[];
  readonly swarm: readonly SwarmWorker[];
  readonly estimate: Estimate | null;
  /** What makes the figures doubtful, in words. */
  readonly doubts: readonly string[];
}

interface Totals {
  readonly sent: number;
  readonly delivered: number;
  readonly lost: number;
  readonly repeated: number;
  readonly failures: Readonly<Record<string, number>>;
}

export interface SwarmWorker extends Party {
  readonly name: string;
}

export interface Findings {
  readonly plan: LoadPlan;
  readonly version: string;
  readonly startedAt: Date;
  readonly interrupted: boolean;
  readonly thresholdsHold: boolean;
  readonly thresholds: readonly Threshold[];
  readonly windowSeconds: number;
  readonly windows: readonly Window[];
  readonly nodes: readonly WatchedNode[];
  readonly swarm: readonly SwarmWorker[];
  readonly stats: readonly (WorkerStats | null)[];
  /** Accepted messages that had not come when everybody had come back; null where that was not tried. */
  readonly owed: number | null;
  readonly problems: readonly string[];
}

export function reportOf(found: Findings): Report {
  const { plan, nodes, swarm, windows } = found;
  const knee = kneeOf(windows, { deliveryP99: plan.deliveryP99, windowSeconds: found.windowSeconds });
  const until = knee?.broke?.at ?? Infinity;
  const saturation = saturationOf([...nodes.map((node) => ({ ...node, kind: 'node' as const })), ...swarm], until);
  const { target: _target, files: _files, ...shown } = plan;
  return {
    version: found.version,
    startedAt: found.startedAt.toISOString(),
    endedAt: new Date().toISOString(),
    machine: { name: hostname(), cores: cpus().length, memoryBytes: totalmem() },
    plan: shown, interrupted: found.interrupted, thresholdsHold: found.thresholdsHold, thresholds: found.thresholds,
    windowSeconds: found.windowSeconds, windows, knee, saturation, nodes, swarm,
    totals: totalsOf(found),
    estimate: plan.forUsers === null || knee === null || knee.messages === 0 ? null : estimateFor(plan.forUsers, {
      ratePerNode: knee.messages / Math.max(1, relaysIn(nodes)), messagesPerDay: plan.messagesPerDay, onRedis: nodes.some(({ engine }) => engine === 'redis'),
    }),
    doubts: doubtsOf(found, knee, saturation),
  };
}

function relaysIn(nodes: readonly WatchedNode[]): number {
  return nodes.filter(({ service }) => service === 'smp').length;
}

function totalsOf({ stats, owed }: Findings): Totals {
  const known = stats.filter((each) => each !== null);
  const sum = (figure: (each: WorkerStats) => number): number => known.reduce((all, each) => all + figure(each), 0);
  const failures: Record<string, number> = {};
  for (const each of known) for (const [code, times] of Object.entries(each.failures)) failures[code] = (failures[code] ?? 0) + times;
  return { sent: sum(({ sent }) => sent), delivered: sum(({ delivered }) => delivered), lost: owed ?? sum(({ lost }) => lost), repeated: sum(({ repeated }) => repeated), failures };
}

/** k6 does as much at once as there are users, and a machine that all share is full before any of its processes is. */
const NOBODY_FULL = 'Less began than was due, although no process was at its limit: the machine that the clients run on may have been, or there were too few of them. Try more --users, or another machine.';

function doubtsOf({ nodes, stats, problems, interrupted }: Findings, knee: Knee | null, saturation: readonly Saturation[]): string[] {
  const swarm = saturation.find(({ kind }) => kind === 'swarm');
  return [
    ...problems,
    ...(interrupted ? ['It was interrupted: the figures are those until then.'] : []),
    ...(swarm === undefined ? [] : [`The swarm itself was at its limit (${swarm.name}, ${swarm.what}): the server may carry more. Give it more --workers, or a machine of its own.`]),
    ...(knee?.broke?.why === 'behind' && saturation.length === 0 ? [NOBODY_FULL] : []),
    ...(stats.includes(null) ? ['A worker of the swarm did not answer at the end: its part is missing.'] : []),
    ...(nodes.length === 0 ? ['No admin port was asked (--admin): nothing is known of the server\'s processor and memory, nor what was used up first.'] : []),
    ...(knee === null ? ['No part of the test was carried well enough to tell a rate.'] : []),
  ];
}
