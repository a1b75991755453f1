/**
 * A push proxy of two nodes on a Redis Cluster, while its parts die one after the other and in twos: whatever happens, each message that waits
 * at the relay is announced within the bound that is stated for it.
 */
import { utf8 } from '@polyplex/base';
import { waitUntil } from '@polyplex/local-cluster';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allSubscribed, iPhone, Phone, type Watched, writeTo } from './phone.ts';
import { startWorld, type World } from './world.ts';

/** Seven minutes are stated: what a node had leased when it died is due again after two. */
const BOUND_MS = 420_000;

let world: World;
const phones: { readonly phone: Phone; readonly watched: Watched }[] = [];

beforeAll(async () => {
  world = await startWorld({ proxies: 2, onCluster: true });
  for (const proxy of [world.proxies[0]!, world.proxies[1]!, world.proxies[0]!]) {
    const phone = new Phone(iPhone(world.apns));
    await phone.register(proxy);
    phones.push({ phone, watched: await phone.watch(world.relay, proxy) });
  }
  await allSubscribed(world.proxies, phones.length);
}, 300_000);
afterAll(() => world.stop());

async function killPrimary(): Promise<() => Promise<void>> {
  const [primary] = await world.cluster!.primaries();
  await world.cluster!.failOver(primary!);
  return () => world.cluster!.rejoin(primary!);
}

async function killProxy(at: number): Promise<() => Promise<void>> {
  await world.proxies[at]!.kill();
  return () => world.proxies[at]!.restart();
}

async function refusing(status: number): Promise<() => Promise<void>> {
  const before = world.apns.requests;
  world.apns.answerWith(() => ({ status, headers: status === 429 ? { 'retry-after': '2' } : {} }));
  return async () => {
    await waitUntil('a push that is refused', () => (world.apns.requests > before ? true : undefined), { timeoutMs: BOUND_MS });
    world.apns.answerWith(undefined);
  };
}

/** What happens, and how it is made good after the message was written. */
const TROUBLES: readonly (readonly [name: string, begin: () => Promise<() => Promise<void>>])[] = [
  ['a primary of Redis is killed', killPrimary],
  ['a node is killed', () => killProxy(0)],
  ['the other node is killed, and a primary with it', async () => {
    const [one, two] = [await killProxy(1), await killPrimary()];
    return async () => {
      await two();
      await one();
    };
  }],
  ['the relay is restarted', async () => {
    await world.relay.restart();
    return () => Promise.resolve();
  }],
  ['Apple answers 429', () => refusing(429)],
  ['Apple answers 503', () => refusing(503)],
  ['a node is stopped in an orderly way', async () => {
    await world.proxies[0]!.kill('SIGTERM');
    return () => world.proxies[0]!.restart();
  }],
];

test.each(TROUBLES)('%s: what is written meanwhile is announced', { timeout: 900_000 }, async (name, begin) => {
  const makeGood = await begin();
  await Promise.all(phones.map(({ watched }) => writeTo(world.relay, watched, utf8(name))));
  await makeGood();
  for (const { phone, watched } of phones) {
    const body = await phone.fetchAnnounced(world.relay, watched, BOUND_MS);
    expect(Buffer.from(body).toString()).toContain(name);
  }
  expect(world.apns.faults).toEqual([]);
});
