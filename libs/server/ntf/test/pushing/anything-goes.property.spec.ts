/**
 * Random messages to random devices, over push services that take, refuse, stand still and fail as they like, with stores
 * that are away at times. In the end, when all work again: every device heard of its last message, none was pushed to twice
 * at once, and none more often than there was something to say.
 */
import { boxKeyOf } from '@polyplex/crypto';
import { openPushData } from '@polyplex/protocol-ntf';
import type { Push, PushAnswer } from '@polyplex/push';
import { StoreError, type TokenRecord } from '@polyplex/store-contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Bench, createBench, nameOf, pass, RELAY, settled } from './support.ts';

const PROVIDERS = ['apns_prod', 'apns_dev', 'webpush https://one.example.org', 'webpush https://two.example.org'];
const DEVICES = 8;

type Mood = 'takes' | 'fails' | 'is down' | 'is slow' | 'throws';
const moods = fc.constantFrom<Mood>('takes', 'takes', 'fails', 'is down', 'is slow', 'throws');

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('message' as const), device: fc.nat(DEVICES - 1), port: fc.nat(7), lease: fc.boolean() }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('mood' as const), provider: fc.nat(PROVIDERS.length - 1), mood: moods }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('time' as const), ms: fc.integer({ min: 100, max: 20_000 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('store' as const), isAway: fc.boolean() }) },
  ),
  { minLength: 5, maxLength: 60 },
);

interface World {
  readonly bench: Bench;
  readonly tokens: readonly TokenRecord[];
  readonly moods: Map<string, Mood>;
  /** By device: those under way, those delivered with the relays that they named, and the messages that came. */
  readonly underWay: Map<string, number>;
  readonly heard: Map<string, string[][]>;
  readonly said: Map<string, string[]>;
  isAway: boolean;
  overlaps: number;
}

async function createWorld(): Promise<World> {
  const bench = createBench({ options: { leaseMs: 60_000, pushMs: 30_000, pollMs: 500 } });
  const tokens = await Promise.all(Array.from({ length: DEVICES }, (_, i) => bench.active(PROVIDERS[i % PROVIDERS.length])));
  const world: World = { bench, tokens, moods: new Map(), underWay: new Map(), heard: new Map(), said: new Map(), isAway: false, overlaps: 0 };
  bench.script = (push) => answer(world, push);
  const { settle, takeDue } = bench.store;
  const away = (): Promise<never> => Promise.reject(new StoreError('UNAVAILABLE', 'away'));
  bench.store.settle = (...args) => (world.isAway ? away() : settle.apply(bench.store, args));
  bench.store.takeDue = (...args) => (world.isAway ? away() : takeDue.apply(bench.store, args));
  bench.pushing.start();
  return world;
}

async function answer(world: World, push: Push): Promise<PushAnswer> {
  const { bench, underWay, tokens } = world;
  // Thrown here it would be taken for a sender's bug.
  if ((underWay.get(push.token) ?? 0) > 0) world.overlaps += 1;
  underWay.set(push.token, 1);
  try {
    const mood = world.moods.get(push.provider) ?? 'takes';
    if (mood === 'is slow') await new Promise<void>((resolve) => bench.clock.after(15_000, resolve));
    if (mood === 'throws') throw new TypeError('a bug');
    if (mood === 'is down') return { result: 'retry', afterMs: null, cause: 'unavailable', place: true };
    if (mood === 'fails') return { result: 'retry', afterMs: 2000, cause: 'timeout', place: false };
    const token = tokens.find((each) => nameOf(each) === push.token)!;
    const opened = openPushData(boxKeyOf(token.dhSecret), push.data);
    world.heard.set(push.token, [...(world.heard.get(push.token) ?? []), opened?.kind === 'message' ? opened.items.map(({ relay }) => relay) : []]);
    return { result: 'delivered' };
  } finally {
    underWay.set(push.token, 0);
  }
}

async function play(world: World, step: (typeof steps extends fc.Arbitrary<infer T> ? T : never)[number]): Promise<void> {
  const { bench } = world;
  switch (step.do) {
    case 'time': return pass(bench, step.ms);
    case 'mood': return void world.moods.set(PROVIDERS[step.provider]!, step.mood);
    case 'store': return void (world.isAway = step.isAway);
    case 'message': {
      const token = world.tokens[step.device]!;
      const relay = `${RELAY}:${5000 + step.port}`;
      world.said.set(nameOf(token), [...(world.said.get(nameOf(token)) ?? []), relay]);
      bench.clock.advance(1);
      return bench.message(token, { relay, lease: step.lease });
    }
  }
}

test('every device hears of its last message, in order, and not more often than it should', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const world = await createWorld();
      for (const step of all) await play(world, step);
      world.moods.clear();
      world.isAway = false;
      await pass(world.bench, 15 * 60_000, 5000);
      expect((await world.bench.store.counts()).due).toBe(0);
      expect(world.overlaps).toBe(0);
      for (const [device, said] of world.said) {
        const heard = world.heard.get(device) ?? [];
        expect(heard.at(-1)?.at(-1)).toBe(said.at(-1));
        if (!all.some((step) => step.do === 'store')) expect(heard.length).toBeLessThanOrEqual(said.length);
      }
      await world.bench.pushing.stop(1000);
      await settled();
      expect(world.bench.pushing.gauges()).toMatchObject({ queued: 0, inFlight: 0 });
      expect(world.bench.clock.pending).toBe(0);
    }),
    { numRuns: 40 },
  );
});
