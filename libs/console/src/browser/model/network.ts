/**
 * What the page knows of the nodes of one service: as they told of themselves, their hours, and the hour of all together.
 * Told by whoever asks the server; asked by whatever is shown. Times that are compared with each other are by the clock of the server that tells.
 */
import type { History, Overview } from '@polyplex/admin-api';
import { type Sample, sampleOf } from './sample.ts';
import { combined } from './combined.ts';
import { createTrack, samplesOf, type Track } from './track.ts';

/** `silent`: it is listed and tells nothing new. `gone`: it is not listed any more. `stopped`: so, after it drained. */
type Presence = 'here' | 'silent' | 'gone' | 'stopped';

export interface KnownNode {
  /** Its name, with a number after it where several have the same. */
  readonly key: string;
  readonly overview: Overview;
  readonly presence: Presence;
  /** When it last told something new, milliseconds of the server's clock. */
  readonly heardAt: number;
  readonly track: Track;
}

export interface Network {
  /** By name, the one that serves the page first. */
  readonly nodes: readonly KnownNode[];
  /** Of the nodes that are here, added up. */
  readonly whole: Track;
  /** What was told by nodes at a time, milliseconds of the server's clock; `own` serves the page. */
  tell(told: readonly Overview[], now: number, own: Overview | undefined): void;
  /** What the node that serves the page remembers of itself, if it is one of these, and of the others. */
  remember(own: History | null, others: readonly NodeHistory[]): void;
}

type NodeHistory = NonNullable<History['others']>[number];

const SILENT_AFTER_MS = 25_000;
/** Nodes that are gone are shown for so long; a node that was replaced has another name. */
const GONE_SHOWN_MS = 10 * 60_000;
/** More than any network has; what is beyond is not kept. */
const MAX_NODES = 256;

interface Kept {
  overview: Overview;
  heardAt: number;
  isListed: boolean;
  readonly track: Track;
}

export function createNetwork(): Network {
  const kept = new Map<string, Kept>();
  const whole = createTrack();
  let nodes: readonly KnownNode[] = [];

  function hear(key: string, overview: Overview, now: number): void {
    const known = kept.get(key);
    if (known === undefined) {
      const track = createTrack();
      track.add(sampleOf(overview, null));
      kept.set(key, { overview, heardAt: now, isListed: true, track });
      return;
    }
    known.isListed = true;
    if (overview.at === known.overview.at) return;
    known.track.add(sampleOf(overview, known.overview));
    known.overview = overview;
    known.heardAt = now;
  }

  return {
    get nodes() {
      return nodes;
    },
    whole,
    tell(told, now, own) {
      for (const each of kept.values()) each.isListed = false;
      const listed = withKeys(told);
      for (const [key, overview] of listed) hear(key, overview, now);
      for (const [key, { isListed, heardAt }] of kept) if (!isListed && now - heardAt > GONE_SHOWN_MS) kept.delete(key);
      const first = listed.find(([, overview]) => overview === own)?.[0];
      nodes = [...kept]
        .map(([key, each]) => ({ key, overview: each.overview, presence: presenceOf(each, now), heardAt: each.heardAt, track: each.track }))
        .sort((a, b) => Number(b.key === first) - Number(a.key === first) || a.key.localeCompare(b.key, 'en', { numeric: true }));
      whole.add({ at: now, values: combined(nodes.filter(({ presence }) => presence === 'here').flatMap(latestOf)) });
    },
    remember(own, others) {
      if (own !== null) nodes[0]?.track.replace(samplesOf(own));
      for (const history of others) nodeOf(history, nodes)?.track.fill(samplesOf(history));
      whole.fill(sums(others, nodes));
    },
  };
}

/** Which node a history is of: a node that has started again since is the same. */
function nodeOf({ node, startedAt }: NodeHistory, nodes: readonly KnownNode[]): KnownNode | undefined {
  const named = nodes.filter(({ overview }) => overview.node === node);
  return named.find(({ overview }) => overview.startedAt === startedAt) ?? (named.length === 1 ? named[0] : undefined);
}

/** All nodes together at the times of which others are known. */
function sums(others: readonly NodeHistory[], nodes: readonly KnownNode[]): Sample[] {
  const steps = new Map(others.flatMap(samplesOf).map(({ at, stepMs = 0 }) => [at, stepMs]));
  return [...steps].map(([at, stepMs]) => ({ at, stepMs, values: combined(nodes.flatMap(({ track }) => nearest(track.samples, at, stepMs / 2))) }));
}

/** None where nothing is known of that time. */
function nearest(samples: readonly Sample[], at: number, withinMs: number): readonly Sample[] {
  const distance = (sample: Sample): number => Math.abs(sample.at - at);
  return samples.filter((sample) => distance(sample) <= withinMs).sort((a, b) => distance(a) - distance(b)).slice(0, 1);
}

function latestOf({ track }: KnownNode): Sample[] {
  return track.samples.slice(-1);
}

function withKeys(told: readonly Overview[]): [string, Overview][] {
  const seen = new Map<string, number>();
  return told.slice(0, MAX_NODES).map((overview) => {
    const count = (seen.get(overview.node) ?? 0) + 1;
    seen.set(overview.node, count);
    return [count === 1 ? overview.node : `${overview.node} (${String(count)})`, overview];
  });
}

function presenceOf({ overview, heardAt, isListed }: Kept, now: number): Presence {
  if (!isListed) return overview.state === 'draining' ? 'stopped' : 'gone';
  return now - heardAt > SILENT_AFTER_MS ? 'silent' : 'here';
}
