/** What the swarm itself costs, once a second: a swarm at its limit must not be taken for a server at its own. */
import { SECOND } from '@polyplex/base';
import type { RunningSwarm, WorkerStats } from '@polyplex/swarm';
import type { NodeSample } from './node-watch.ts';
import type { SwarmWorker } from './report.ts';

interface Watched extends SwarmWorker {
  readonly samples: Pick<NodeSample, 'at' | 'cores' | 'loopLagMs' | 'storeP99Ms'>[];
  before: { readonly at: number; readonly cpuSeconds: number } | null;
}

export class SwarmWatch {
  private readonly swarm: RunningSwarm;
  private readonly onLook: (stats: readonly (WorkerStats | null)[]) => void;
  private readonly watched: readonly Watched[];
  private timer: NodeJS.Timeout | null = null;
  private looking = false;

  constructor(swarm: RunningSwarm, onLook: (stats: readonly (WorkerStats | null)[]) => void) {
    this.swarm = swarm;
    this.onLook = onLook;
    this.watched = swarm.urls.map((_, i) => ({ name: `swarm ${i + 1}`, kind: 'swarm', samples: [], before: null }));
  }

  get workers(): readonly SwarmWorker[] {
    return this.watched.map(({ name, kind, samples }) => ({ name, kind, samples }));
  }

  start(): void {
    this.timer = setInterval(() => void this.look(), SECOND);
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    const stats = await this.swarm.stats().finally(() => (this.looking = false));
    const at = Date.now() / SECOND;
    stats.forEach((each, i) => each !== null && note(this.watched[i]!, at, each));
    this.onLook(stats);
  }
}

function note(worker: Watched, at: number, { cpuSeconds, loopLagMs }: WorkerStats): void {
  const { before } = worker;
  worker.before = { at, cpuSeconds };
  if (before === null) return;
  worker.samples.push({ at: Math.floor(at), cores: (cpuSeconds - before.cpuSeconds) / (at - before.at), loopLagMs, storeP99Ms: null });
}
