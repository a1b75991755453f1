/** The servers under load, as their admin ports tell: once a second, every node. */
import { type Overview, readOverview } from '@polyplex/admin-api';
import { SECOND } from '@polyplex/base';

export interface NodeSample {
  /** Unix seconds. */
  readonly at: number;
  /** Of a core, since the sample before. */
  readonly cores: number;
  readonly memoryBytes: number;
  readonly loopLagMs: number;
  readonly connections: number;
  /** Of the slowest shard; null where unknown. */
  readonly storeP99Ms: number | null;
}

export interface WatchedNode {
  readonly name: string;
  readonly service: Overview['service'];
  readonly engine: string;
  readonly samples: NodeSample[];
  /** What the store has room for, at the end. */
  roomBytes: number | null;
}

interface Before {
  readonly at: number;
  readonly cpuSeconds: number;
}

const TIMEOUT_MS = 5 * SECOND;

export class NodeWatch {
  readonly nodes = new Map<string, WatchedNode>();
  /** Why a port told nothing, the last time. */
  readonly problems = new Map<string, string>();
  private readonly urls: readonly string[];
  private readonly headers: Readonly<Record<string, string>>;
  private readonly before = new Map<string, Before>();
  private timer: NodeJS.Timeout | null = null;

  constructor(urls: readonly string[], token: string | null) {
    this.urls = urls.map((url) => url.replace(/\/+$/, ''));
    this.headers = token === null ? {} : { authorization: `Bearer ${token}` };
  }

  /** Resolves after the first look. */
  async start(): Promise<void> {
    await this.look();
    this.timer = setInterval(() => void this.look(), SECOND);
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  /** Cores in use by all nodes together, lately. */
  get cores(): number | null {
    const last = [...this.nodes.values()].map(({ samples }) => samples.at(-1)?.cores);
    const known = last.filter((cores) => cores !== undefined);
    return known.length === 0 ? null : known.reduce((sum, each) => sum + each, 0);
  }

  private async look(): Promise<void> {
    await Promise.all(this.urls.map((url) => this.ask(url)));
  }

  private async ask(url: string): Promise<void> {
    try {
      const response = await fetch(`${url}/admin/overview`, { headers: this.headers, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
      const overview = response.ok ? readOverview(await response.json()) : null;
      if (overview === null) this.problems.set(url, `HTTP status ${response.status}`);
      else this.note(url, overview);
    } catch {
      this.problems.set(url, 'no answer');
    }
  }

  private note(url: string, overview: Overview): void {
    this.problems.delete(url);
    const { service, node: name, stores } = overview;
    const key = `${service} ${url}`;
    let node = this.nodes.get(key);
    if (node === undefined) this.nodes.set(key, (node = { name, service, engine: stores[0]?.engine ?? 'unknown', samples: [], roomBytes: null }));
    node.roomBytes = stores[0]?.roomBytes ?? null;
    const now: Before = { at: Date.parse(overview.at) / SECOND, cpuSeconds: overview.counters.cpuSeconds ?? 0 };
    const last = this.before.get(key);
    this.before.set(key, now);
    // A node that was started again counts from nothing.
    if (last === undefined || now.at <= last.at || now.cpuSeconds < last.cpuSeconds) return;
    node.samples.push(sampleOf(overview, now, last));
  }
}

function sampleOf({ gauges, stores }: Overview, now: Before, last: Before): NodeSample {
  const p99s = stores.flatMap(({ shards }) => shards.map(({ p99Seconds }) => p99Seconds)).filter((p99) => p99 !== null);
  return {
    at: Math.floor(now.at),
    cores: (now.cpuSeconds - last.cpuSeconds) / (now.at - last.at),
    memoryBytes: gauges.memoryBytes ?? 0,
    loopLagMs: (gauges.loopLagSeconds ?? 0) * SECOND,
    connections: gauges.connections ?? 0,
    storeP99Ms: p99s.length === 0 ? null : Math.max(...p99s) * SECOND,
  };
}
