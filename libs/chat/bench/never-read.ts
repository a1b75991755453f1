/**
 * What it costs a host that the members of a group never read: all their queues are full. Memory and disk while messages wait at the agent, a round of
 * attempts, and a message to all when what is sent waits here. The clock is moved by hand; times are CPU of the process. Prints one JSON object a line.
 * Usage: node --expose-gc libs/chat/bench/never-read.ts [members]
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOUR } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import { openRecordStore } from '@polyplex/store-embedded';
import { createFakeClock } from '@polyplex/testing';
import { addCrowd, createHosted, Host, SERVER, until } from './crowd.ts';
import { SinkRelay } from './sink-relays.ts';
import { TimedStore } from './timed-store.ts';

const size = Number(process.argv[2] ?? 10_000);
const folder = mkdtempSync(join(tmpdir(), 'polyplex-never-read-'));
const store = new TimedStore(await openRecordStore({ path: folder, key: randomBytes(32) }));
const clock = createFakeClock();
const relay = new SinkRelay(() => clock.now());
const host = new Host({ store, servers: [SERVER], openRelays: relay.open(), clock, profile: { displayName: 'Directory', fullName: '' }, application: { onEvent: (event) => host.heard(event) } });
host.start();
const { groupId, template } = await createHosted(host, relay, clock);
await addCrowd(host, store, { relay, groupId, size, template });
relay.areFull = true;

const round = (x: number): number => Math.round(x * 10) / 10;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Bytes after collecting garbage: what the first finds dead may have held memory outside, which the others count. */
async function held(): Promise<number> {
  for (let times = 0; times < 3; times++) {
    globalThis.gc?.();
    await pause(100);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Everything that follows from it has happened, until `attempts` more were made at the relay. */
async function measure(what: string, attempts: number, work: () => Promise<unknown> | void): Promise<void> {
  const before = await held();
  store.take();
  const tried = relay.sunk;
  const began = process.cpuUsage();
  await work();
  await until(() => relay.sunk - tried >= attempts && host.gauges().tasks === 0);
  // What the answers change is stored.
  for (let before = -1; before !== store.count;) {
    before = store.count;
    await pause(500);
  }
  const { user, system } = process.cpuUsage(began);
  const after = await held();
  const { count, cpuP99, cpuLongest } = store.take();
  console.log(JSON.stringify({
    what, members: size, cpuSeconds: round((user + system) / 1e6), transactions: count, p99Ms: round(cpuP99), longestMs: round(cpuLongest),
    moreBytesAMember: Math.round((after - before) / size), diskMegabytes: round(statSync(join(folder, 'data.mdb')).blocks * 512 / 2 ** 20),
  }));
}

const say = (): Promise<unknown> => host.change((step) => step.sendToGroup(groupId, { type: 'text', text: 'x'.repeat(500) }));
await measure('the first message, to full queues', size, say);
await measure('the second, behind it', 0, say);
for (let at = 1; at <= 5; at++) await measure(`attempt ${String(at)}`, size, () => void clock.advance(HOUR));
for (let at = 1; at <= 3; at++) await measure(`message ${String(at)} that waits here`, 0, say);
for (let at = 0; at < 40; at++) await say();
await until(() => host.gauges().tasks === 0);
await measure('message 44 that waits here', 0, say);
host.close();
await store.close();
rmSync(folder, { recursive: true });
