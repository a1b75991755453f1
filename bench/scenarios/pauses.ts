/**
 * How long do messages take on a relay that is busy but not full, and how long does its garbage collector hold them up? An open
 * load at 70 % of what the relay did at its best a moment before: messages are due at their time, whether or not those before
 * them have come, and are counted from then. The relay has a processor of its own, where there are two; without that, latencies
 * are of a machine that is busy with the clients as well. The clients are one process, whose work for a message is as much as the
 * relay's: what waits in it counts as well. So there is another client, which has one message at a time in a process that goes
 * first on the clients' processor: its messages wait for the relay.
 */
import { getPriority, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomBytes } from '@polyplex/crypto';
import { maxBodyBytes } from '@polyplex/protocol-smp';
import { apart } from '../lib/affinity.ts';
import { startBystander } from '../lib/bystander.ts';
import { type Channel, closeAll, deliver, pair, run } from '../lib/channels.ts';
import { cpuEach, type Figure } from '../lib/measure.ts';
import { startServer } from '../lib/server-process.ts';

const PAIRS = 10;
const VERSION = 18;
const AT_BEST = 20_000;
const SHARE = 0.7;
const SECONDS = 30;
/** Behind the other client; lowering its own is what any process may. */
const LOW_PRIORITY = 10;

export async function pauses(): Promise<readonly Figure[]> {
  const server = await startServer('relay');
  const alone = apart(server.pid);
  const channels = (await Promise.all(Array.from({ length: PAIRS }, () => pair({ sender: server.address, recipient: server.address, version: VERSION })))).flat();
  const body = randomBytes(maxBodyBytes(VERSION));
  await run(channels, AT_BEST / 4, body);
  const started = performance.now();
  await run(channels, AT_BEST, body);
  const best = (AT_BEST * 1000) / (performance.now() - started);
  const other = await startBystander(server);
  setPriority(Math.max(getPriority(), LOW_PRIORITY));
  await server.pauses();
  await other.times();
  const rate = SHARE * best;
  const latencies: number[] = [];
  const cpu = await cpuEach(server, Math.round(rate * SECONDS), async () => void latencies.push(...(await openLoad(channels, rate, body))));
  const collected = await server.pauses();
  const { delivered } = await other.times();
  other.end();
  closeAll(channels);
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

/** Milliseconds from when each message was due until its recipient had it. A channel has one message at a time. */
async function openLoad(channels: readonly Channel[], rate: number, body: Uint8Array): Promise<number[]> {
  const latencies: number[] = [];
  const free = [...channels];
  const due: number[] = [];
  const under = new Set<Promise<void>>();
  const next = (): void => {
    while (due.length > 0 && free.length > 0) {
      const [at, channel] = [due.shift()!, free.pop()!];
      const arrival = new Promise<Uint8Array>((resolve) => {
        channel.arrived = (msgId) => {
          latencies.push(performance.now() - at);
          resolve(msgId);
        };
      });
      const done = deliver(channel, arrival, body).then(() => {
        free.push(channel);
        under.delete(done);
        next();
      });
      under.add(done);
    }
  };
  const started = performance.now();
  for (let sent = 0; sent < rate * SECONDS;) {
    await sleep(1);
    const now = performance.now();
    for (; started + (sent * 1000) / rate <= now; sent++) due.push(started + (sent * 1000) / rate);
    next();
  }
  while (under.size > 0) await Promise.all(under);
  return latencies;
}
