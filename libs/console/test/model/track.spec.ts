/** What the page keeps of a node over time: rates, gaps, and what the node remembers joined to what was seen. */
import { describe, expect, it } from 'vitest';
import { combined } from '../../src/browser/model/combined.ts';
import { createNetwork } from '../../src/browser/model/network.ts';
import { createNetworks } from '../../src/browser/model/networks.ts';
import { sampleOf } from '../../src/browser/model/sample.ts';
import { columns, createTrack, samplesOf, type Track } from '../../src/browser/model/track.ts';
import { fleetOf, historyOf, overviewOf, type Scenario } from '../support/scenario.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const SCENARIO: Scenario = { service: 'smp', count: 3, engine: 'redis', startedAt: NOW - 86_400_000 };

describe('a rate', () => {
  const [before, after] = [overviewOf(SCENARIO, 0, NOW), overviewOf(SCENARIO, 0, NOW + 4000)];

  it('is the growth of a counter per second', () => {
    const sent = (after.counters.messagesSent! - before.counters.messagesSent!) / 4;
    expect(sampleOf(after, before).values['messagesSent']).toBeCloseTo(sent, 6);
    expect(sent).toBeGreaterThan(0);
  });

  it('is that of the last minute as the node says where nothing was seen before', () => {
    expect(sampleOf(after, null).values['messagesSent']).toBe(after.rates.messagesSent);
  });

  it.each([
    ['a restart', { startedAt: new Date(NOW + 1000).toISOString() }],
    ['a counter that fell', { counters: { ...after.counters, messagesSent: 0 } }],
    ['no time', { at: before.at }],
    ['a long time', { at: new Date(NOW + 120_000).toISOString() }],
  ])('is unknown across %s', (_what, change) => {
    expect(sampleOf({ ...after, ...change }, before).values['messagesSent']).toBeNull();
  });
});

describe('a track', () => {
  const sample = (at: number, x: number | null) => ({ at, values: { x } });

  it('forgets what is older than an hour, and takes nothing twice', () => {
    const track = createTrack();
    for (const at of [0, 5000, 5000, 4000, 3_600_000, 3_605_000]) track.add(sample(at, 1));
    expect(track.samples.map(({ at }) => at)).toEqual([5000, 3_600_000, 3_605_000]);
  });

  const steps = (stepSeconds: number, ...told: [at: number, x: number | null][]) =>
    samplesOf({ stepSeconds, times: told.map(([at]) => new Date(NOW + at).toISOString()), series: { x: told.map(([, x]) => x) } });
  const seen = (...told: [at: number, x: number][]) => {
    const track = createTrack();
    for (const [at, x] of told) track.add(sample(NOW + at, x));
    return track;
  };
  const held = ({ samples }: Track) => samples.map(({ at, values: { x } }) => [at - NOW, x]);

  it('takes what the node remembers in place of what was seen meanwhile', () => {
    const track = seen([-10_000, 1], [-6000, 1], [0, 1]);
    track.replace(steps(5, [-8000, 2], [-3000, null]));
    expect(held(track)).toEqual([[-10_000, 1], [-8000, 2], [-3000, null], [0, 1]]);
    track.replace([]);
    expect(track.samples).toHaveLength(4);
  });

  it('takes what others remember where nothing was seen', () => {
    const track = seen([-200_000, 1], [-3000, 1], [0, 1]);
    track.fill(steps(60, [-3_700_000, 2], [-240_000, 2], [-120_000, 2], [-64_000, 2], [-20_000, 2]));
    expect(held(track)).toEqual([[-200_000, 1], [-120_000, 2], [-64_000, 2], [-3000, 1], [0, 1]]);
  });

  it('has a hole where nothing was seen', () => {
    expect(columns([sample(0, 1), sample(5000, 2), sample(60_000, 3)], ['x', 'y'], 1000)).toEqual({
      times: [5, 5.001, 60], values: [[2, null, 3], [null, null, null]],
    });
    expect(columns([...steps(60, [-180_000, 1], [-120_000, 2]), sample(NOW - 30_000, 3)], ['x'], 0).values).toEqual([[1, 2, 3]]);
    expect(columns(steps(60, [-180_000, 1], [-20_000, 2]), ['x'], 0).values).toEqual([[1, null, 2]]);
  });
});

