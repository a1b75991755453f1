/**
 * What the embedded store costs: CPU per step with many in flight (all threads of the process, kernel included), next
 * to the bare writes of the same bytes with LMDB; and memory per queue and subscription. Prints one JSON object a line.
 * Usage: node libs/store/embedded/bench/costs.ts [steps] [in flight] [queues]
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NewQueue, QueueRecord, QueueStore } from '@polyplex/store-contract';
import { openEmbeddedStore } from '../src/index.ts';
import { openRoot } from '../src/tables.ts';

const [steps = 20_000, inFlight = 200, queueCount = 20_000] = process.argv.slice(2).map(Number);
const BODY = new Uint8Array(randomBytes(16_064));
const OPTIONS = { quota: 128, notification: null, expireBefore: null };
const bytes = (n: number): Uint8Array => new Uint8Array(randomBytes(n));

function newQueue(): NewQueue {
  return {
    recipientId: bytes(24), recipientKeys: [{ kind: 'ed25519', raw: bytes(32) }], dhSecret: bytes(32), senderId: bytes(24),
    senderKey: { kind: 'x25519', raw: bytes(32) }, mode: 'M', notifier: null, status: { state: 'active' }, serviceId: null,
    usedDay: 86_400, link: null,
  };
}

async function measure(name: string, count: number, step: (i: number) => Promise<unknown>, workers = inFlight): Promise<void> {
  let next = 0;
  const times: number[] = [];
  const run = async (): Promise<void> => {
    while (next < count) {
      const i = next++;
      const start = performance.now();
      await step(i);
      times.push(performance.now() - start);
    }
  };
  const cpu = process.cpuUsage();
  const start = performance.now();
  await Promise.all(Array.from({ length: workers }, run));
  const used = process.cpuUsage(cpu);
  const seconds = (performance.now() - start) / 1000;
  times.sort((a, b) => a - b);
  const round = (x: number): number => Math.round(x * 10) / 10;
  console.log(JSON.stringify({
    name, perSecond: Math.round(count / seconds), cpuUs: round(
      (used.user + used.system) / count,
    ), userUs: round(used.user / count),
    p50Ms: round(times[times.length >> 1]!), p99Ms: round(times[Math.floor(times.length * 0.99)]!),
  }));
}

/**
 * The writes of an append and an acknowledge (message put and removed, the queue's row put each time) in groups,
 * without any of the store's logic.
 */
async function bareWrites(folder: string): Promise<void> {
  const root = openRoot(join(folder, 'bare.mdb'));
  const db = root.openDB<Uint8Array, Uint8Array>('bare', { encoding: 'binary', keyEncoding: 'binary' });
  let waiting: { write: () => void; done: () => void }[] = [];
  let running = false;
  const flush = async (): Promise<void> => {
    running = true;
    while (waiting.length > 0) {
      let group: typeof waiting = [];
      await root.childTransaction(() => {
        group = waiting;
        waiting = [];
        for (const { write } of group) write();
      });
      for (const { done } of group) done();
    }
    running = false;
  };
  const write = (step: () => void): Promise<void> =>
    new Promise((done) => {
      waiting.push({ write: step, done });
      if (!running) void flush();
    });
  const rows = root.openDB<Uint8Array, Uint8Array>('rows', { encoding: 'binary', keyEncoding: 'binary' });
  const rowKeys = Array.from({ length: queueCount }, () => bytes(24));
  const row = bytes(260);
  await root.transaction(() => {
    for (const key of rowKeys) rows.putSync(key, row);
  });
  const keys = Array.from({ length: steps }, () => bytes(31));
  const rowKey = (i: number): Uint8Array => rowKeys[(i * 7919) % queueCount]!;
  await measure('bare writes of append and acknowledge', steps, async (i) => {
    await write(() => {
      db.putSync(keys[i]!, BODY);
      rows.putSync(rowKey(i), row);
    });
    await write(() => {
      db.removeSync(keys[i]!);
      rows.putSync(rowKey(i), row);
    });
  });
  await root.close();
}

function heapNow(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

async function storeCosts(store: QueueStore, folder: string): Promise<void> {
  const queues: QueueRecord[] = [];
  const empty = statSync(join(folder, 'data.mdb')).size;
  await measure('create', queueCount, async () => {
    const made = await store.create(newQueue(), null);
    if (made.status === 'ok') queues.push(made.queue);
  });
  console.log(
    JSON.stringify({ name: 'disk per queue', bytes: Math.round((statSync(join(folder, 'data.mdb')).size - empty) / queueCount) }),
  );
  const pick = (i: number): QueueRecord => queues[(i * 7919) % queues.length]!;
  await measure('find by sender id', steps, (i) => store.find('sender', [pick(i).senderId]));
  await measure('find by recipient id, 100 a call', Math.ceil(steps / 100), (i) =>
    store.find('recipient', Array.from({ length: 100 }, (_, k) => pick(i * 100 + k).recipientId)), 1);
  const before = heapNow();
  await measure('subscribe, 100 a call', Math.ceil(queues.length / 100), (i) =>
    store.subscribe(queues.slice(i * 100, i * 100 + 100), 1, false), 1);
  console.log(JSON.stringify({ name: 'heap per subscription', bytes: Math.round((heapNow() - before) / queues.length) }));
  const msgIds = Array.from({ length: steps }, () => bytes(24));
  const message = (i: number, ids = msgIds) =>
    ({ kind: 'message', msgId: ids[i]!, ts: 1_700_000_000, notify: false, body: BODY }) as const;
  await measure('append and acknowledge', steps, async (i) => {
    await store.append(pick(i), message(i), OPTIONS);
    await store.acknowledge(pick(i), msgIds[i]!, null);
  });
  await measure('append and acknowledge, one at a time', 300, async (i) => {
    await store.append(pick(i), message(i), OPTIONS);
    await store.acknowledge(pick(i), msgIds[i]!, null);
  }, 1);
  const disk = statSync(join(folder, 'data.mdb')).size;
  const newIds = msgIds.map(() => bytes(24));
  await measure('append', steps, (i) => store.append(pick(i), message(i, newIds), { ...OPTIONS, quota: 1000 }));
  console.log(
    JSON.stringify({ name: 'disk per message', bytes: Math.round((statSync(join(folder, 'data.mdb')).size - disk) / steps) }),
  );
  await measure('acknowledge', steps, (i) => store.acknowledge(pick(i), newIds[i]!, null));
  console.log(JSON.stringify({ name: 'process', rssMiB: process.memoryUsage.rss() >> 20, heapMiB: heapNow() >> 20 }));
}

const folder = mkdtempSync(join(tmpdir(), 'polyplex-bench-'));
try {
  await bareWrites(folder);
  rmSync(folder, { recursive: true, force: true });
  const store = await openEmbeddedStore({ path: folder });
  await storeCosts(store, folder);
  await store.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
