/**
 * How long do messages take on a relay that is busy but not full, and how long does its garbage collector hold them up? An open
 * load at 70 % of what the relay did at its best a moment before: messages are due at their time, whether or not those before
 * them have come, and are counted from then. The relay has a processor of its own, where there are two; without that, latencies
 * are of a machine that is busy with the clients as well. What is sent was made beforehand, so that it waits for the relay and
 * hardly for the clients. And there is another client, which has one message at a time in a process that goes first on the clients'
 * processor.
 */
import { getPriority, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomBytes } from '@polyplex/crypto';
import { maxBodyBytes } from '@polyplex/protocol-smp';
import { apart } from '../lib/affinity.ts';
import { startBystander } from '../lib/bystander.ts';
import { cpuEach, type Figure } from '../lib/measure.ts';
import { type PreparedLoad, prepareLoad } from '../lib/prepared-load.ts';
import { startServer } from '../lib/server-process.ts';

const PAIRS = 10;
const VERSION = 18;
const AT_BEST = 15_000;
const SHARE = 0.7;
/** All that is sent in it lies ready: up to some 600 MiB. */
const SECONDS = 20;
/** Behind the other client; lowering its own is what any process may. */
const LOW_PRIORITY = 10;

export async function pauses(): Promise<readonly Figure[]> {
  const server = await startServer('relay');
  const alone = apart(server.pid);
  const load = await prepareLoad(server.address, VERSION, PAIRS);
  const body = randomBytes(maxBodyBytes(VERSION));
  await fullLoad(load, AT_BEST / 3, body);
  const best = await fullLoad(load, AT_BEST, body);
  const other = await startBystander(server);
  setPriority(Math.max(getPriority(), LOW_PRIORITY));
  const rate = SHARE * best;
  const messages = Math.round(rate * SECONDS);
  load.prepare(messages, body);
  await server.pauses();
  await other.times();
  const latencies: number[] = [];
  const cpu = await cpuEach(server, messages, async () => void latencies.push(...(await openLoad(load, rate, messages))));
  const collected = await server.pauses();
  const { delivered } = await other.times();
  other.end();
  load.close();
  await server.stop();
  const share = (values: readonly number[], part: number): number => values.toSorted((a, b) => a - b)[Math.floor(part * (values.length - 1))] ?? 0;
  return [
    { name: `messages a second, at best${alone ? ', on one core' : ''}`, value: best, unit: '/s' },
    { name: `delivery at ${SHARE * 100} % of that, median`, value: share(latencies, 0.5), unit: 'ms' },
    { name: '  p99', value: share(latencies, 0.99), unit: 'ms' },
    { name: '  p99.9', value: share(latencies, 0.999), unit: 'ms' },
    { name: '  the slowest', value: share(latencies, 1), unit: 'ms' },
    { name: 'delivery to another client meanwhile, median', value: share(delivered, 0.5), unit: 'ms' },
    { name: '  p99', value: share(delivered, 0.99), unit: 'ms' },
    { name: '  the slowest', value: share(delivered, 1), unit: 'ms' },
    { name: 'of the relay, each message', value: cpu, unit: 'us CPU' },
    { name: 'pauses of the collector, a second', value: collected.length / SECONDS, unit: '/s' },
    { name: '  median', value: share(collected, 0.5), unit: 'ms' },
    { name: '  p99', value: share(collected, 0.99), unit: 'ms' },
    { name: '  longest', value: share(collected, 1), unit: 'ms' },
    { name: '  share of the time', value: collected.reduce((sum, each) => sum + each, 0) / (SECONDS * 10), unit: '%' },
  ];
}

/** Messages a second, one under way in each queue. */
async function fullLoad(load: PreparedLoad, messages: number, body: Uint8Array): Promise<number> {
  load.prepare(messages, body);
  const started = performance.now();
  await new Promise<void>((resolve) => {
    let [sent, done] = [0, 0];
    const send = (): void => {
      if (sent++ < messages) load.send(performance.now());
    };
    load.onDone = () => {
      send();
      if (++done === messages) resolve();
    };
    for (let i = 0; i < load.queues; i++) send();
  });
  return (messages * 1000) / (performance.now() - started);
}

/** Milliseconds from when each message was due until its recipient had it. */
async function openLoad(load: PreparedLoad, rate: number, messages: number): Promise<number[]> {
  const latencies: number[] = [];
  load.onArrival = (milliseconds) => void latencies.push(milliseconds);
  const done = new Promise<void>((resolve) => {
    let toDo = messages;
    load.onDone = () => {
      if (--toDo === 0) resolve();
    };
  });
  const started = performance.now();
  for (let sent = 0; sent < messages;) {
    await sleep(1);
    const now = performance.now();
    for (; sent < messages && started + (sent * 1000) / rate <= now; sent++) load.send(started + (sent * 1000) / rate);
  }
  await done;
  return latencies;
}
