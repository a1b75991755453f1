/** Push services beside each other: none holds up another, and what each may have is bounded. */
import { describe, expect, test } from 'vitest';
import { DEFAULT_PUSHING_OPTIONS } from '../../src/index.ts';
import { type Bench, createBench, pass, settled } from './support.ts';

const NEVER = new Promise<never>(() => undefined);
const SLOW = 'webpush https://slow.example.org';
const QUICK = 'webpush https://quick.example.org';
const { webPush, apns } = DEFAULT_PUSHING_OPTIONS;

/** Devices of which each has a message waiting. */
async function messages(bench: Bench, provider: string, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await bench.message(await bench.active(provider), { lease: false });
}

/** So that it has all the room it may have. */
async function prove(bench: Bench, provider: string): Promise<void> {
  for (let i = 0; i < 8; i += 1) {
    await bench.message(await bench.active(provider));
    await settled();
  }
  bench.sent.length = 0;
}

const sentTo = (bench: Bench, provider: string): number => bench.sent.filter((push) => push.provider === provider).length;

describe('a push service that never answers', () => {
  test('takes no more than its room, and others go on', async () => {
    const bench = createBench();
    await prove(bench, SLOW);
    bench.script = ({ provider }) => (provider === SLOW ? NEVER : undefined);
    await messages(bench, SLOW, 200);
    await messages(bench, QUICK, 50);
    await messages(bench, 'apns_prod', 50);
    bench.pushing.start();
    await pass(bench, 5000);
    expect([SLOW, QUICK, 'apns_prod'].map((provider) => sentTo(bench, provider))).toEqual([webPush.inFlight, 50, 50]);
    const [busiest] = bench.pushing.gauges().busiest(1);
    expect(busiest).toMatchObject({ place: 'https://slow.example.org', inFlight: webPush.inFlight, pausedUntil: null });
    expect(bench.pushing.gauges().inFlight).toBe(webPush.inFlight);
  });

  test('and was never heard of has room for two', async () => {
    const bench = createBench();
    bench.script = () => NEVER;
    await messages(bench, SLOW, 20);
    bench.pushing.start();
    await settled();
    expect(bench.sent).toHaveLength(2);
  });

  test('however many such there are, Apple\'s and those that work go on', async () => {
    const bench = createBench({ options: { webPush: { ...webPush, unprovenInFlight: 10 } } });
    await prove(bench, QUICK);
    bench.script = ({ provider }) => (provider.includes('stranger') ? NEVER : undefined);
    for (let i = 0; i < 30; i += 1) await messages(bench, `webpush https://stranger${i}.example.org`, 2);
    await messages(bench, QUICK, 20);
    await messages(bench, 'apns_prod', 20);
    bench.pushing.start();
    await pass(bench, 5000);
    expect(bench.sent.filter(({ provider }) => provider.includes('stranger'))).toHaveLength(10);
    expect([QUICK, 'apns_prod'].map((provider) => sentTo(bench, provider))).toEqual([20, 20]);
  });

  test('strangers take turns when one of them ends', async () => {
    const bench = createBench({ options: { webPush: { ...webPush, unprovenInFlight: 2 } } });
    const answers: (() => void)[] = [];
    bench.script = () => new Promise((resolve) => answers.push(() => resolve({ result: 'delivered' })));
    for (let i = 0; i < 6; i += 1) await messages(bench, `webpush https://stranger${i}.example.org`, 1);
    bench.pushing.start();
    for (let done = 0; done < 6; done += 1) {
      await settled();
      expect(bench.open.value).toBe(Math.min(2, 6 - done));
      answers[done]!();
    }
    await settled();
    expect(bench.stats.delivered.value).toBe(6);
  });
});

