/**
 * Subscribing again: 100 000 queues by one client, and by a thousand clients at once after the node that they were on has
 * died. How long does it take, what does it cost, and do others on the same node still get their messages meanwhile?
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectSmp, type SmpClient, subscribeAll, type Subscription, tlsDial } from '@polyplex/client';
import { startRedis } from '@polyplex/local-cluster';
import { startBystander } from '../lib/bystander.ts';
import { type Figure, median, spread } from '../lib/measure.ts';
import { prepareQueues, type PreparedQueues } from '../lib/prepared-queues.ts';
import { cpuMicrosOf, type ServerProcess, startServer } from '../lib/server-process.ts';

const QUEUES = 100_000;
const CLIENTS = 1000;
const CONNECTING_AT_ONCE = 50;
const TIMEOUT_MS = 120_000;
const RETRY_MS = 3000;
const WARM_MS = 3000;
const PREFIX = 'storm';

let retries = 0;

/** As apps do: who is not served in time comes again, after a pause of its own. */
async function connect(node: ServerProcess): Promise<SmpClient> {
  for (;;) {
    try {
      return await connectSmp({ address: node.address, dial: tlsDial({ allowAddress: () => true }) });
    } catch {
      retries++;
      await sleep(Math.random() * RETRY_MS);
    }
  }
}

function shareOf({ recipientIds, key }: PreparedQueues, index: number, of: number): Subscription[] {
  const size = QUEUES / of;
  return recipientIds.slice(index * size, (index + 1) * size).map((entityId) => ({ kind: 'SUB', entityId, key: key.privateKey }));
}

async function subscribeShare(client: SmpClient, share: readonly Subscription[]): Promise<void> {
  const outcomes = await subscribeAll(client, share, TIMEOUT_MS);
  const failed = outcomes.filter(({ result }) => result !== 'subscribed').length;
  if (failed > 0) throw new Error(`${failed} of ${share.length} were not subscribed`);
}

interface Storm {
  readonly name: string;
  readonly node: ServerProcess;
  readonly redisPid: number;
}

async function measure({ name, node, redisPid }: Storm, subscribeEverything: () => Promise<void>): Promise<readonly Figure[]> {
  const other = await startBystander(node);
  await sleep(WARM_MS);
  await other.times();
  await sleep(WARM_MS);
  const { whole: before } = await other.times();
  const [start, cpu, redisCpu] = [performance.now(), node.cpuMicros(), cpuMicrosOf(redisPid)];
  await subscribeEverything();
  const seconds = (performance.now() - start) / 1000;
  const [nodeEach, redisEach] = [(node.cpuMicros() - cpu) / QUEUES, (cpuMicrosOf(redisPid) - redisCpu) / QUEUES];
  const { whole: during } = await other.times();
  await other.end();
  const tried = retries;
  retries = 0;
  return [
    { name: `${QUEUES} queues subscribed again by ${name}`, value: seconds, unit: 's' },
    { name: '  node, for each queue', value: nodeEach, unit: 'us CPU' },
    { name: '  Redis, for each queue', value: redisEach, unit: 'us CPU' },
    { name: '  connections that were tried again', value: tried, unit: '' },
    { name: '  a message of another client before: median', value: median(before), unit: 'ms' },
    { name: '  meanwhile: median', value: median(during), unit: 'ms' },
    { name: '  meanwhile: the slowest', value: during.at(-1)!, unit: 'ms' },
  ];
}

export async function storm(): Promise<readonly Figure[]> {
  const redis = await startRedis();
  const [first, second] = [await startServer('relay', String(redis.port), PREFIX), await startServer('relay', String(redis.port), PREFIX)];
  const queues = await prepareQueues(QUEUES, redis.port, PREFIX);
  const one = await connect(first);
  const figures = [...(await measure({ name: 'one client', node: first, redisPid: redis.pid }, () => subscribeShare(one, shareOf(queues, 0, 1))))];
  one.close();

  const before: SmpClient[] = [];
  await spread(CLIENTS, CONNECTING_AT_ONCE, async (i) => {
    before[i] = await connect(first);
    await subscribeShare(before[i], shareOf(queues, i, CLIENTS));
  });
  await first.kill();
  const after: SmpClient[] = [];
  figures.push(...(await measure({ name: `${CLIENTS} clients after their node died, connections included`, node: second, redisPid: redis.pid }, () =>
    spread(CLIENTS, CLIENTS, async (i) => {
      after[i] = await connect(second);
      await subscribeShare(after[i], shareOf(queues, i, CLIENTS));
    }))));
  for (const client of after) client.close();
  await second.stop();
  await redis.stop();
  return figures;
}
