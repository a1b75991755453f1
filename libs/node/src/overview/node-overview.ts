/**
 * How a node is: what it tells now, what the other nodes told, and the last hour. Every five seconds it is looked at, which
 * costs a few hundred numbers of memory, always the same; nothing here waits for a store that is away.
 */
import { type Fleet, type History, LATENCIES, type LatencyName, type Overview, parseOverview } from '@polyplex/admin-api';
import { type Clock, errorText, MINUTE } from '@polyplex/base';
import type { FleetBoard } from '@polyplex/store-contract';
import type { Logger } from '@polyplex/telemetry';
import { HistoryRing, STEP_MS } from './history-ring.ts';
import { LastMinute } from './last-minute.ts';
import { Neighbours, seriesOf } from './neighbours.ts';
import { type ProcessNumbers, watchProcess } from './process-numbers.ts';
import { latency, merged, rates, type Reading } from './reading.ts';
import type { Gauges, OverviewSource } from './source.ts';
import { stepsOf, storeOverview } from './store-overview.ts';
import { orNull } from './within.ts';

/** A node that has died is seen for so long. */
const TOLD_MS = 3 * STEP_MS;
const LATE = 'whether it is ready cannot be told in time';

export interface NodeOverviewDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** Where this node tells of itself; none for a node that is alone. */
  readonly boards: readonly FleetBoard[];
}

export class NodeOverview {
  private readonly source: OverviewSource;
  private readonly deps: NodeOverviewDeps;
  private readonly ring = new HistoryRing();
  private readonly neighbours = new Neighbours();
  private readonly process: ProcessNumbers = watchProcess();
  private readonly lastMinute: LastMinute;
  private cancel: () => void = () => undefined;
  private asked: Promise<Overview> | null = null;
  private telling: Promise<void> | null = null;
  private isHeard = true;
  private stopped = false;

  /** Looks at once, and tells the others that it is there. */
  constructor(source: OverviewSource, deps: NodeOverviewDeps) {
    this.source = source;
    this.deps = deps;
    this.lastMinute = new LastMinute(this.read());
    this.tell();
    this.schedule();
  }

  /** Of this node; whoever asks meanwhile gets the same. Rejects for a fault of the program alone. */
  overview(): Promise<Overview> {
    this.asked ??= this.look().finally(() => (this.asked = null));
    return this.asked;
  }

  /** This node first, the others by service and name. */
  async fleet(): Promise<Fleet> {
    const [own, { others, complete }] = await Promise.all([this.overview(), this.told()]);
    // A node may be told of on more than one board.
    const nodes = [...new Map([own, ...others].map((node) => [`${node.service} ${node.node} ${node.startedAt}`, node])).values()];
    const [first, ...rest] = nodes;
    return {
      at: own.at,
      complete,
      nodes: [first!, ...rest.toSorted((a, b) => order(`${a.service} ${a.node}`, `${b.service} ${b.node}`))],
    };
  }

  history(): History {
    const others = this.neighbours.read();
    return { ...this.ring.read(), ...(others.length > 0 && { others }) };
  }

  /** Resolves when nothing of it is under way any more; to be called before the stores are closed. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.cancel();
    this.process.stop();
    await orNull(this.telling ?? Promise.resolve());
  }

  private read(): Reading {
    const { clock } = this.deps;
    const latencies = Object.entries(this.source.distributions()).map(([name, all]) => [name, merged(all)] as const);
    const steps = stepsOf(this.source.stores).map(([name, each]) => [name, merged([each])] as const);
    return {
      at: clock.now(),
      counters: { cpuSeconds: this.process.cpuSeconds(), ...this.source.counters() },
      distributions: new Map([...latencies, ...steps]),
    };
  }

  private async told(): Promise<{ readonly others: readonly Overview[]; readonly complete: boolean }> {
    const told = await Promise.all(this.deps.boards.map((board) => orNull(board.others())));
    const others = told.flatMap((texts) => texts ?? []).map((text) => parseOverview(text)).filter((each) => each !== null);
    return { others, complete: told.every((texts) => texts !== null) };
  }

  /** With nulls for what stores do not tell in time. */
  private async gauges(): Promise<Gauges> {
    const own = { ...this.process.gauges(), ...this.source.gauges() };
    return { ...own, ...(await orNull(this.source.stored())) };
  }

  private async look(): Promise<Overview> {
    const { source, deps: { clock } } = this;
    const [now, before] = [this.read(), this.lastMinute.oldest];
    const [gauges, notReady, ...stores] = await Promise.all([
      this.gauges(), orNull(source.notReady()), ...source.stores.map((store) => storeOverview(store, now, before)),
    ]);
    const { service, node, version, address, startedAt } = source;
    return {
      service, node, version, address,
      at: new Date(clock.now()).toISOString(),
      startedAt: new Date(startedAt).toISOString(),
      state: source.isDraining() ? 'draining' : 'running',
      notReady: [...(notReady ?? [LATE])],
      counters: now.counters,
      rates: rates(now, before),
      gauges,
      latencies: Object.fromEntries(latencyNames(now).map((name) => [name, latency(name, now, before)!])),
      stores,
      certificates: source.certificates(),
      limits: [...source.limits(gauges)],
      warnings: [...source.warnings()],
    };
  }

  private schedule(): void {
    const { clock } = this.deps;
    const next = STEP_MS - (clock.now() % STEP_MS);
    // A timer may come a little early.
    this.cancel = clock.after(next < STEP_MS / 2 ? next + STEP_MS : next, () => {
      this.schedule();
      // Whatever is wrong here, the node goes on serving.
      this.step().catch((error: unknown) => this.deps.log.error('the node could not be looked at', { error: errorText(error) }));
    });
  }

  private async step(): Promise<void> {
    const [now, before] = [this.read(), this.lastMinute.latest];
    this.lastMinute.add(now);
    const [gauges, ...stores] = await Promise.all([
      this.gauges(), ...this.source.stores.map(async ({ name, room }) => ({ name, roomBytes: await orNull(room()) })),
    ]);
    this.process.nextPeriod();
    const latencies = Object.fromEntries(latencyNames(now).map((name) => [name, latency(name, now, before)!]));
    this.ring.put(now.at, seriesOf({ rates: rates(now, before), gauges, latencies, stores }));
    this.tell();
    if (isMinute(now.at) && !this.stopped) this.neighbours.put(now.at, (await this.told()).others);
  }

  /** One telling at a time: a board that is away is tried for long. */
  private tell(): void {
    if (this.telling !== null || this.stopped || this.deps.boards.length === 0) return;
    this.telling = this.publish().finally(() => (this.telling = null));
  }

  private async publish(): Promise<void> {
    const { boards, log } = this.deps;
    try {
      const text = JSON.stringify(await this.overview());
      await Promise.all(boards.map((board) => board.publish(text, TOLD_MS)));
      this.isHeard = true;
    } catch {
      // What is wrong with the store is told where it is used.
      if (this.isHeard && !this.stopped) log.warn('the other nodes do not hear of this one: the store does not take its overview');
      this.isHeard = false;
    }
  }
}

function latencyNames({ distributions }: Reading): LatencyName[] {
  return (Object.keys(LATENCIES) as LatencyName[]).filter((name) => distributions.has(name));
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Of every twelve steps one; a timer may come a little early or late. */
function isMinute(at: number): boolean {
  return Math.round(at / STEP_MS) % (MINUTE / STEP_MS) === 0;
}