describe('what waits', () => {
  test('is bounded for each service: what does not fit stays in the store, and goes later', async () => {
    const bench = createBench({ options: { apns: { ...apns, inFlight: 1, queued: 5, unprovenQueued: 5 }, pollMs: 500 } });
    let isHeld = true;
    const answers: (() => void)[] = [];
    bench.script = () => (isHeld ? new Promise((resolve) => answers.push(() => resolve({ result: 'delivered' }))) : undefined);
    await messages(bench, 'apns_prod', 40);
    bench.pushing.start();
    await pass(bench, 3000);
    expect(bench.pushing.gauges()).toMatchObject({ queued: 5, inFlight: 1 });
    expect(bench.pushing.stats.deferred.value).toBeGreaterThanOrEqual(34);
    isHeld = false;
    answers[0]!();
    await pass(bench, 60_000);
    expect(bench.stats.delivered.value).toBe(40);
  });

  test('is bounded in all: then nothing is leased for it', async () => {
    const small = { inFlight: 1, familyInFlight: 1, queued: 4, familyQueued: 4, unprovenInFlight: 1, unprovenQueued: 4 };
    const bench = createBench({ options: { apns: small, webPush: { ...small, familyQueued: 0 } } });
    bench.script = () => NEVER;
    expect(bench.pushing.hasRoom()).toBe(true);
    for (let i = 0; i < 10; i += 1) await bench.message(await bench.active());
    expect(bench.pushing.hasRoom()).toBe(false);
    expect(bench.pushing.gauges().queued).toBeLessThanOrEqual(4);
    const due = await bench.store.takeDue(bench.clock.now(), 100, 1000);
    expect(due.length).toBeGreaterThanOrEqual(5);
  });

  test('is counted with the time since when', async () => {
    const bench = createBench();
    bench.script = () => NEVER;
    const began = bench.clock.now();
    await messages(bench, 'apns_prod', 5);
    bench.clock.advance(3000);
    bench.pushing.start();
    await settled();
    expect(bench.pushing.gauges()).toMatchObject({ queued: 3, inFlight: 2, places: 1, pausedPlaces: 0, dueSince: began });
    expect(bench.pushing.gauges().busiest(5)).toEqual([{ place: 'apns_prod', queued: 3, inFlight: 2, pausedUntil: null, dueSince: began }]);
  });
});

describe('services that are known', () => {
  test('are bounded, and one that has nothing to do makes room', async () => {
    const bench = createBench({ options: { places: 3 } });
    for (let i = 0; i < 10; i += 1) {
      await bench.message(await bench.active(`webpush https://push${i}.example.org`));
      await settled();
      expect(bench.pushing.gauges().places).toBeLessThanOrEqual(3);
    }
    expect(bench.stats.delivered.value).toBe(10);
  });

  test('when all are busy a new one waits in the store', async () => {
    const bench = createBench({ options: { places: 2, pollMs: 500 } });
    const answers: (() => void)[] = [];
    bench.script = ({ provider }) => (provider.includes('slow') ? new Promise((resolve) => answers.push(() => resolve({ result: 'delivered' }))) : undefined);
    await messages(bench, 'webpush https://slow1.example.org', 1);
    await messages(bench, 'webpush https://slow2.example.org', 1);
    bench.pushing.start();
    await settled();
    await messages(bench, QUICK, 1);
    await pass(bench, 3000);
    expect(sentTo(bench, QUICK)).toBe(0);
    answers[0]!();
    await pass(bench, 10_000);
    expect(sentTo(bench, QUICK)).toBe(1);
  });
});

describe('without a clock\'s help', () => {
  test('a backlog of many takes is taken as room comes', async () => {
    const bench = createBench({ options: { takeJobs: 10 } });
    await messages(bench, 'apns_prod', 100);
    bench.pushing.start();
    for (let turns = 0; turns < 20; turns += 1) await settled();
    expect(bench.stats.delivered.value).toBe(100);
  });

  test('what waits here for a paused service goes when the pause is over', async () => {
    const bench = createBench();
    const answers: (() => void)[] = [];
    bench.script = () => new Promise((resolve) => answers.push(() => resolve({ result: 'retry', afterMs: 1000, cause: 'unavailable', place: true })));
    for (let i = 0; i < 3; i += 1) await bench.message(await bench.active());
    await settled();
    expect(bench.pushing.gauges()).toMatchObject({ inFlight: 2, queued: 1 });
    bench.script = null;
    for (const answer of answers) answer();
    await settled();
    expect(bench.pushing.gauges()).toMatchObject({ inFlight: 0, queued: 1, pausedPlaces: 1 });
    // It was never started: nothing comes from the store.
    await pass(bench, 1500);
    expect(bench.stats.delivered.value).toBe(1);
  });

  test('a family has no more waiting than it may, whatever its services may have', async () => {
    const bench = createBench({ options: { webPush: { ...webPush, familyQueued: 3 } } });
    bench.script = () => NEVER;
    for (let i = 0; i < 5; i += 1) for (let each = 0; each < 4; each += 1) await bench.message(await bench.active(`webpush https://push${i}.example.org`));
    await settled();
    expect(bench.pushing.gauges()).toMatchObject({ inFlight: 10, queued: 3 });
  });
});
