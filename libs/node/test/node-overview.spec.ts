/** A node looked at over time: what it tells, whom it tells, and whom it hears. */
import { fleetSchema, historySchema, type Overview, overviewSchema } from '@polyplex/admin-api';
import { MINUTE, SECOND } from '@polyplex/base';
import type { FleetBoard } from '@polyplex/store-contract';
import { Histogram, silentLogger } from '@polyplex/telemetry';
import { createFakeClock } from '@polyplex/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { NodeOverview } from '../src/overview/node-overview.ts';
import { ProcessFleet } from '../src/overview/process-fleet.ts';
import type { OverviewSource } from '../src/overview/source.ts';

const STEP_MS = 5 * SECOND;

/** A relay that can be told what happens to it. */
function relay(node = 'one') {
  const state = { sent: 0, queues: 3 as number | 'away', draining: false, ready: [] as string[], away: false };
  const [commands, disk] = [new Histogram(), new Histogram()];
  const source: OverviewSource = {
    service: 'smp', node, version: '1.2.3', address: 'smp://AAAA@relay.example', startedAt: 1_700_000_000_000,
    isDraining: () => state.draining,
    notReady: async () => state.ready,
    counters: () => ({ messagesSent: state.sent }),
    gauges: () => ({ sessions: 7 }),
    distributions: () => ({ command: [commands], store: [disk] }),
    stored: async () => (state.queues === 'away' ? new Promise<never>(() => undefined) : { queues: state.queues }),
    stores: [{
      name: 'queues',
      facts: () => ({ engine: 'embedded', shards: [{ name: 'disk', connected: true, roomBytes: null, seconds: disk }], seconds: new Map([['disk', disk]]), clockSkewSeconds: null }),
      room: async () => 1000,
      check: () => (state.away ? Promise.reject(new Error('away')) : Promise.resolve()),
    }],
    limits: ({ sessions }) => [{ setting: 'limits.connections', value: 10, used: sessions ?? null, unit: 'count' }],
    certificates: () => [{ name: 'identity', notAfter: '2030-01-01T00:00:00.000Z' }],
    warnings: () => [{ at: '2023-11-14T22:13:20.000Z', level: 'warn', message: 'mind', count: 2 }],
  };
  return { state, source, commands, disk };
}

