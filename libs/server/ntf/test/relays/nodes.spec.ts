/** Several nodes on one store: each relay belongs to one, shares are fair, and a node that dies or stalls is replaced. */
import type { TokenModel } from '@polyplex/store-conformance';
import { StoreError } from '@polyplex/store-contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Stage } from './support/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.create();
});
afterEach(() => stage.stop());

async function relays(count: number) {
  const made = Array.from({ length: count }, () => stage.addRelay());
  for (const { relay } of made) await stage.subscriptions(relay, 2);
  return made;
}

const counts = () => stage.nodes.map(({ side }) => side.gauges().relays.length);
/** Open connections of each relay; a node's own probe would be one, and none is made in this time. */
const openAt = (made: Awaited<ReturnType<typeof relays>>) => made.map(({ fake }) => fake.open.length);

test('nodes that start together share; one that comes later gets its part', async () => {
  const made = await relays(10);
  stage.started();
  stage.started();
  await stage.pass(12_000);
  expect(counts().toSorted()).toEqual([5, 5]);
  expect(openAt(made)).toEqual(made.map(() => 1));
  stage.started();
  await stage.pass(60_000, 200);
  expect(counts().reduce((sum, count) => sum + count)).toBe(10);
  expect(Math.max(...counts())).toBe(4);
  expect(counts()[2]).toBeGreaterThan(1);
  expect(openAt(made)).toEqual(made.map(() => 1));
  expect(stage.nodes[2]!.side.gauges().share).toEqual({ nodes: 3, claimed: 10, relays: 10 });
  for (const { fake } of made) expect(fake.subscribed.size).toBe(2);
});

test('a node that dies: its relays are another’s within a lease, and notifications come there', async () => {
  const made = await relays(6);
  stage.started();
  await stage.pass(5000);
  const dead = stage.nodes[0]!;
  // It is gone, and its connections with it: nothing it does reaches the store any more.
  const { store } = dead;
  for (const { fake } of made) fake.last.lose();
  Object.assign(store, { renewRelays: hang, claimRelays: hang, share: hang, receive: hang, takeNew: hang, subscriptionsToMake: hang, disconnected: hang });
  for (const { fake } of made) Object.assign(fake, { connect: (target: Parameters<typeof fake.connect>[0]) => (target.signal === undefined ? hang() : fake.accept(target)) });
  const node = stage.node();
  const before = stage.clock.now();
  node.side.start();
  await stage.pass(45_000, 200);
  expect(node.side.gauges().relays).toHaveLength(6);
  expect(stage.clock.now() - before).toBeLessThanOrEqual(45_000);
  stage.nodes.shift(); // it will not stop any more
});

const hang = (): Promise<never> => new Promise(() => undefined);

/** A node that hears nothing from the store for a while. */
function stalling() {
  const state = { stalled: false };
  const around = (store: TokenModel): TokenModel => {
    const fail = (): Promise<never> => Promise.reject(new StoreError('UNAVAILABLE', 'away'));
    return {
      ...store,
      renewRelays: (...args) => (state.stalled ? fail() : store.renewRelays(...args)),
      share: () => (state.stalled ? fail() : store.share()),
      claimRelays: (...args) => (state.stalled ? fail() : store.claimRelays(...args)),
      changeSubscriptions: (...args) => (state.stalled ? fail() : store.changeSubscriptions(...args)),
    };
  };
  return { state, around };
}

test('a node that stalled is taken over, and the END of its queues does not kill them', async () => {
  const { relay, fake } = stage.addRelay();
  const subscriptions = await stage.subscriptions(relay, 5);
  const { state, around } = stalling();
  const slow = stage.started({ around });
  await stage.pass(5000);
  expect(fake.open).toHaveLength(1);
  state.stalled = true;
  await stage.pass(31_000, 200);
  expect(fake.open).toHaveLength(1); // it does not know yet, and goes on
  const other = stage.started();
  await stage.pass(10_000);
  expect(other.side.gauges().relays).toHaveLength(1);
  expect(slow.side.stats.events.get('END')).toBe(5);
  expect(await stage.statuses(subscriptions)).toEqual(subscriptions.map(() => 'ACTIVE'));
  state.stalled = false;
  await stage.pass(20_000);
  expect(await stage.statuses(subscriptions)).toEqual(subscriptions.map(() => 'ACTIVE'));
  expect(slow.side.stats.endsOfTakeover.value).toBe(5);
  expect(slow.side.gauges().relays).toEqual([]);
  expect(fake.open).toHaveLength(1);
  expect(fake.subscribed.size).toBe(5);
  fake.notify(subscriptions[0]!.notifierId);
  await stage.pass(100);
  expect([slow.stats.received.value, other.stats.received.value]).toEqual([0, 1]);
});

test('a store that forgot all claims: they are taken again, and no connection is closed', async () => {
  const made = await relays(5);
  const node = stage.started();
  await stage.pass(5000);
  stage.store.state.claims.clear();
  await stage.pass(20_000);
  expect(node.side.gauges().relays).toHaveLength(5);
  expect(node.side.stats.claimsLost.value).toBe(0);
  for (const { fake } of made) expect(fake.sessions).toHaveLength(1);
});

test('a new subscription at a relay that nobody has finds a node soon', async () => {
  stage.started();
  await stage.pass(1000);
  const { relay, fake } = stage.addRelay();
  const [one] = await stage.subscriptions(relay, 1);
  await stage.pass(2500);
  expect(await stage.status(one!)).toBe('ACTIVE');
  expect(fake.open).toHaveLength(1);
});

test('a relay without subscriptions is let go after a while, and comes back with the next', async () => {
  const { relay, fake } = stage.addRelay();
  const [one] = await stage.subscriptions(relay, 1);
  const node = stage.started();
  await stage.pass(5000);
  await stage.store.removeSubscription(one!.subscriptionId);
  await stage.pass(4 * 60_000, 500);
  expect(node.side.gauges().relays).toEqual([]);
  expect(fake.open).toEqual([]);
  const [fresh] = await stage.subscriptions(relay, 1);
  await stage.pass(5000);
  expect(await stage.status(fresh!)).toBe('ACTIVE');
});

test('a text that is no address is claimed by its node, counted and left alone', async () => {
  await stage.subscriptions('smp://nonsense', 1);
  const node = stage.started();
  await stage.pass(20_000);
  expect(node.side.gauges()).toMatchObject({ relays: [], unusable: 1 });
  expect(node.logged.filter((line) => line.startsWith('ERROR'))).toEqual([]);
});

test('a store that is away at the start is waited for', async () => {
  const { relay, fake } = stage.addRelay();
  await stage.subscriptions(relay, 3);
  const { state, around } = stalling();
  state.stalled = true;
  const node = stage.started({ around });
  await stage.pass(20_000);
  expect(node.side.gauges().share).toBeNull();
  expect(node.logged.length).toBeGreaterThan(0);
  state.stalled = false;
  await stage.pass(12_000);
  expect(fake.subscribed.size).toBe(3);
});
