/**
 * What does a delivered message cost: SEND and its OK, MSG, ACK and its OK, with the body as large as it may be, block
 * encryption, X25519 authorisation on both sides, and a durable store? And how many bare echoes of a block is that? On the
 * embedded store, and on Redis, whose own CPU is shown apart.
 */
import { startRedis } from '@polyplex/local-cluster';
import { type Figure, median } from '../lib/measure.ts';
import { loadRelay, type RelayLoad } from '../lib/relay-load.ts';
import { cpuMicrosOf } from '../lib/server-process.ts';
import { type Echo, startEcho } from './echo.ts';

const MESSAGES = 40_000;
/** The servers take turns, so that a busy machine slows all. */
const ROUNDS = 20;
const SHARE = MESSAGES / ROUNDS;

interface Rounds {
  readonly message: number[];
  readonly echo: number[];
  readonly ratio: number[];
}

async function rounds(load: RelayLoad, bare: Echo): Promise<Rounds> {
  await load.round(MESSAGES / 4);
  const taken: Rounds = { message: [], echo: [], ratio: [] };
  for (let round = 0; round < ROUNDS; round++) {
    const echoed = await bare.round(2 * SHARE);
    const message = await load.round(SHARE);
    taken.message.push(message);
    taken.echo.push(echoed);
    taken.ratio.push(message / echoed);
  }
  return taken;
}

function figures(name: string, { message, echo, ratio }: Rounds): readonly Figure[] {
  return [
    { name, value: median(message), unit: 'us CPU' },
    { name: '  bare TLS echo of one block meanwhile', value: median(echo), unit: 'us CPU' },
    { name: '  in bare echoes', value: median(ratio), unit: 'x' },
  ];
}

async function embedded(version: number, bare: Echo): Promise<readonly Figure[]> {
  const load = await loadRelay(version);
  const taken = await rounds(load, bare);
  const lone = await load.lone(MESSAGES / 20);
  await load.stop();
  const name = `delivered message, version ${version}`;
  return [...figures(`${name}, ${load.inFlight} in flight`, taken), { name: `${name}, one at a time`, value: lone, unit: 'us CPU' }];
}

async function onRedis(version: number, bare: Echo): Promise<readonly Figure[]> {
  const redis = await startRedis();
  const load = await loadRelay(version, String(redis.port));
  const before = cpuMicrosOf(redis.pid);
  const taken = await rounds(load, bare);
  const redisEach = (cpuMicrosOf(redis.pid) - before) / (MESSAGES + MESSAGES / 4);
  await load.stop();
  await redis.stop();
  return [
    ...figures(`delivered message, version ${version}, on Redis, of the node`, taken),
    { name: '  of Redis, each message', value: redisEach, unit: 'us CPU' },
  ];
}

export async function delivery(versions: readonly number[] = [18, 10]): Promise<readonly Figure[]> {
  const bare = await startEcho();
  const all: Figure[] = [];
  for (const version of versions) all.push(...(await embedded(version, bare)));
  all.push(...(await onRedis(versions[0]!, bare)));
  await bare.stop();
  return all;
}
