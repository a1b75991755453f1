/** From NMSG to the store and on to the pushing side (NTF §4.5): order, batches, and what happens when the store does not keep up. */
import { randomBytes } from '@polyplex/crypto';
import { StoreError } from '@polyplex/store-contract';
import type { TokenModel } from '@polyplex/store-conformance';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Stage, type StageOptions } from './support/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.create();
});
afterEach(() => stage.stop());

async function running(parts: StageOptions = {}, count = 2, host?: string) {
  const { relay, fake } = stage.addRelay(host);
  const subscriptions = await stage.subscriptions(relay, count);
  const node = stage.started(parts);
  await stage.pass(3000);
  return { relay, fake, subscriptions, node };
}

test('a notification becomes a job for whoever pushes, with its nonce and metadata', async () => {
  const { fake, subscriptions: [one], node, relay } = await running();
  const nonce = randomBytes(24);
  expect(fake.notify(one!.notifierId, nonce)).toBe(true);
  await stage.pass(100);
  expect(node.jobs).toHaveLength(1);
  expect(node.jobs[0]!.messages).toMatchObject([{ relay, notifierId: one!.notifierId, nonce, receivedAt: stage.clock.now() - 100 }]);
  expect(node.stats.received.value).toBe(1);
  expect(node.stats.receivedAuth.value).toBe(0);
  expect(node.side.gauges()).toMatchObject({ waiting: 0, waitingMs: 0 });
});

test('bytes are copied: the block that brought them may be used again', async () => {
  const { fake, subscriptions: [one], node } = await running();
  const [nonce, encMeta, id] = [randomBytes(24), randomBytes(144), Uint8Array.from(one!.notifierId)];
  fake.last.say(id, { tag: 'NMSG', nonce, encMeta });
  const expected = { nonce: Uint8Array.from(nonce), meta: Uint8Array.from(encMeta) };
  for (const bytes of [nonce, encMeta, id]) bytes.fill(0);
  await stage.pass(100);
  expect(node.jobs[0]?.messages).toMatchObject([expected]);
});

test('one that nobody wants is counted and dropped; relays of our own are counted by name', async () => {
  const { fake, subscriptions: [one], node } = await running({ options: { ownDomains: ['example.org'] } }, 1, 'smp1.Example.ORG');
  fake.last.say(randomBytes(24), { tag: 'NMSG', nonce: randomBytes(24), encMeta: randomBytes(144) });
  fake.notify(one!.notifierId);
  await stage.pass(100);
  expect([node.stats.received.value, node.stats.receivedAuth.value]).toEqual([1, 1]);
  expect([...node.stats.received.own.values]).toEqual([['smp1.Example.ORG', 1]]);
  expect([...node.stats.receivedAuth.own.values]).toEqual([['smp1.Example.ORG', 1]]);
});

test('without room no job is leased: it is due in the store', async () => {
  const { fake, subscriptions: [one], node } = await running();
  node.room = false;
  fake.notify(one!.notifierId);
  await stage.pass(100);
  expect(node.jobs).toEqual([]);
  expect(await stage.store.takeDue(stage.clock.now(), 10, 1000)).toMatchObject([{ messages: [{ notifierId: one!.notifierId }] }]);
});

test('they go into the store in batches, one at a time, in their order', async () => {
  const batches: number[] = [];
  let inside = 0;
  const around = (store: TokenModel): TokenModel => ({
    ...store,
    async receive(...args) {
      expect(++inside).toBe(1);
      batches.push(args[1].length);
      for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
      inside--;
      return store.receive(...args);
    },
  });
  const { fake, subscriptions: [one] } = await running({ around, options: { receiveBatch: 10 } });
  const nonces = Array.from({ length: 25 }, () => randomBytes(24));
  for (const nonce of nonces) fake.notify(one!.notifierId, nonce);
  await stage.pass(1000);
  expect(batches).toEqual([10, 10, 5]);
  expect(await stage.store.lastNotifications(stage.tokenId)).toMatchObject([{ nonce: nonces.at(-1) }]);
});

/** A store that fails as long as a test wants. */
function failing(partly: boolean) {
  const state = { failing: true };
  const around = (store: TokenModel): TokenModel => ({
    ...store,
    async receive(...args) {
      if (!state.failing) return store.receive(...args);
      if (!partly) throw new StoreError('UNAVAILABLE', 'away');
      const answers = await store.receive(args[0], args[1].slice(1), args[2], args[3]);
      return [new StoreError('UNAVAILABLE', 'away'), ...answers];
    },
  });
  return { state, around };
}

test.each([false, true])('while the store fails nothing is lost, and the relay is read from no further (failing in part: %s)', async (partly) => {
  const { state, around } = failing(partly);
  const { fake, subscriptions, node } = await running({ around, options: { waitingPerRelay: 4, receiveBatch: 100 } }, 8);
  for (const { notifierId } of subscriptions.slice(0, 4)) fake.notify(notifierId);
  await stage.pass(20);
  expect(fake.last.isPaused).toBe(true);
  expect(node.side.gauges().waiting).toBeGreaterThan(0);
  if (!partly) {
    await stage.pass(5000);
    expect(fake.last.isPaused).toBe(true);
    expect(node.side.gauges().waitingMs).toBeGreaterThanOrEqual(5000);
  }
  state.failing = false;
  await stage.pass(15_000);
  expect(fake.last.isPaused).toBe(false);
  expect(await stage.store.lastNotifications(stage.tokenId)).toHaveLength(4);
  expect(node.side.gauges()).toMatchObject({ waiting: 0, waitingMs: 0 });
  expect(node.side.stats.storeFailures.value).toBeGreaterThan(0);
});

