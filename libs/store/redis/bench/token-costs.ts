/**
 * What tokens cost on Redis: its memory per token, subscription and kept notification as it counts that itself, and the
 * CPU of Redis and of the node per step with many in flight. Prints one JSON object a line.
 * Usage: node libs/store/redis/bench/token-costs.ts [tokens] [subscriptions of each] [in flight]
 */
import { randomBytes } from 'node:crypto';
import { startRedis } from '@polyplex/local-cluster';
import { type NewSubscription, type NewToken, type PushJob, StoreError } from '@polyplex/store-contract';
import { openRedisTokenStore } from '../src/index.ts';

const [tokenCount = 100_000, perToken = 1, inFlight = 200] = process.argv.slice(2).map(Number);
const RELAYS = 20;
const LEASE_MS = 60_000;
const MICRO = 1e6;
const bytes = (n: number): Uint8Array => new Uint8Array(randomBytes(n));

const relays = Array.from({ length: RELAYS }, (_, i) => `smp://${randomBytes(32).toString('base64url')}=@relay${String(i)}.example.com`);
const redis = await startRedis();
const store = await openRedisTokenStore({ servers: [{ host: '127.0.0.1', port: redis.port }] });
const notifiers: Pick<NewSubscription, 'relay' | 'notifierId'>[] = [];
const tokens: Uint8Array[] = [];

function newToken(): NewToken {
  const key = (): { kind: 'x25519'; raw: Uint8Array } => ({ kind: 'x25519', raw: bytes(32) });
  return {
    tokenId: bytes(24), device: { provider: 'apns_prod', token: Buffer.from(randomBytes(32).toString('hex')) }, authKey: { kind: 'ed25519', raw: bytes(32) },
    dhKeys: { publicKey: key(), privateKey: key() }, dhSecret: bytes(32), code: bytes(32),
  };
}

async function info(section: string, field: string): Promise<number> {
  return Number(new RegExp(`^${field}:([\\d.]+)`, 'm').exec(String(await redis.command('INFO', section)))![1]);
}

const used = async (): Promise<number> => (await info('memory', 'used_memory_dataset')) + (await info('memory', 'used_memory_overhead'));
const redisCpu = async (): Promise<number> => (await info('cpu', 'used_cpu_user')) + (await info('cpu', 'used_cpu_sys'));

async function measure(name: string, count: number, step: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const run = async (): Promise<void> => {
    while (next < count) await step(next++);
  };
  const [memory, cpu, own, start] = [await used(), await redisCpu(), process.cpuUsage(), performance.now()];
  await Promise.all(Array.from({ length: inFlight }, run));
  const [seconds, usage] = [(performance.now() - start) / 1000, process.cpuUsage(own)];
  console.log(JSON.stringify({
    name, count, perSecond: Math.round(count / seconds), redisUs: Math.round((((await redisCpu()) - cpu) * MICRO) / count),
    nodeUs: Math.round((usage.user + usage.system) / count), redisBytes: Math.round(((await used()) - memory) / count),
  }));
}

const now = Date.now();
await measure('token created', tokenCount, async (i) => {
  const token = newToken();
  tokens[i] = token.tokenId;
  await store.createToken(token, now);
});
await measure('token activated', tokenCount, (i) => store.activate({ tokenId: tokens[i]!, revision: 0 }, now));
await measure('interval of checks set', tokenCount, (i) => store.setCron(tokens[i]!, 20, now));
await measure('subscription created', tokenCount * perToken, async (i) => {
  const subscription = { subscriptionId: bytes(24), tokenId: tokens[i % tokenCount]!, relay: relays[i % RELAYS]!, notifierId: bytes(24), notifierKey: bytes(48) };
  notifiers.push(subscription);
  await store.createSubscription(subscription);
});
for (const relay of relays) while ((await store.takeNew(relay, 10_000)).length > 0);
const received = Math.min(notifiers.length, 200_000);
const meta = bytes(144);
const jobs: PushJob[] = [];
await measure('notification received, its job leased', received, async (i) => {
  const { relay, notifierId } = notifiers[i]!;
  const [job] = await store.receive(relay, [{ notifierId, nonce: bytes(24), meta, receivedAt: now }], now, LEASE_MS);
  if (typeof job === 'object' && !(job instanceof StoreError)) jobs.push(job);
});
await measure('job settled', jobs.length, (i) => store.settle(jobs[i]!, { messages: 'delivered', retryAt: null }, now, LEASE_MS));
const start = performance.now();
let walked = 0;
for (const relay of relays) {
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof store.subscriptionsToMake>> = await store.subscriptionsToMake(relay, after, 5000);
    walked += page.subscriptions.length;
    after = page.next;
  } while (after !== null);
}
console.log(JSON.stringify({ name: 'walk over all subscriptions', count: walked, perSecond: Math.round((walked * 1000) / (performance.now() - start)) }));
const poll = performance.now();
const cpu = await redisCpu();
for (let i = 0; i < 100; i++) await store.takeDue(now, 100, LEASE_MS);
console.log(JSON.stringify({ name: 'nothing due', ms: (performance.now() - poll) / 100, redisUs: Math.round(((await redisCpu()) - cpu) * MICRO / 100) }));
console.log(JSON.stringify({ name: 'all', tokens: tokenCount, subscriptions: notifiers.length, redisMiB: Math.round((await used()) / 2 ** 20), counts: await store.counts() }));
await store.close();
await redis.stop();