describe('several nodes', () => {
  it('are added up, but for what they share, what has no sum, and what one does not know', () => {
    const of = (values: Record<string, number | null>) => ({ at: 0, values });
    const both = [of({ connections: 2, queues: 70, 'send.p99': 0.1, loopLagSeconds: 0.3, 'room.queues': 9, messagesSent: null }), of({ connections: 3, queues: 70, 'send.p99': 0.2, loopLagSeconds: 0.1, 'room.queues': 8, messagesSent: 1, newer: 5 })];
    expect(combined(both)).toEqual({ connections: 5, queues: 70, 'send.p99': 0.2, loopLagSeconds: 0.3, 'room.queues': 8, messagesSent: null, newer: 5 });
  });

  const at = (now: number) => fleetOf(SCENARIO, now).nodes;
  const told = (...times: number[]) => {
    const network = createNetwork();
    for (const now of times) network.tell(at(now), now, undefined);
    return network;
  };

  it('are here while they tell something new, silent when they do not, gone when they are not listed', () => {
    const network = told(NOW);
    const [one, two, three] = at(NOW + 30_000);
    network.tell([one!, at(NOW)[1]!, { ...three!, state: 'draining' }], NOW + 30_000, one);
    expect(network.nodes.map(({ presence }) => presence)).toEqual(['here', 'silent', 'here']);
    network.tell([at(NOW + 35_000)[0]!], NOW + 35_000, undefined);
    expect(network.nodes.map(({ presence }) => presence)).toEqual(['here', 'gone', 'stopped']);
    network.tell([at(NOW + 700_000)[0]!], NOW + 700_000, undefined);
    expect(network.nodes).toHaveLength(1);
    expect(two).toBeDefined();
  });

  it('of one name are two nodes all the same', () => {
    const network = createNetwork();
    network.tell(at(NOW).map((node) => ({ ...node, node: 'relay' })), NOW, undefined);
    expect(network.nodes.map(({ key }) => key)).toEqual(['relay', 'relay (2)', 'relay (3)']);
  });

  it('are in the order of their numbers, the one that serves the page first', () => {
    const network = createNetwork();
    const nodes = fleetOf({ ...SCENARIO, count: 11 }, NOW).nodes;
    network.tell(nodes, NOW, nodes[4]);
    expect(network.nodes.map(({ key }) => key).slice(0, 4)).toEqual(['relay-5', 'relay-1', 'relay-2', 'relay-3']);
    expect(network.nodes.at(-1)!.key).toBe('relay-11');
  });

  it('that are gone are not counted in the sum', () => {
    const network = told(NOW);
    const nodes = at(NOW + 5000);
    network.tell(nodes.slice(0, 2), NOW + 5000, nodes[0]);
    expect(network.whole.samples.at(-1)!.values['connections']).toBeCloseTo(nodes[0]!.gauges.connections! + nodes[1]!.gauges.connections!, 6);
  });

  it('have an hour together from the first look on', () => {
    const networks = createNetworks();
    networks.tell(fleetOf(SCENARIO, NOW), NOW);
    networks.remember(historyOf(SCENARIO, NOW));
    const { samples } = networks.known.get('smp')!.whole;
    expect(samples.length).toBeGreaterThan(58);
    const [third] = samples.slice(2);
    const together = [0, 1, 2].map((index) => overviewOf(SCENARIO, index, third!.at));
    expect(third!.values['connections']).toBeCloseTo(together.reduce((sum, { gauges }) => sum + gauges.connections!, 0), 6);
    expect(third!.values['messagesSent']).toBeCloseTo(together.reduce((sum, { rates }) => sum + rates.messagesSent!, 0), 6);
    expect(third!.values['send.p99']).toBe(Math.max(...together.map(({ latencies }) => latencies.send!.p99!)));
    expect(networks.known.get('smp')!.nodes[2]!.track.samples.length).toBeGreaterThan(58);
  });

  it('that have started again have the hour of both runs', () => {
    const network = createNetwork();
    network.tell(at(NOW), NOW, undefined);
    const { others } = historyOf(SCENARIO, NOW - 1_800_000, 20);
    network.remember(null, others!.map((each) => ({ ...each, startedAt: '2020-01-01T00:00:00.000Z' })));
    expect(network.nodes[1]!.track.samples.length).toBeGreaterThan(15);
  });

  it('of another service are another network', () => {
    const networks = createNetworks();
    const fleet = fleetOf(SCENARIO, NOW);
    const files = overviewOf({ ...SCENARIO, service: 'xftp' }, 0, NOW);
    networks.tell({ ...fleet, complete: false, nodes: [files, ...fleet.nodes] }, NOW);
    expect([...networks.known].map(([service, { nodes }]) => [service, nodes.length])).toEqual([['xftp', 1], ['smp', 3]]);
    expect(networks.isComplete).toBe(false);
    networks.tell({ at: '', complete: true, nodes: [files] }, NOW + 5000);
    expect(networks.known.get('smp')!.nodes.every(({ presence }) => presence === 'gone')).toBe(true);
    networks.clear();
    expect(networks.known.size).toBe(0);
  });
});
