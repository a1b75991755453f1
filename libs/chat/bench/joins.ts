/**
 * What it costs to host a large group: joins a minute by its link, each introduced to all members, and the longest transaction. The store is the
 * embedded one; the members are records with connections of their own, whose relay takes everything and answers nothing.
 * Prints one JSON object a line. Usage: node libs/chat/bench/joins.ts [members…]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from '@polyplex/crypto';
import { openRecordStore } from '@polyplex/store-embedded';
import { addCrowd, createHosted, Host, profileOf, SERVER, until } from './crowd.ts';
import { Joiner } from './joiner.ts';
import { SinkRelay } from './sink-relays.ts';
import { TimedStore } from './timed-store.ts';

const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [100, 1_000, 10_000];
const JOINS = 3;

async function measure(size: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'polyplex-joins-'));
  const store = new TimedStore(await openRecordStore({ path: folder, key: randomBytes(32) }));
  const relay = new SinkRelay();
  const failures: unknown[] = [];
  const host = new Host({
    store, servers: [SERVER], openRelays: relay.open(), profile: profileOf('Directory'), onFailure: (error) => failures.push(error),
    application: { onEvent: (event) => host.heard(event) },
  });
  host.start();
  const { groupId, link, template } = await createHosted(host, relay);
  // The history.
  for (let at = 0; at < 50; at++) await host.change((step) => step.sendToGroup(groupId, { type: 'text', text: 'x'.repeat(200) }));
  await addCrowd(host, store, { relay, groupId, size: size - 2, template });

  store.take();
  relay.sunk = 0;
  const before = process.memoryUsage().rss;
  const cpu = process.cpuUsage();
  const began = performance.now();
  let peak = before;
  const sampling = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 50);
  const joiners: Joiner[] = [];
  for (let at = 0; at < JOINS; at++) {
    const joiner = new Joiner({ servers: [SERVER], openRelays: relay.open() }, `joiner-${String(at)}`);
    joiners.push(joiner);
    await joiner.join(link);
  }
  await until(() => failures.length > 0 || joiners.every(({ isWelcomed }) => isWelcomed));
  const seconds = (performance.now() - began) / 1000;
  await until(() => relay.sunk >= (size - 2) * JOINS);
  clearInterval(sampling);
  const used = process.cpuUsage(cpu);
  const { count, cpuP50, cpuP99, cpuLongest } = store.take();
  const round = (x: number): number => Math.round(x * 10) / 10;
  console.log(JSON.stringify({
    members: size, joins: JOINS, introduced: joiners.map(({ introduced }) => introduced), joinsPerMinute: round(JOINS / seconds * 60), cpuSecondsPerJoin: round((used.user + used.system) / 1e6 / JOINS),
    transactions: count, p50Ms: round(cpuP50), p99Ms: round(cpuP99), longestMs: round(cpuLongest),
    moreMegabytes: round((peak - before) / 2 ** 20), failures: failures.length,
  }));
  for (const joiner of joiners) joiner.close();
  host.close();
  await store.close();
  rmSync(folder, { recursive: true });
}

for (const size of sizes) await measure(size);
