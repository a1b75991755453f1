/**
 * How long do messages take on a relay that is busy but not full, and how long does its garbage collector hold them up? An open
 * load at 70 % of what the relay did at its best a moment before: messages are due at their time, whether or not those before
 * them have come, and are counted from then. The relay has a processor of its own, where there are two; without that, latencies
 * are of a machine that is busy with the clients as well. And there is another client, which has one message at a time in a process
 * that goes first on the clients' processor; who sends goes before who receives. A fixed computation beside the relay tells what the
 * machine itself held up.
 */
import { getPriority, setPriority } from 'node:os';
import { maxBodyBytes } from '@polyplex/protocol-smp';
import { apart } from '../lib/affinity.ts';
import { startBystander } from '../lib/bystander.ts';
import { cpuEach, type Figure } from '../lib/measure.ts';
import { type OpenTimes, startLoad } from '../lib/prepared-load.ts';
import { startProbe } from '../lib/probe.ts';
import { startServer } from '../lib/server-process.ts';

const PAIRS = 10;
const VERSION = 18;
const AT_BEST = 15_000;
const SHARE = 0.7;
/** All that is sent in it lies ready: up to some 600 MiB. */
const SECONDS = 20;
/** Behind the other client; lowering one's own is what any process may. */
const [SENDING, RECEIVING] = [5, 10];

export async function pauses(): Promise<readonly Figure[]> {
  const server = await startServer('relay');
  const alone = apart(server.pid);
  const load = await startLoad({ address: server.address, version: VERSION, pairs: PAIRS, bodyBytes: maxBodyBytes(VERSION) });
  await load.full(AT_BEST / 3);
  const best = await load.full(AT_BEST);
  const other = await startBystander(server);
  setPriority(load.senderPid, Math.max(getPriority(), SENDING));
  setPriority(load.recipientPid, Math.max(getPriority(), RECEIVING));
  const probe = await startProbe(alone);
  const rate = SHARE * best;
  const messages = Math.round(rate * SECONDS);
  await load.prepare(messages);
  await server.pauses();
  await Promise.all([other.times(), probe?.figures()]);
  const times: OpenTimes[] = [];
  const cpu = await cpuEach(server, messages, async () => void times.push(await load.open(messages, rate)));
  const collected = await server.pauses();
  const { delivered } = await other.times();
  const machine = (await probe?.figures()) ?? [];
  await Promise.all([other.end(), load.end(), probe?.end()]);
  await server.stop();
  const [ours] = times;
  const share = (values: readonly number[], part: number): number => values.toSorted((a, b) => a - b)[Math.floor(part * (values.length - 1))] ?? 0;
  return [
    { name: `messages a second, at best${alone ? ', on one core' : ''}`, value: best, unit: '/s' },
    { name: `delivery at ${SHARE * 100} % of that, median`, value: share(ours!.delivered, 0.5), unit: 'ms' },
    { name: '  p99', value: share(ours!.delivered, 0.99), unit: 'ms' },
    { name: '  p99.9', value: share(ours!.delivered, 0.999), unit: 'ms' },
    { name: '  the slowest', value: share(ours!.delivered, 1), unit: 'ms' },
    { name: '  of that, until it was sent, p99', value: share(ours!.late, 0.99), unit: 'ms' },
    { name: 'delivery to another client meanwhile, median', value: share(delivered, 0.5), unit: 'ms' },
    { name: '  p99', value: share(delivered, 0.99), unit: 'ms' },
    { name: '  the slowest', value: share(delivered, 1), unit: 'ms' },
    { name: 'of the relay, each message', value: cpu, unit: 'us CPU' },
    { name: 'pauses of the collector, a second', value: collected.length / SECONDS, unit: '/s' },
    { name: '  median', value: share(collected, 0.5), unit: 'ms' },
    { name: '  p99', value: share(collected, 0.99), unit: 'ms' },
    { name: '  longest', value: share(collected, 1), unit: 'ms' },
    { name: '  share of the time', value: collected.reduce((sum, each) => sum + each, 0) / (SECONDS * 10), unit: '%' },
    ...machine,
  ];
}
