/** What is tried again, when, and what is given up. */
import type { PushAnswer } from '@polyplex/push';
import { describe, expect, test } from 'vitest';
import { BUSY, createBench, DOWN, pass, settled } from './support.ts';

const retry = (afterMs: number | null): PushAnswer => ({ result: 'retry', afterMs, cause: 'busy', place: false });

describe('a push that did not go', () => {
  test('is tried again after a second, five, thirty, two minutes, and every five', async () => {
    const bench = createBench({ options: { pollMs: 500 } });
    const began = bench.clock.now();
    const times: number[] = [];
    bench.script = () => {
      times.push(bench.clock.now() - began);
      return BUSY;
    };
    await bench.message(await bench.active());
    await settled();
    bench.pushing.start();
    await pass(bench, 30 * 60_000);
    const waits = times.slice(1).map((time, i) => Math.round((time - times[i]!) / 1000));
    expect(waits.slice(0, 6)).toEqual([1, 5, 30, 120, 300, 300]);
    expect(bench.pushing.stats.retries.value).toBe(times.length);
    expect([bench.stats.failed.value, bench.stats.delivered.value]).toEqual([0, 0]);
  });

  test('waits as long as the service said', async () => {
    const bench = createBench({ options: { pollMs: 500 } });
    bench.script = () => retry(60_000);
    await bench.message(await bench.active());
    bench.pushing.start();
    await pass(bench, 59_000);
    expect(bench.sent).toHaveLength(1);
    bench.script = null;
    await pass(bench, 2000);
    expect(bench.sent).toHaveLength(2);
    expect(bench.stats.delivered.value).toBe(1);
  });

  test('is given up after ten tries, once a day has passed', async () => {
    const bench = createBench();
    bench.script = () => BUSY;
    await bench.message(await bench.active());
    bench.pushing.start();
    await pass(bench, 23 * 3_600_000, 60_000);
    const tries = bench.sent.length;
    expect(tries).toBeGreaterThan(100);
    expect(bench.stats.failed.value).toBe(0);
    await pass(bench, 2 * 3_600_000, 60_000);
    expect([bench.stats.failed.value, bench.pushing.stats.givenUp.value]).toEqual([1, 1]);
    const all = bench.sent.length;
    await pass(bench, 3_600_000, 60_000);
    expect(bench.sent).toHaveLength(all);
  });

  test('goes with what came meanwhile', async () => {
    const bench = createBench({ options: { pollMs: 500 } });
    const token = await bench.active();
    bench.script = () => BUSY;
    await bench.message(token);
    await settled();
    await bench.message(token);
    bench.script = null;
    bench.pushing.start();
    await pass(bench, 3000);
    expect(bench.sent).toHaveLength(2);
    expect((await bench.store.counts()).due).toBe(0);
  });

  test('for a sender with a bug is tried again, and no other push is lost', async () => {
    const bench = createBench({ options: { pollMs: 500 } });
    let isBroken = true;
    bench.script = () => {
      if (isBroken) throw new TypeError('a bug');
      return undefined;
    };
    await bench.message(await bench.active());
    await settled();
    expect(bench.lines.map(({ message, fields }) => [message, fields])).toEqual([['a push failed unexpectedly', { provider: 'apns_prod', error: 'TypeError' }]]);
    isBroken = false;
    await bench.message(await bench.active());
    bench.pushing.start();
    await pass(bench, 3000);
    expect(bench.stats.delivered.value).toBe(2);
  });
});

describe('a push service that has trouble', () => {
  test('is left alone for as long as it said, and asked by one push whether it works again', async () => {
    const bench = createBench({ options: { pollMs: 500 } });
    const tokens = await Promise.all(Array.from({ length: 20 }, () => bench.active()));
    bench.script = () => ({ result: 'retry', afterMs: 20_000, cause: 'unavailable', place: true });
    for (const token of tokens) await bench.message(token);
    bench.pushing.start();
    await pass(bench, 15_000);
    // Two may have been on their way when the first answer came.
    const before = bench.sent.length;
    expect(before).toBeLessThanOrEqual(2);
    await pass(bench, 10_000);
    expect(bench.sent.length).toBe(before + 1);
    bench.script = null;
    await pass(bench, 60_000);
    expect(bench.stats.delivered.value).toBe(20);
    expect(bench.pushing.stats.pauses.value).toBe(2);
  });

  test('pauses for longer each time, a minute at the longest', async () => {
    const bench = createBench({ options: { pollMs: 500 } });
    const began = bench.clock.now();
    const times: number[] = [];
    bench.script = () => {
      times.push(bench.clock.now() - began);
      return DOWN;
    };
    for (let i = 0; i < 30; i += 1) await bench.message(await bench.active(), { lease: false });
    bench.pushing.start();
    await pass(bench, 3_600_000);
    // Two may have been on their way at first.
    const waits = times.slice(1).map((time, i) => time - times[i]!).filter((wait) => wait > 0);
    expect(waits.length).toBeGreaterThan(10);
    expect(waits.slice(0, 7).every((wait, i) => wait >= 500 * 2 ** i)).toBe(true);
    expect(Math.max(...waits)).toBeLessThan(70_000);
    expect(bench.lines.filter(({ message }) => message.includes('has trouble'))).toHaveLength(1);
  });

  test('that times out for one device is not left alone, for five in a row it is', async () => {
    const bench = createBench({ options: { pollMs: 500 } });
    const slow: PushAnswer = { result: 'retry', afterMs: null, cause: 'timeout', place: false };
    const tokens = await Promise.all(Array.from({ length: 5 }, () => bench.active()));
    bench.script = () => slow;
    for (const token of tokens.slice(0, 4)) await bench.message(token);
    await settled();
    expect(bench.pushing.gauges().pausedPlaces).toBe(0);
    await bench.message(tokens[4]!);
    await settled();
    expect(bench.pushing.gauges().pausedPlaces).toBe(1);
  });

  test('that is busy with one device is open to others', async () => {
    const bench = createBench();
    bench.script = () => BUSY;
    for (let i = 0; i < 20; i += 1) await bench.message(await bench.active());
    await settled();
    expect(bench.sent).toHaveLength(20);
    expect(bench.pushing.gauges().pausedPlaces).toBe(0);
  });
});
