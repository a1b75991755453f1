/** The hour of the other nodes, as this one heard of them. */
import { historySchema, type Overview, parseOverview } from '@polyplex/admin-api';
import { HOUR, MINUTE, SECOND } from '@polyplex/base';
import type { FleetBoard } from '@polyplex/store-contract';
import { silentLogger } from '@polyplex/telemetry';
import { createFakeClock, FAKE_START_MS } from '@polyplex/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Neighbours } from '../src/overview/neighbours.ts';
import { NodeOverview } from '../src/overview/node-overview.ts';
import type { OverviewSource } from '../src/overview/source.ts';

const AT = new Date(FAKE_START_MS).toISOString();

function overviewOf(node: string, change: Partial<Overview> = {}): Overview {
  return {
    service: 'smp', node, version: '1', address: 'smp://AAAA@relay.example', at: AT, startedAt: AT, state: 'running', notReady: [], counters: { messagesSent: 100 },
    rates: { messagesSent: 4 }, gauges: { queues: 3, messages: null }, latencies: { send: { count: 1, p50: 0.1, p95: 0.2, p99: 0.3 } },
    stores: [{ name: 'queues', engine: 'redis', available: true, roomBytes: 900, shards: [] }], certificates: [], limits: [], warnings: [], ...change,
  };
}

describe('neighbours', () => {
  it('are remembered by the minute, each with its numbers', () => {
    const neighbours = new Neighbours();
    neighbours.put(FAKE_START_MS, [overviewOf('two'), overviewOf('three')]);
    neighbours.put(FAKE_START_MS + 2 * MINUTE, [overviewOf('two', { rates: { messagesSent: 6 } })]);
    const told = neighbours.read();
    expect(told.map(({ node, stepSeconds, times }) => [node, stepSeconds, times.length])).toEqual([['two', 60, 3], ['three', 60, 1]]);
    expect(told[0]!.series).toEqual({ messagesSent: [4, null, 6], queues: [3, null, 3], messages: [null, null, null], 'send.p50': [0.1, null, 0.1], 'send.p99': [0.3, null, 0.3], 'room.queues': [900, null, 900] });
  });

  it('that tell nothing for an hour are forgotten', () => {
    const neighbours = new Neighbours();
    neighbours.put(FAKE_START_MS, [overviewOf('two')]);
    neighbours.put(FAKE_START_MS + HOUR, [overviewOf('three')]);
    expect(neighbours.read()).toHaveLength(2);
    neighbours.put(FAKE_START_MS + HOUR + MINUTE, [overviewOf('three')]);
    expect(neighbours.read().map(({ node }) => node)).toEqual(['three']);
  });

  it('that start again are others', () => {
    const neighbours = new Neighbours();
    for (const startedAt of [AT, '2030-01-01T00:00:00.000Z']) neighbours.put(FAKE_START_MS, [overviewOf('two', { startedAt })]);
    expect(neighbours.read()).toHaveLength(2);
  });

  it('are bounded', () => {
    const neighbours = new Neighbours();
    neighbours.put(FAKE_START_MS, Array.from({ length: 500 }, (_, i) => overviewOf(`node-${String(i)}`)));
    expect(neighbours.read()).toHaveLength(100);
  });
});

describe('the history of a node', () => {
  const SOURCE: OverviewSource = {
    service: 'smp', node: 'one', version: '1', address: 'smp://AAAA@relay.example', startedAt: FAKE_START_MS, isDraining: () => false, notReady: async () => [],
    counters: () => ({}), gauges: () => ({}), distributions: () => ({}), stored: async () => ({}), limits: () => [], certificates: () => [], warnings: () => [],
    stores: [{
      name: 'queues', room: async () => 700, check: async () => {},
      facts: () => ({ engine: 'embedded', shards: [], seconds: new Map(), clockSkewSeconds: null }),
    }],
  };

  async function after(steps: number, board: FleetBoard) {
    const clock = createFakeClock();
    const node = new NodeOverview(SOURCE, { clock, log: silentLogger, boards: [board] });
    onTestFinished(() => node.stop());
    for (let i = 0; i < steps; i++) {
      clock.advance(5 * SECOND);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return node.history();
  }

  it('has what others told, once a minute, and the room of its own stores', async () => {
    let asked = 0;
    const text = JSON.stringify(overviewOf('two'));
    expect(parseOverview(text)).not.toBeNull();
    const told = await after(36, { publish: async () => {}, others: async () => (asked++, [text, 'rubbish']) });
    expect(historySchema.parse(told)).toEqual(told);
    expect(told.series['room.queues']!.at(-1)).toBe(700);
    expect(asked).toBe(3);
    expect(told.others!.map(({ node, times }) => [node, times.length])).toEqual([['two', 3]]);
  });

  it('has no others where there are none, or none can be asked', async () => {
    expect((await after(24, { publish: async () => {}, others: async () => Promise.reject(new Error('away')) })).others).toBeUndefined();
    expect((await after(24, { publish: async () => {}, others: async () => [] })).others).toBeUndefined();
  });
});
