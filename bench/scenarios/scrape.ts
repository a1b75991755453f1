/**
 * What does a scrape of the metrics cost, and does it know how many queues there are? Time and CPU of the node at 1000 and
 * at 1,000,000 queues in the embedded store, and at 1000 and 100,000 on Redis; those of one store take turns.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPair, randomBytes } from '@polyplex/crypto';
import { startRedis } from '@polyplex/local-cluster';
import type { QueueStore } from '@polyplex/store-contract';
import { openEmbeddedStore } from '@polyplex/store-embedded';
import { openRedisStore } from '@polyplex/store-redis';
import { storeFolder } from 'smp-server';
import { type Figure, median, spread } from '../lib/measure.ts';
import { type ServerProcess, startServer } from '../lib/server-process.ts';

const FEW = 1000;
const MANY = 1_000_000;
/** Redis takes its time to be filled. */
const MANY_ON_REDIS = 100_000;
const WIDTH = 5000;
const ROUNDS = 9;
/** CPU is counted in ticks of 10 ms, so that one alone would not be seen. */
const SCRAPES_A_ROUND = 50;

interface Watched {
  readonly queues: number;
  readonly server: ServerProcess;
  readonly ms: number[];
  readonly cpuMs: number[];
}

export async function scrape(): Promise<readonly Figure[]> {
  return [...(await embedded()), ...(await onRedis())];
}

async function embedded(): Promise<readonly Figure[]> {
  await using parts = new AsyncDisposableStack();
  const start = async (queues: number): Promise<Watched> => {
    const folder = await makeFolder(parts);
    await fill(await openEmbeddedStore({ path: storeFolder({ dataDir: join(folder, 'data') }) }), queues);
    return watched(parts, queues, [folder]);
  };
  return await measure('embedded', [await start(FEW), await start(MANY)]);
}

async function onRedis(): Promise<readonly Figure[]> {
  await using parts = new AsyncDisposableStack();
  const redis = await startRedis();
  parts.defer(() => redis.stop());
  const start = async (queues: number): Promise<Watched> => {
    const prefix = `q${queues}`;
    await fill(await openRedisStore({ servers: [{ host: '127.0.0.1', port: redis.port }], prefix }), queues);
    return watched(parts, queues, [await makeFolder(parts), 'storage.engine=redis', `redis.urls=${redis.url}`, `redis.prefix=${prefix}`]);
  };
  return await measure('Redis', [await start(FEW), await start(MANY_ON_REDIS)]);
}

async function makeFolder(parts: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'polyplex-bench-'));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function watched(parts: AsyncDisposableStack, queues: number, args: readonly string[]): Promise<Watched> {
  const server = await startServer('watched-relay', ...args);
  parts.defer(() => server.stop());
  return { queues, server, ms: [], cpuMs: [] };
}

async function fill(store: QueueStore, queues: number): Promise<void> {
  const { publicKey } = generateKeyPair('ed25519');
  await spread(queues, WIDTH, async () => {
    const record = {
      recipientId: randomBytes(24), recipientKeys: [publicKey], dhSecret: randomBytes(32), senderId: randomBytes(24), senderKey: publicKey, mode: 'M',
      linkId: null, notifier: null, status: { state: 'active' }, serviceId: null, usedDay: 0, revision: 1,
    } as const;
    await store.writeQueue({ record, link: null, messages: [], notifications: [], lastId: new Uint8Array(0) });
  });
  await store.close();
}

async function measure(store: string, all: readonly Watched[]): Promise<readonly Figure[]> {
  for (const each of all) await round(each);
  for (const each of all) {
    each.ms.length = 0;
    each.cpuMs.length = 0;
  }
  for (let i = 0; i < ROUNDS; i++) for (const each of all) await round(each);
  const [few] = all;
  return all.flatMap(({ queues, ms, cpuMs }) => [
    { name: `scrape, ${queues.toLocaleString('en')} queues, ${store}`, value: median(ms), unit: 'ms' },
    { name: '  CPU', value: median(cpuMs), unit: 'ms CPU' },
    { name: `  against ${FEW.toLocaleString('en')} queues`, value: median(cpuMs.map((cost, i) => cost / few!.cpuMs[i]!)), unit: 'x' },
  ]);
}

async function round({ queues, server, ms, cpuMs }: Watched): Promise<void> {
  const url = `http://127.0.0.1:${server.address.port}/metrics`;
  const cpuBefore = server.cpuMicros();
  for (let i = 0; i < SCRAPES_A_ROUND; i++) {
    const began = performance.now();
    const text = await (await fetch(url)).text();
    ms.push(performance.now() - began);
    if (!text.includes(`\nsimplex_smp_queues_total2 ${queues}\n`)) throw new Error('the node does not tell its queues');
  }
  cpuMs.push((server.cpuMicros() - cpuBefore) / 1000 / SCRAPES_A_ROUND);
}
