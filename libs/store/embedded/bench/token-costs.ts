/**
 * What the embedded token store costs with many tokens of one subscription each: bytes on the disk and in memory, CPU per
 * step with many in flight (all threads of the process, kernel included), and how long the walks of a restart take.
 * Prints one JSON object a line. Usage: node --expose-gc libs/store/embedded/bench/token-costs.ts [tokens] [steps] [in flight]
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReceivedNotification, TokenStore, WholeToken } from '@polyplex/store-contract';
import { openTokenStore } from '../src/index.ts';

const [tokenCount = 1_000_000, steps = 50_000, inFlight = 200] = process.argv.slice(2).map(Number);
const RELAYS = Array.from({ length: 20 }, (_, i) => `smp://${'r'.repeat(43)}=@relay-${String(i)}.example.com`);
const LEASE_MS = 60_000;
const PAGE = 1000;
const SECONDS = 1000;
const bytes = (n: number): Uint8Array => new Uint8Array(randomBytes(n));
const print = (line: object): void => console.log(JSON.stringify(line));
const round = (x: number): number => Math.round(x * 10) / 10;

async function measure(name: string, count: number, step: (i: number) => Promise<unknown>, workers = inFlight): Promise<void> {
  let next = 0;
  const times: number[] = [];
  const run = async (): Promise<void> => {
    while (next < count) {
      const start = performance.now();
      await step(next++);
      times.push(performance.now() - start);
    }
  };
  const cpu = process.cpuUsage();
  const start = performance.now();
  await Promise.all(Array.from({ length: workers }, run));
  const used = process.cpuUsage(cpu);
  const seconds = (performance.now() - start) / SECONDS;
  times.sort((a, b) => a - b);
  print({
    name, perSecond: Math.round(count / seconds), cpuUs: round((used.user + used.system) / count),
    p50Ms: round(times[times.length >> 1]!), p99Ms: round(times[Math.floor(times.length * 0.99)]!),
  });
}

function heapNow(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

interface Place {
  readonly relay: string;
  readonly notifierId: Uint8Array;
  readonly tokenId: Uint8Array;
}

/** Ids follow from the number: a million of them are not kept in memory. */
function idOf(i: number, of: number): Uint8Array {
  const id = new Uint8Array(24);
  const view = new DataView(id.buffer);
  // Scattered as random ids are: an odd multiplier permutes 32 bits.
  view.setUint32(0, Math.imul(i + 1, 2_654_435_761) >>> 0);
  view.setUint32(4, i);
  view.setUint8(8, of);
  return id;
}

const placeOf = (i: number): Place => ({ relay: RELAYS[i % RELAYS.length]!, notifierId: idOf(i, 2), tokenId: idOf(i, 1) });
const key = <K extends string>(kind: K) => ({ kind, raw: bytes(32) });

function wholeToken(i: number, now: number): WholeToken {
  const { relay, notifierId, tokenId } = placeOf(i);
  return {
    token: {
      tokenId, device: { provider: 'apns_prod', token: Buffer.from(randomBytes(32).toString('hex')) }, authKey: key('ed25519'),
      dhKeys: { publicKey: key('x25519'), privateKey: key('x25519') }, dhSecret: bytes(32), code: bytes(32), status: 'ACTIVE', cronMinutes: 20,
      cronSentAt: null, usedOn: 1_699_920_000, revision: 1,
    },
    subscriptions: [{ subscriptionId: idOf(i, 3), tokenId, relay, notifierId, notifierKey: bytes(48), status: 'PENDING', inService: false }],
    notifications: [],
    due: { verification: null, messages: null, check: now + 20 * 60_000 + i },
  };
}

function notification({ notifierId }: Place, receivedAt: number): ReceivedNotification {
  return { notifierId, nonce: bytes(24), meta: bytes(144), receivedAt };
}

async function walk(store: TokenStore): Promise<void> {
  const start = performance.now();
  let found = 0;
  for (const relay of RELAYS) {
    for (let after: string | null = null; ;) {
      const page: Awaited<ReturnType<TokenStore['subscriptionsToMake']>> = await store.subscriptionsToMake(relay, after, PAGE);
      found += page.subscriptions.length;
      after = page.next;
      if (after === null) break;
    }
  }
  const seconds = (performance.now() - start) / SECONDS;
  print({ name: 'subscriptionsToMake, all', subscriptions: found, seconds: round(seconds), usEach: round((seconds * 1e6) / found) });
}

async function storeCosts(store: TokenStore, file: string): Promise<void> {
  const now = Date.now();
  const [empty, before] = [statSync(file).size, heapNow()];
  await measure('putToken, with a subscription', tokenCount, (i) => store.putToken(wholeToken(i, now)));
  const disk = statSync(file).size - empty;
  print({ name: 'disk', bytesEach: Math.round(disk / tokenCount), MiB: disk >> 20, heapBytesEach: round((heapNow() - before) / tokenCount) });
  await walk(store);
  const pick = (i: number): Place => placeOf((i * 7919) % tokenCount);
  const pages = Math.ceil(Math.min(steps * 4, tokenCount) / PAGE);
  await measure(`changeSubscriptions, ${String(PAGE)} a call`, pages, (i) => store.changeSubscriptions(RELAYS[0]!, Array.from({ length: PAGE }, (_, k) =>
    ({ notifierId: idOf(((i * PAGE + k) * RELAYS.length) % tokenCount, 2), status: 'ACTIVE' as const }))), 2);
  await measure('disconnected', 20, (i) => store.disconnected(RELAYS[i % RELAYS.length]!), 1);
  await measure('findToken', steps, (i) => store.findToken(pick(i).tokenId));
  await measure('receive and settle', steps, async (i) => {
    const place = pick(i);
    const [job] = await store.receive(place.relay, [notification(place, now)], now, LEASE_MS);
    if (typeof job === 'object' && 'lease' in job) await store.settle(job, { messages: 'delivered', retryAt: null }, now, LEASE_MS);
  });
  await measure('receive, 50 a call', steps / 50, (i) => {
    const relay = RELAYS[i % RELAYS.length]!;
    const some = Array.from({ length: 50 }, (_, k) => placeOf(((i * 50 + k) * 31 * RELAYS.length + (i % RELAYS.length)) % tokenCount));
    return store.receive(relay, some.filter((place) => place.relay === relay).map((place) => notification(place, now)), now, LEASE_MS);
  }, 20);
  await measure('takeDue of checks and settle, 100 a call', steps / 100, async () => {
    const due = now + 25 * 60 * 60_000;
    const jobs = await store.takeDue(due, 100, LEASE_MS);
    await Promise.all(jobs.map((job) => store.settle(job, { messages: 'delivered', check: 'delivered', retryAt: null }, due, LEASE_MS)));
  }, 4);
  print({ name: 'counts', ...(await store.counts()) });
  print({ name: 'process', rssMiB: process.memoryUsage.rss() >> 20, heapMiB: heapNow() >> 20, diskMiB: statSync(file).size >> 20 });
}

const folder = mkdtempSync(join(tmpdir(), 'polyplex-bench-'));
try {
  const store = await openTokenStore({ path: folder });
  await storeCosts(store, join(folder, 'data.mdb'));
  await store.close();
  const start = performance.now();
  await (await openTokenStore({ path: folder })).close();
  print({ name: 'opening again', ms: round(performance.now() - start) });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
