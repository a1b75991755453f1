/** Jobs are this process's for a while only: stores that fail, processes that end, jobs that wait too long. */
import type { PushOutcome } from '@polyplex/store-contract';
import { StoreError } from '@polyplex/store-contract';
import { describe, expect, test } from 'vitest';
import { createBench, pass, settled } from './support.ts';

const away = (): Promise<never> => Promise.reject(new StoreError('UNAVAILABLE', 'the store is away'));
const NEVER = new Promise<never>(() => undefined);

describe('a store that is away', () => {
  test('while a push is settled is asked again: the push is sent once', async () => {
    const bench = createBench();
    const token = await bench.active();
    const { settle } = bench.store;
    let failures = 3;
    bench.store.settle = (...args) => (failures-- > 0 ? away() : settle.apply(bench.store, args));
    await bench.message(token);
    bench.pushing.start();
    await pass(bench, 10_000, 100);
    expect(bench.sent).toHaveLength(1);
    expect((await bench.store.counts()).due).toBe(0);
    expect(bench.pushing.stats.storeFailures.value).toBe(3);
  });

  test('for longer than a lease: the push is sent again, since nobody knows that it went', async () => {
    const bench = createBench({ options: { leaseMs: 10_000, pushMs: 2000 } });
    const token = await bench.active();
    const { settle } = bench.store;
    bench.store.settle = away;
    await bench.message(token);
    bench.pushing.start();
    await pass(bench, 20_000);
    bench.store.settle = settle;
    await pass(bench, 20_000);
    expect(bench.sent.length).toBeGreaterThanOrEqual(2);
    expect(bench.pushing.stats.unsettled.value).toBeGreaterThanOrEqual(1);
    expect((await bench.store.counts()).due).toBe(0);
  });

  test('when it is asked for what is due is asked again', async () => {
    const bench = createBench();
    const token = await bench.active();
    const { takeDue } = bench.store;
    bench.store.takeDue = away;
    await bench.message(token, { lease: false });
    bench.pushing.start();
    await pass(bench, 5000);
    expect(bench.sent).toHaveLength(0);
    bench.store.takeDue = takeDue;
    await pass(bench, 3000);
    expect(bench.sent).toHaveLength(1);
  });
});

describe('a lease', () => {
  test('that is about to end is renewed before its push begins', async () => {
    const small = { inFlight: 1, familyInFlight: 1, queued: 10, familyQueued: 10, unprovenInFlight: 1, unprovenQueued: 10 };
    const bench = createBench({ options: { leaseMs: 10_000, pushMs: 4000, apns: small } });
    const other = bench.store.peer();
    const [first, second] = [await bench.active(), await bench.active()];
    let answer: (() => void) | null = null;
    bench.script = () => new Promise((resolve) => (answer = () => resolve({ result: 'delivered' })));
    await bench.message(first);
    await bench.message(second);
    await settled();
    bench.clock.advance(7000);
    answer!();
    await settled();
    // The second one waited for seven of ten seconds: had it not been renewed, another node would have it now.
    bench.clock.advance(4000);
    expect(await other.takeDue(bench.clock.now(), 10, 1000)).toEqual([]);
    expect(bench.sent).toHaveLength(2);
    answer!();
    await settled();
    expect(bench.stats.delivered.value).toBe(2);
  });

  test('that ran out: the job is another\'s, and this process lets it be', async () => {
    const small = { inFlight: 1, familyInFlight: 1, queued: 10, familyQueued: 10, unprovenInFlight: 1, unprovenQueued: 10 };
    const bench = createBench({ options: { leaseMs: 10_000, pushMs: 4000, apns: small } });
    const other = bench.store.peer();
    const [first, second] = [await bench.active(), await bench.active()];
    let answer: (() => void) | null = null;
    bench.script = () => new Promise((resolve) => (answer = () => resolve({ result: 'delivered' })));
    await bench.message(first);
    await bench.message(second);
    await settled();
    bench.clock.advance(11_000);
    expect(await other.takeDue(bench.clock.now(), 10, 60_000)).toHaveLength(2);
    answer!();
    await settled();
    expect(bench.sent).toHaveLength(1);
  });

  test('of a process that died is taken over by another', async () => {
    const bench = createBench({ options: { leaseMs: 10_000, pushMs: 4000 } });
    const token = await bench.active();
    await bench.message(token, { lease: false });
    // Some other node took the job, and was never heard of again.
    expect(await bench.store.peer().takeDue(bench.clock.now(), 10, 10_000)).toHaveLength(1);
    bench.pushing.start();
    await pass(bench, 9000);
    expect(bench.sent).toHaveLength(0);
    await pass(bench, 4000);
    expect(bench.sent).toHaveLength(1);
  });
});

describe('stopping', () => {
  test('settles what is under way, gives the rest back, and takes nothing more', async () => {
    const small = { inFlight: 1, familyInFlight: 1, queued: 10, familyQueued: 10, unprovenInFlight: 1, unprovenQueued: 10 };
    const bench = createBench({ options: { apns: small } });
    let answer: (() => void) | null = null;
    bench.script = () => new Promise((resolve) => (answer = () => resolve({ result: 'delivered' })));
    for (let i = 0; i < 5; i += 1) await bench.message(await bench.active(), { lease: false });
    bench.pushing.start();
    await settled();
    const stopped = bench.pushing.stop(10_000);
    await settled();
    answer!();
    await stopped;
    expect(bench.sent).toHaveLength(1);
    expect(bench.stats.delivered.value).toBe(1);
    expect(bench.pushing.hasRoom()).toBe(false);
    // The others are anybody's at once, and were not tried.
    bench.clock.advance(10);
    const jobs = await bench.store.peer().takeDue(bench.clock.now(), 10, 1000);
    expect(jobs.map(({ attempts }) => attempts)).toEqual([0, 0, 0, 0]);
    await bench.message(await bench.active());
    await pass(bench, 5000);
    expect(bench.sent).toHaveLength(1);
    expect(bench.clock.pending).toBe(0);
  });

  test('does not wait for a push service for ever', async () => {
    const bench = createBench();
    bench.script = () => NEVER;
    await bench.message(await bench.active());
    await settled();
    const stopped = bench.pushing.stop(5000);
    bench.clock.advance(5000);
    await stopped;
  });

  test('with nothing to do ends at once', async () => {
    const bench = createBench();
    bench.pushing.start();
    await settled();
    await bench.pushing.stop(60_000);
    expect(bench.clock.pending).toBe(0);
  });
});

describe('outcomes', () => {
  test('name the kind that was tried, and no other', async () => {
    const bench = createBench();
    const outcomes: PushOutcome[] = [];
    const { settle } = bench.store;
    bench.store.settle = (job, outcome, ...rest) => {
      outcomes.push(outcome);
      return settle.call(bench.store, job, outcome, ...rest);
    };
    const token = await bench.active();
    await bench.message(token, { lease: false });
    await bench.store.registerAgain(token.tokenId, bench.clock.now());
    outcomes.length = 0;
    bench.pushing.start();
    await settled();
    expect(outcomes).toEqual([{ verification: 'delivered', retryAt: null }, { messages: 'delivered', retryAt: null }]);
  });
});
