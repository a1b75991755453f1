/** A push proxy of two nodes on one Redis: relays are shared, and one node may die at any time. */
import { utf8 } from '@polyplex/base';
import type { ServerNode } from '@polyplex/local-cluster';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allSubscribed, iPhone, Phone, writeTo } from './phone.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ proxies: 2 });
}, 180_000);
afterAll(() => world.stop());

/** The node that watches the relay. */
async function watcher(): Promise<ServerNode> {
  for (const node of world.proxies.filter(({ isRunning }) => isRunning)) {
    const { total } = (await (await fetch(`${node.adminUrl}admin/relays`)).json()) as { readonly total: number };
    if (total > 0) return node;
  }
  throw new Error('nobody watches the relay');
}

test('each node serves each app, and one alone watches the relay', { timeout: 120_000 }, async () => {
  const phone = new Phone(iPhone(world.apns));
  const [one, two] = [world.proxies[0]!, world.proxies[1]!];
  await phone.register(one);
  const watched = await phone.watch(world.relay, two);
  await allSubscribed(world.proxies, 1);
  await writeTo(world.relay, watched, utf8('by either'));
  await phone.fetchAnnounced(world.relay, watched);
  expect(phone.announced(watched)).toHaveLength(1);
  const totals = await Promise.all(world.proxies.map(async ({ adminUrl }) => ((await (await fetch(`${adminUrl}admin/relays`)).json()) as { total: number }).total));
  expect(totals.toSorted()).toEqual([0, 1]);
});

test('the node that watches the relay is killed: the other one takes over, and no message stays without its announcement', { timeout: 240_000 }, async () => {
  const phone = new Phone(iPhone(world.apns));
  await phone.register(world.proxies[0]!);
  const watched = await phone.watch(world.relay, world.proxies[0]!);
  await allSubscribed(world.proxies, 2);
  for (let round = 0; round < 2; round++) {
    const dying = await watcher();
    await dying.kill();
    await writeTo(world.relay, watched, utf8(`round ${String(round)}`));
    expect(Buffer.from(await phone.fetchAnnounced(world.relay, watched)).toString()).toContain(`round ${String(round)}`);
    expect(await watcher().catch(() => null)).not.toBe(dying);
    await dying.restart();
  }
  expect(world.apns.faults).toEqual([]);
});
