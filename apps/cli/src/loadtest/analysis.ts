/**
 * What the figures mean: how much was carried, where it broke, what was used up first, and how many nodes a stated number of
 * users needs. Pure arithmetic; every assumption is in the answer.
 */
import type { NodeSample } from './node-watch.ts';
import type { Window } from './windows.ts';

export interface Bounds {
  /** Milliseconds. */
  readonly deliveryP99: number;
  /** Length of a window, seconds. */
  readonly windowSeconds: number;
}

/** Shares beyond which a window is not carried any more. */
const MOST_FAILED = 0.01;
const LEAST_DONE = 0.95;
const DEVIATIONS = 2;
/** Windows in a row that must be bad: one may be a hiccup. */
const IN_A_ROW = 2;

export interface Knee {
  /** Operations a second that the server carried, the best window before it broke. */
  readonly rate: number;
  /** Messages a second in them. */
  readonly messages: number;
  readonly at: number;
  /** Null where it did not break: it carries more than was tried. */
  readonly broke: { readonly at: number; readonly planned: number; readonly why: 'failures' | 'slow' | 'behind' } | null;
}

/** Null without any window that was carried. */
export function kneeOf(windows: readonly Window[], bounds: Bounds): Knee | null {
  const verdicts = windows.map((window) => whyBad(window, bounds));
  const broken = verdicts.findIndex((_, i) => verdicts.slice(i, i + IN_A_ROW).length === IN_A_ROW && verdicts.slice(i, i + IN_A_ROW).every((why) => why !== null));
  const before = windows.filter((window, i) => verdicts[i] === null && window.done > 0 && (broken < 0 || i < broken));
  if (before.length === 0) return null;
  const best = before.reduce((most, window) => (window.done > most.done ? window : most));
  const first = windows[broken];
  return { rate: best.done, messages: best.messages, at: best.at, broke: first === undefined ? null : { at: first.at, planned: first.planned, why: verdicts[broken]! } };
}

function whyBad({ planned, offered, done, failed, p99 }: Window, { deliveryP99, windowSeconds }: Bounds): NonNullable<Knee['broke']>['why'] | null {
  if (planned < 1 && offered === 0) return null;
  if (failed > offered * MOST_FAILED) return 'failures';
  if (p99 !== null && p99 > deliveryP99) return 'slow';
  // Arrivals are random: of few, some less than planned say nothing.
  const spread = (DEVIATIONS * Math.sqrt(planned * windowSeconds)) / windowSeconds;
  return done < planned * LEAST_DONE - spread ? 'behind' : null;
}

export interface Party {
  readonly name: string;
  readonly kind: 'node' | 'swarm';
  readonly samples: readonly Pick<NodeSample, 'at' | 'cores' | 'loopLagMs' | 'storeP99Ms'>[];
}

export interface Saturation {
  readonly name: string;
  readonly kind: Party['kind'];
  readonly what: 'processor' | 'event loop' | 'store';
  readonly at: number;
}

/** A process of Node is one thread for the most part. */
const FULL_CORES = 0.9;
const LATE_MS: Readonly<Record<Party['kind'], number>> = { node: 100, swarm: 50 };
const SLOW_STORE_MS = 200;

/** What was used up first, in the order of time; empty where nothing was. A saturated swarm makes all figures worthless beyond. */
export function saturationOf(parties: readonly Party[], until: number): Saturation[] {
  return parties
    .flatMap(({ name, kind, samples }) => {
      const seen = samples.filter(({ at }) => at <= until);
      const first = (what: Saturation['what'], is: (sample: Party['samples'][number]) => boolean): Saturation[] => {
        const at = sustained(seen, is);
        return at === null ? [] : [{ name, kind, what, at }];
      };
      return [
        ...first('processor', ({ cores }) => cores >= FULL_CORES),
        ...first('event loop', ({ loopLagMs }) => loopLagMs >= LATE_MS[kind]),
        ...first('store', ({ storeP99Ms }) => (storeP99Ms ?? 0) >= SLOW_STORE_MS),
      ];
    })
    .toSorted((a, b) => a.at - b.at);
}

const SUSTAINED = 3;

/** When it began to be so for three samples in a row. */
function sustained<T extends { readonly at: number }>(samples: readonly T[], is: (sample: T) => boolean): number | null {
  let row = 0;
  for (const [i, sample] of samples.entries()) {
    row = is(sample) ? row + 1 : 0;
    if (row === SUSTAINED) return samples[i - SUSTAINED + 1]!.at;
  }
  return null;
}

export interface Estimate {
  readonly users: number;
  /** Messages a second in the busiest hour. */
  readonly busiestRate: number;
  /** With one more, for the case that one dies, where more than one is needed. */
  readonly nodes: number;
  /** Primaries of Redis with 8 GB of room each; 0 on the embedded store. */
  readonly shards: number;
  readonly assumptions: readonly string[];
}

/** Of a day's messages, those of the busiest hour. */
const BUSIEST_HOUR = 0.15;
/** Of what a node carries at its knee; the rest is for storms and bad days. */
const HEADROOM = 0.5;
const QUEUES_PER_USER = 30;
const QUEUE_BYTES = 471;
const MESSAGE_BYTES = 16_600;
const WAITING_PER_USER = 20;
const SHARD_BYTES = 8e9 / 1.3;
const HOUR_SECONDS = 3600;

export function estimateFor(users: number, { ratePerNode, messagesPerDay, onRedis }: { readonly ratePerNode: number; readonly messagesPerDay: number; readonly onRedis: boolean }): Estimate {
  const busiestRate = (users * messagesPerDay * BUSIEST_HOUR) / HOUR_SECONDS;
  const needed = Math.max(1, Math.ceil(busiestRate / (ratePerNode * HEADROOM)));
  const bytes = users * (QUEUES_PER_USER * QUEUE_BYTES + WAITING_PER_USER * MESSAGE_BYTES);
  return {
    users, busiestRate,
    nodes: needed === 1 && !onRedis ? 1 : needed + 1,
    shards: onRedis ? Math.max(1, Math.ceil(bytes / SHARD_BYTES)) : 0,
    assumptions: [
      `${messagesPerDay} messages a day and user are delivered here, ${BUSIEST_HOUR * 100} % of them in the busiest hour`,
      `nodes are used to ${HEADROOM * 100} % of what one carried in this test (${Math.round(ratePerNode)} a second)`,
      ...(onRedis ? [`${QUEUES_PER_USER} queues and ${WAITING_PER_USER} waiting messages a user, Redis primaries with 8 GB each, and a replica for each`] : []),
      ...(needed > 1 || onRedis ? ['one node more than needed, for the case that one dies'] : []),
    ],
  };
}