function watched({ source }: ReturnType<typeof relay>, boards: readonly FleetBoard[] = []) {
  const clock = createFakeClock();
  const logged: string[] = [];
  const overview = new NodeOverview(source, { clock, log: { ...silentLogger, warn: (message) => void logged.push(message) }, boards });
  onTestFinished(() => overview.stop());
  /** One step after another, each to its end. */
  const pass = async (steps: number): Promise<void> => {
    for (let i = 0; i < steps; i++) {
      clock.advance(STEP_MS);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { clock, overview, logged, pass };
}

describe('the overview', () => {
  it('says how the node is, in the form that is promised', async () => {
    const node = relay();
    const { overview } = watched(node);
    const told = await overview.overview();
    expect(overviewSchema.parse(told)).toEqual(told);
    expect(told).toMatchObject({
      service: 'smp', node: 'one', state: 'running', notReady: [], counters: { messagesSent: 0 }, gauges: { sessions: 7, queues: 3 },
      stores: [{ name: 'queues', engine: 'embedded', available: true, roomBytes: 1000, shards: [{ name: 'disk', roomBytes: 1000, p99Seconds: null }] }],
      limits: [{ setting: 'limits.connections', value: 10, used: 7 }], warnings: [{ message: 'mind', count: 2 }],
    });
    expect(told.counters.cpuSeconds).toBeGreaterThan(0);
    expect(told.gauges.memoryBytes).toBeGreaterThan(1e6);
    expect(told.gauges.heapBytes).toBeGreaterThan(1e6);
    expect(told.gauges.loopLagSeconds).toBeGreaterThanOrEqual(0);
  });

  it('gives rates and latencies of the last minute, and not of what was before', async () => {
    const node = relay();
    node.commands.observe(20);
    const { overview, clock, pass } = watched(node);
    node.state.sent = 50;
    for (let i = 0; i < 100; i++) node.commands.observe(0.0009);
    node.disk.observe(0.002);
    clock.advance(SECOND);
    const told = await overview.overview();
    expect(told.rates.messagesSent).toBe(50);
    expect(told.latencies.command).toMatchObject({ count: 100 });
    expect(told.latencies.command!.p99).toBeLessThanOrEqual(0.001);
    expect(told.stores[0]!.shards[0]!.p99Seconds).toBeLessThanOrEqual(0.0025);
    await pass(6);
    const soon = await overview.overview();
    expect([soon.rates.messagesSent, soon.latencies.command?.count]).toEqual([50 / 31, 100]);
    await pass(14);
    const later = await overview.overview();
    expect([later.rates.messagesSent, later.latencies.command?.count, later.stores[0]!.shards[0]!.p99Seconds]).toEqual([0, 0, null]);
  });

  it('does not wait for stores that are away, and says so', async () => {
    const node = relay();
    node.state.queues = 'away';
    node.state.away = true;
    node.state.ready = ['the store does not answer'];
    const { overview } = watched(node);
    const told = await overview.overview();
    expect(told.gauges.queues).toBeUndefined();
    expect(told).toMatchObject({ notReady: ['the store does not answer'], gauges: { sessions: 7 }, stores: [{ available: false }] });
  });

  it('is made once for all who ask at once', async () => {
    const { overview } = watched(relay());
    expect(overview.overview()).toBe(overview.overview());
    const first = overview.overview();
    await first;
    expect(overview.overview()).not.toBe(first);
  });
});

describe('the history', () => {
  it('has growth per second, gauges and latencies of each step', async () => {
    const node = relay();
    const { overview, pass } = watched(node);
    node.state.sent = 10;
    node.commands.observe(0.0009);
    await pass(1);
    node.state.queues = 4;
    await pass(1);
    const told = overview.history();
    expect(historySchema.parse(told)).toEqual(told);
    expect(told.series).toMatchObject({ messagesSent: [2, 0], queues: [3, 4], sessions: [7, 7] });
    expect(told.series['command.p99']![0]).toBeLessThanOrEqual(0.001);
    expect(told.series['command.p99']![1]).toBeNull();
    expect(told.series['send.p50']).toBeUndefined();
  });
});

it('goes on although looking at a node fails', async () => {
  const node = relay();
  let fails = false;
  const source: OverviewSource = { ...node.source, gauges: () => (fails ? (() => { throw new Error('a fault'); })() : { sessions: 7 }) };
  const { overview, pass } = watched({ ...node, source });
  fails = true;
  await pass(2);
  expect(overview.history().times).toEqual([]);
  fails = false;
  await pass(1);
  expect(overview.history().series['sessions']!.at(-1)).toBe(7);
});

describe('the fleet', () => {
  it('is the node alone where there is no board', async () => {
    const { overview } = watched(relay());
    const fleet = await overview.fleet();
    expect(fleetSchema.parse(fleet)).toEqual(fleet);
    expect([fleet.complete, fleet.nodes.map(({ node }) => node)]).toEqual([true, ['one']]);
  });

  it('has the others from the start, this one first, as they are now', async () => {
    const shared = new ProcessFleet();
    const two = relay('two');
    const [first, second] = [watched(relay('three'), [shared.board()]), watched(two, [shared.board()])];
    watched(relay('one'), [shared.board()]);
    const names = async (): Promise<string[]> => (await first.overview.fleet()).nodes.map(({ node }) => node);
    await expect.poll(names).toEqual(['three', 'one', 'two']);
    two.state.draining = true;
    await second.pass(1);
    await expect.poll(async () => (await first.overview.fleet()).nodes.map(({ state }) => state)).toEqual(['running', 'running', 'draining']);
  });

  it('bears nodes of other releases and rubbish', async () => {
    const own = relay();
    const told = await watched(relay('older')).overview.overview();
    const newer = {
      ...told, node: 'newer', colour: 'blue', counters: { ...told.counters, miracles: 1 }, gauges: { sessions: 1, moons: null }, latencies: { thought: {} },
      stores: [{ ...told.stores[0]!, engine: 'crystal' }, told.stores[0]!], limits: [{ setting: 'x' }], warnings: undefined,
    };
    const texts = ['{', 'null', '[]', '"x"', '{}', JSON.stringify({ ...told, service: 'chat' }), JSON.stringify(newer), JSON.stringify(told)];
    const { overview } = watched(own, [{ publish: async () => undefined, others: async () => texts }]);
    const fleet = await overview.fleet();
    expect(fleetSchema.parse(fleet).nodes.map(({ node }) => node)).toEqual(['one', 'newer', 'older']);
    const [, read, older] = fleet.nodes as [Overview, Overview, Overview];
    expect(read).toMatchObject({ gauges: { sessions: 1 }, limits: [], warnings: [], stores: [{ engine: 'embedded' }] });
    expect(read.stores).toHaveLength(1);
    expect(older).toEqual(told);
  });

  it('names a node once that is on two boards', async () => {
    const other = JSON.stringify(await watched(relay('other')).overview.overview());
    const board: FleetBoard = { publish: async () => undefined, others: async () => [other] };
    const { overview } = watched(relay(), [board, board]);
    expect((await overview.fleet()).nodes.map(({ node }) => node)).toEqual(['one', 'other']);
  });

  it('says where it is not whole, and in the log once that nobody hears', async () => {
    const away = { publish: () => Promise.reject(new Error('away')), others: () => Promise.reject(new Error('away')) };
    const { overview, pass, logged } = watched(relay(), [away]);
    await pass(4);
    const fleet = await overview.fleet();
    expect([fleet.complete, fleet.nodes.length]).toEqual([false, 1]);
    expect(logged).toHaveLength(1);
  });

  it('hears nothing of a node that stopped', async () => {
    const told: number[] = [];
    const { overview, clock, pass } = watched(relay(), [{ publish: async (_text, ttlMs) => void told.push(ttlMs), others: async () => [] }]);
    await pass(1);
    const before = told.length;
    expect(told[0]).toBe(15 * SECOND);
    await overview.stop();
    clock.advance(MINUTE);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect([before, told.length, clock.pending]).toEqual([before, before, 0]);
  });
});
