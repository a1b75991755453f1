/**
 * A primary is replaced, a Redis is killed and comes back, while two nodes work: whatever was answered is there, each
 * notification that was kept is announced, and each job is one node's at a time.
 */
import { toBase64Url } from '@polyplex/base';
import { startRedis, startRedisCluster } from '@polyplex/local-cluster';
import { anyNotification, anyRelay, anySubscription, anyToken } from '@polyplex/store-conformance/token-builders';
import { type NewSubscription, type PushJob, StoreError, type TokenStore } from '@polyplex/store-contract';
import { afterEach, expect, test } from 'vitest';
import { openRedisTokenStore } from '../src/index.ts';
import { slotOf } from '../src/slots.ts';
import { PARTS, TokenKeys } from '../src/tokens/token-keys.ts';
import { tokenOptions } from './tokens-support.ts';

const TIMEOUT = { timeout: 120_000 };
const WORKERS = 12;
/** Rounds of each worker that are to be over before and after the fault. */
const BEFORE = 3;
const AFTER = 3;
const LEASE_MS = 60_000;
/** Of tokens. */
const SLOTS_MOVED = 8;
/** Long enough for a failover. */
const STEP_TIMEOUT_MS = 20_000;

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Answered {
  readonly subscription: NewSubscription;
  /** Of the newest notification that was answered as kept. */
  readonly nonce: string;
}

async function nodesOn(servers: readonly { readonly port: number }[], given = tokenOptions(servers)): Promise<[TokenStore, TokenStore]> {
  const options = { ...given, timeoutMs: STEP_TIMEOUT_MS };
  const stores = [await openRedisTokenStore(options), await openRedisTokenStore(options)] as const;
  cleanups.push(async () => Promise.all(stores.map((store) => store.close())));
  return [...stores];
}

/** One device: registers, verifies, subscribes, and hears of a message. */
async function round(store: TokenStore, relay: string): Promise<Answered> {
  const now = Date.now();
  const given = anyToken();
  const made = await store.createToken(given, now);
  if (made.status === 'collision') throw new Error('a collision');
  const activated = await store.activate(made.token, now);
  // A step that was made again after its answer was lost finds its own work done.
  if (activated === 'stale') expect(await store.findToken(given.tokenId)).toMatchObject({ status: 'ACTIVE' });
  const subscription = anySubscription(given, { relay });
  expect((await store.createSubscription(subscription)).status).toMatch(/created|exists/);
  const notification = anyNotification(subscription, now);
  const [announced] = await store.receive(relay, [notification], now, null);
  if (announced instanceof StoreError) throw announced;
  expect(announced).toBe('waiting');
  return { subscription, nonce: toBase64Url(notification.nonce) };
}

/** All jobs that are due, by both nodes at once, until none is. */
async function takenBy(stores: readonly TokenStore[]): Promise<PushJob[]> {
  const jobs: PushJob[] = [];
  for (;;) {
    const found = (await Promise.all(stores.map((store) => store.takeDue(Date.now(), 50, LEASE_MS)))).flat();
    if (found.length === 0) return jobs;
    jobs.push(...found);
  }
}

async function expectWhole(stores: readonly TokenStore[], answered: readonly Answered[]): Promise<void> {
  for (const { subscription } of answered) {
    const { subscriptionId, relay, notifierId, tokenId } = subscription;
    expect(await stores[0]!.findToken(tokenId)).toMatchObject({ status: 'ACTIVE' });
    expect(await stores[1]!.findSubscription(subscriptionId)).toMatchObject({ relay, tokenId });
    expect(await stores[0]!.findSubscriptionOf(relay, notifierId)).toMatchObject({ subscriptionId });
  }
  const jobs = await takenBy(stores);
  const announced = jobs.flatMap(({ messages }) => messages.map(({ nonce }) => toBase64Url(nonce)));
  expect(announced).toEqual(expect.arrayContaining(answered.map(({ nonce }) => nonce)));
  expect(new Set(jobs.map(({ token }) => toBase64Url(token.tokenId))).size).toBe(jobs.length);
  // What the answers did not tell of is whole as well.
  const counts = await stores[0]!.counts();
  expect(counts.due).toBe(jobs.length);
  expect(counts.tokens).toBeGreaterThanOrEqual(answered.length);
}

/** Workers go on while the fault happens. */
async function through(stores: readonly TokenStore[], fault: () => Promise<unknown>): Promise<Answered[]> {
  const relays = [anyRelay(), anyRelay()];
  const answered: Answered[] = [];
  let isOver = false;
  const rounds = async (i: number): Promise<void> => {
    for (let n = 0, after = 0; after < AFTER; n++) {
      if (isOver) after++;
      answered.push(await round(stores[i % 2]!, relays[n % 2]!));
    }
  };
  const working = Promise.all(Array.from({ length: WORKERS }, (_, i) => rounds(i)));
  await expect.poll(() => answered.length, { timeout: 30_000 }).toBeGreaterThanOrEqual(BEFORE * WORKERS);
  await fault();
  isOver = true;
  await working;
  for (const relay of relays) {
    const made: string[] = [];
    for (let taken = await stores[0]!.takeNew(relay, 50); taken.length > 0; taken = await stores[0]!.takeNew(relay, 50)) {
      made.push(...taken.map(({ subscriptionId }) => toBase64Url(subscriptionId)));
    }
    const wanted = answered.filter(({ subscription }) => subscription.relay === relay).map(({ subscription }) => toBase64Url(subscription.subscriptionId));
    expect(made).toEqual(expect.arrayContaining(wanted));
    expect(new Set(made).size).toBe(made.length);
  }
  return answered;
}

test('a primary of a cluster is lost, and its replica goes on', TIMEOUT, async () => {
  const cluster = await startRedisCluster({ primaries: 3, replicas: 1 });
  cleanups.push(() => cluster.stop());
  const stores = await nodesOn(cluster.nodes);
  const [primary] = await cluster.primaries();
  await expectWhole(stores, await through(stores, async () => {
    await cluster.failOver(primary!);
    // A change waits for a replica: without it, there is none in that shard.
    await cluster.rejoin(primary!);
  }));
});

test('a single Redis is killed and starts again', TIMEOUT, async () => {
  const redis = await startRedis();
  cleanups.push(() => redis.stop());
  const stores = await nodesOn([redis]);
  await expectWhole(stores, await through(stores, async () => {
    await redis.kill();
    await redis.restart();
  }));
});

test('slots move to another shard while two nodes work', TIMEOUT, async () => {
  const cluster = await startRedisCluster({ primaries: 3, replicas: 1 });
  cleanups.push(() => cluster.stop());
  const options = tokenOptions(cluster.nodes);
  const stores = await nodesOn(cluster.nodes, options);
  const [from, to] = await cluster.primaries();
  const slots = Array.from({ length: PARTS }, (_, part) => slotOf(new TokenKeys(options.prefix).of(part, 'states')));
  const mine: number[] = [];
  for (const slot of slots) if ((await cluster.primaryOf(slot)).id === from!.id) mine.push(slot);
  await expectWhole(stores, await through(stores, () => cluster.migrateSlots(from!, to!, SLOTS_MOVED, { slots: mine.slice(0, SLOTS_MOVED) })));
});
