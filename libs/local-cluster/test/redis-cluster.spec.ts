/** A cluster through its hard days: one story, since each start costs seconds. */
import { existsSync } from 'node:fs';
import { createCluster } from 'redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRedisCluster, type RedisCluster } from '../src/index.ts';
import { SLOTS, slotsOf } from '../src/cluster-view.ts';
import { isAlive } from './processes.ts';

let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await startRedisCluster();
});
afterAll(() => cluster.stop());

/** Number of slots by port of the primary, as each running node believes. */
async function shares(): Promise<Record<number, number>[]> {
  const views = await Promise.all(cluster.nodes.filter(({ isRunning }) => isRunning).map((node) => node.view()));
  return views.map((view) => Object.fromEntries(view.filter(({ slots }) => slots.length > 0).map(({ port, slots }) => [port, slotsOf(slots).length])));
}

/** Writes numbered keys without a pause until told to stop; answers with how many were accepted. */
async function writing<T>(work: () => Promise<T>): Promise<{ result: T; written: number }> {
  const client = createCluster({ rootNodes: cluster.urls.map((url) => ({ url })), defaults: { disableClientInfo: true } });
  client.on('error', () => undefined);
  await client.connect();
  let isOver = false;
  let written = 0;
  const loop = (async () => {
    while (!isOver) await client.set(`key-${written}`, `value-${written}`).then(() => (written += 1));
  })();
  try {
    const result = await work();
    isOver = true;
    await loop;
    for (let number = 0; number < written; number += 1) {
      const value = await client.get(`key-${number}`);
      if (value !== `value-${number}`) throw new Error(`key-${number} of ${written} is lost: ${String(value)}`);
    }
    return { result, written };
  } finally {
    isOver = true;
    await loop.catch(() => undefined);
    client.destroy();
  }
}

test('it forms: three primaries share the slots, each has a replica, and all agree', async () => {
  const roles = await Promise.all(cluster.nodes.map((node) => node.role()));
  expect(roles.toSorted()).toEqual([...Array<string>(3).fill('primary'), ...Array<string>(3).fill('replica')]);
  const seen = await shares();
  expect(seen).toHaveLength(6);
  for (const share of seen) expect(Object.values(share).toSorted()).toEqual([5461, 5461, 5462]);
  for (const primary of await cluster.primaries()) expect(await cluster.replicasOf(primary)).toHaveLength(1);
});

test('slots move while a writer writes, and no key is lost; a move that was stopped half-way goes on', async () => {
  const [from, to] = (await cluster.primaries()) as [never, never];
  const before = (await shares())[0]!;
  const { written } = await writing(async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 300);
    await expect(cluster.migrateSlots(from, to, 400, { keysAtOnce: 1, pauseMs: 2, signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' });
    const moved = (before[to['port']] ?? 0) - ((await shares())[0]![to['port']] ?? 0);
    await cluster.migrateSlots(from, to, 300 + moved);
  });
  expect(written).toBeGreaterThan(100);
  const after = (await shares())[0]!;
  expect([before[from['port']]! - after[from['port']]!, after[to['port']]! - before[to['port']]!]).toEqual([300, 300]);
  await cluster.settled();
});

test('a killed primary is followed by its replica, and comes back as one', { timeout: 120_000 }, async () => {
  const key = 'the key of the story';
  const primary = await cluster.primaryOf(key);
  await primary.command('SET', key, 'value');
  await primary.command('WAIT', 1, 1000);
  const [replica] = await cluster.replicasOf(primary);
  const { promoted, tookMs } = await cluster.failOver(primary);
  expect([promoted, tookMs > 1000]).toEqual([replica, true]);
  expect(await cluster.primaryOf(key)).toBe(promoted);
  expect(await promoted.command('GET', key)).toBe('value');
  await expect(cluster.failOver(promoted)).rejects.toMatchObject({ code: 'STATE' });

  await cluster.rejoin(primary);
  expect(await primary.role()).toBe('replica');
  expect(await cluster.replicasOf(promoted)).toEqual([primary]);
});

test('a shard is added while a writer writes: it serves its share, and no key is lost', async () => {
  const { result: added, written } = await writing(() => cluster.addShard());
  expect(written).toBeGreaterThan(100);
  expect(cluster.nodes).toHaveLength(8);
  for (const share of await shares()) expect(share[added.port]).toBe(SLOTS / 4);
  expect(await cluster.replicasOf(added)).toHaveLength(1);
  expect((await added.command('DBSIZE')) as number).toBeGreaterThan(0);
}, 120_000);

test('a shard whose slots were moved away is removed; chosen slots move', { timeout: 120_000 }, async () => {
  const added = cluster.nodes.at(-2)!; // its replica is the last
  const first = (await cluster.primaries()).find((node) => node !== added)!;
  await expect(cluster.removeShard(added)).rejects.toMatchObject({ code: 'STATE' });
  const slots = slotsOf((await added.self()).slots);
  const [last] = slots.slice(-1) as [number];
  await cluster.migrateSlots(added, first, 1, { slots: [last] });
  expect(await cluster.primaryOf(last)).toBe(first);
  await expect(cluster.migrateSlots(added, first, 1, { slots: [last] })).rejects.toMatchObject({ code: 'STATE' });
  await cluster.migrateSlots(added, first, slots.length - 1);
  await cluster.removeShard(added);
  expect(cluster.nodes).toHaveLength(6);
  expect((await first.view()).length).toBe(6);
});

test('stop leaves nothing', async () => {
  await cluster.stop();
  expect(cluster.nodes.filter(({ pid, folder }) => isAlive(pid) || existsSync(folder))).toEqual([]);
});
