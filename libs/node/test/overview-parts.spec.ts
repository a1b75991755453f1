/** What an overview is made of: the hour in steps, readings and what lies between them, and answers that come late. */
import { HOUR, MINUTE, SECOND } from '@polyplex/base';
import { Histogram } from '@polyplex/telemetry';
import { describe, expect, it } from 'vitest';
import { HistoryRing } from '../src/overview/history-ring.ts';
import { LastMinute } from '../src/overview/last-minute.ts';
import { latency, merged, rates, type Reading } from '../src/overview/reading.ts';
import { ProcessFleet } from '../src/overview/process-fleet.ts';
import { orNull } from '../src/overview/within.ts';

const START = 1_700_000_000_000;
const STEP_MS = 5 * SECOND;

function reading(at: number, counters: Reading['counters'] = {}, ...observed: readonly number[]): Reading {
  const histogram = new Histogram();
  for (const seconds of observed) histogram.observe(seconds);
  return { at, counters, distributions: new Map([['command', merged([histogram])]]) };
}

describe('the history', () => {
  it('is empty before the first step', () => {
    expect(new HistoryRing().read()).toEqual({ stepSeconds: 5, times: [], series: {} });
  });

  it('has a number for each step, at times that are multiples of five seconds', () => {
    const ring = new HistoryRing();
    ring.put(START + 3, { a: 1, b: null });
    ring.put(START + STEP_MS - 2, { a: 2.000000001, b: 7 });
    expect(ring.read()).toEqual({
      stepSeconds: 5,
      times: ['2023-11-14T22:13:20.000Z', '2023-11-14T22:13:25.000Z'],
      series: { a: [1, 2], b: [null, 7] },
    });
  });

  it('has nothing for steps in which the process stood still, and for series that begin later', () => {
    const ring = new HistoryRing();
    ring.put(START, { a: 1 });
    ring.put(START + 3 * STEP_MS, { a: 4, late: 5 });
    expect(ring.read().series).toEqual({ a: [1, null, null, 4], late: [null, null, null, 5] });
    // Nor has what was there an hour before.
    for (let i = 4; i < 800; i++) ring.put(START + i * STEP_MS, { a: i });
    ring.put(START + 802 * STEP_MS, { b: 1 });
    expect(ring.read().series['a']!.slice(-4)).toEqual([799, null, null, null]);
  });

  it('is an hour long and takes the same memory ever after', () => {
    const ring = new HistoryRing();
    for (let i = 0; i < 2000; i++) ring.put(START + i * STEP_MS, { a: i, b: -i });
    const { times, series } = ring.read();
    expect(times).toHaveLength(720);
    expect(Date.parse(times.at(-1)!) - Date.parse(times[0]!)).toBe(HOUR - STEP_MS);
    expect(series['a']).toEqual(Array.from({ length: 720 }, (_, i) => 1280 + i));
    const numbers = (ring as unknown as { series: Map<string, Float64Array> }).series;
    expect([...numbers.values()].map(({ byteLength }) => byteLength)).toEqual([720 * 8, 720 * 8]);
  });

  it('has a bound on series', () => {
    const ring = new HistoryRing();
    ring.put(START, Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`s${i}`, i])));
    expect(Object.keys(ring.read().series)).toHaveLength(256);
  });

  it('forgets everything in an hour of standing still', () => {
    const ring = new HistoryRing();
    ring.put(START, { a: 1 });
    ring.put(START + 2 * HOUR, { a: 2 });
    const { a } = ring.read().series;
    expect([a!.length, a!.filter((value) => value !== null), a!.at(-1)]).toEqual([720, [2], 2]);
  });

  it('stands still with a clock that is set back a little, and begins anew with one that is set back far', () => {
    const ring = new HistoryRing();
    ring.put(START, { a: 1 });
    ring.put(START + STEP_MS, { a: 2 });
    ring.put(START - MINUTE + STEP_MS, { a: 3 });
    expect(ring.read().series).toEqual({ a: [1, 3] });
    ring.put(START - HOUR, { a: 4 });
    expect(ring.read()).toMatchObject({ times: ['2023-11-14T21:13:20.000Z'], series: { a: [4] } });
  });
});

describe('readings', () => {
  it('give growth per second', () => {
    const before = reading(START, { commands: 10, errors: 5 });
    expect(rates(reading(START + 10 * SECOND, { commands: 30, errors: 5, messagesSent: 1 }), before)).toEqual({ commands: 2, errors: 0, messagesSent: 0.1 });
    expect(rates(before, before)).toEqual({});
    expect(rates(reading(START - SECOND, { commands: 30 }), before)).toEqual({});
  });

  it('give where observations between them lay', () => {
    const before = reading(START, {}, 5, 5, 5, 5);
    const now = reading(START, {}, 5, 5, 5, 5, ...Array<number>(99).fill(0.002), 20);
    expect(latency('command', now, before)).toMatchObject({ count: 100 });
    expect(latency('command', now, before)!.p50).toBeGreaterThan(0.001);
    expect(latency('command', now, before)!.p50).toBeLessThanOrEqual(0.0025);
    expect(latency('command', before, before)).toEqual({ count: 0, p50: null, p95: null, p99: null });
    expect(latency('send', now, before)).toBeNull();
    // One that is new has been growing from nothing.
    expect(latency('command', now, { ...before, distributions: new Map() })).toMatchObject({ count: 104 });
  });

  it('merge distributions, and keep what was read', () => {
    const [a, b] = [new Histogram(), new Histogram()];
    a.observe(0.2);
    b.observe(0.2);
    const both = merged([a, b, new Histogram([1])]);
    a.observe(0.2);
    expect(Array.from(both.counts).filter((count) => count > 0)).toEqual([2]);
    expect(merged([])).toMatchObject({ bounds: [] });
  });

  it('are kept for a minute, and no longer than the clock goes forward', () => {
    const lately = new LastMinute(reading(START));
    for (let i = 1; i <= 30; i++) lately.add(reading(START + i * STEP_MS));
    expect(lately.latest.at - lately.oldest.at).toBe(MINUTE - STEP_MS);
    lately.add(reading(START));
    expect([lately.oldest.at, lately.latest.at]).toEqual([START, START]);
  });
});

describe('answers', () => {
  it('are null when they fail or take too long', async () => {
    expect(await orNull(Promise.resolve(7))).toBe(7);
    expect(await orNull(Promise.reject(new Error('away')))).toBeNull();
    expect(await orNull(new Promise(() => undefined), 1)).toBeNull();
  });
});

describe('the servers of one process', () => {
  it('tell each other of themselves, until that runs out', async () => {
    const fleet = new ProcessFleet();
    const [relay, files] = [fleet.board(), fleet.board()];
    await relay.publish('relay', MINUTE);
    await files.publish('files', 0);
    expect(await relay.others()).toEqual([]);
    expect(await files.others()).toEqual(['relay']);
    await files.publish('files again', MINUTE);
    expect(await relay.others()).toEqual(['files again']);
  });
});