test('an older one that failed does not come over a newer one that did not', async () => {
  const { state, around } = failing(true);
  const { fake, subscriptions: [one] } = await running({ around });
  const [older, newer] = [randomBytes(24), randomBytes(24)];
  fake.notify(one!.notifierId, older);
  fake.notify(one!.notifierId, newer);
  await stage.pass(100);
  state.failing = false;
  await stage.pass(5000);
  expect(await stage.store.lastNotifications(stage.tokenId)).toMatchObject([{ nonce: newer }]);
});

test('all relays together are bounded, and a store that hangs for one relay holds up no other', async () => {
  const stuck = stage.addRelay();
  const free = stage.addRelay();
  const [held] = await stage.subscriptions(stuck.relay, 1);
  const [open] = await stage.subscriptions(free.relay, 1);
  let letGo: () => void = () => undefined;
  const hang = new Promise<void>((resolve) => (letGo = resolve));
  const around = (store: TokenModel): TokenModel => ({
    ...store,
    receive: async (...args) => (args[0] === stuck.relay ? (await hang, store.receive(...args)) : store.receive(...args)),
  });
  const node = stage.started({ around, options: { waiting: 100 } });
  await stage.pass(3000);
  for (let i = 0; i < 150; i++) stuck.fake.notify(held!.notifierId);
  await stage.pass(100);
  expect(stuck.fake.last.isPaused).toBe(true);
  free.fake.notify(open!.notifierId);
  await stage.pass(100);
  expect(free.fake.last.isPaused).toBe(false);
  expect(node.jobs.flatMap(({ messages }) => messages.map(({ notifierId }) => notifierId))).toEqual([open!.notifierId]);
  letGo();
  await stage.pass(1000);
  expect(stuck.fake.last.isPaused).toBe(false);
});

test('a relay that talks without end is read from as fast as the store takes it, and no faster than it may', async () => {
  let stored = 0;
  const away = { away: true };
  const around = (store: TokenModel): TokenModel => ({
    ...store,
    receive: (...args) => ((stored += args[1].length), store.receive(...args)),
    changeSubscriptions: (...args) => (away.away ? Promise.reject(new StoreError('UNAVAILABLE', 'away')) : store.changeSubscriptions(...args)),
  });
  const { fake, node } = await running({ around, options: { waitingPerRelay: 100, notificationsPerSecondAndRelay: 50 } }, 1);
  const flood = (tag: 'END' | 'DELD'): void => {
    for (let i = 0; i < 100 && !fake.last.isPaused; i++) fake.last.say(randomBytes(24), { tag });
  };
  flood('DELD');
  await stage.pass(5000);
  expect(fake.last.isPaused).toBe(true);
  away.away = false;
  await stage.pass(12_000);
  expect(fake.last.isPaused).toBe(false);
  expect(node.side.gauges().waiting).toBe(0);
  flood('END');
  await stage.pass(1000);
  expect(node.side.gauges().waiting).toBe(0);
  for (let second = 0; second < 10; second++) {
    while (!fake.last.isPaused) fake.last.say(randomBytes(24), { tag: 'NMSG', nonce: randomBytes(24), encMeta: randomBytes(144) });
    await stage.pass(1000);
  }
  expect(stored).toBeGreaterThan(400);
  expect(stored).toBeLessThanOrEqual(600);
});

test('a store that rejects with what it should not is no end of anything', async () => {
  const state = { failing: true };
  const around = (store: TokenModel): TokenModel => ({ ...store, receive: (...args) => (state.failing ? Promise.reject(new TypeError('a bug')) : store.receive(...args)) });
  const { fake, node, subscriptions } = await running({ around });
  fake.notify(subscriptions[0]!.notifierId);
  await stage.pass(3000);
  expect(node.logged.filter((line) => line.includes('a bug')).length).toBeGreaterThan(0);
  state.failing = false;
  await stage.pass(12_000);
  expect(node.jobs).toHaveLength(1);
});

test('what came before a stop is stored before it is over', async () => {
  const { fake, node, subscriptions } = await running();
  fake.notify(subscriptions[0]!.notifierId);
  const stopped = node.side.stop();
  await stage.pass(100);
  await stopped;
  expect(node.jobs).toHaveLength(1);
});

test('a store that is away does not hold up a stop for ever', async () => {
  const { fake, node, subscriptions } = await running({ around: failing(false).around, options: { drainMs: 5000 } });
  fake.notify(subscriptions[0]!.notifierId);
  const over = node.side.stop().then(() => 'stopped');
  await stage.pass(4000);
  expect(await Promise.race([over, Promise.resolve('waiting')])).toBe('waiting');
  await stage.pass(13_000);
  expect(await over).toBe('stopped');
  expect(node.side.gauges().waiting).toBe(0);
});
