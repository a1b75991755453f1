/**
 * What does counting cost of a delivered message? All that the relay counts and times for one (SEND, delivery, ACK: two
 * blocks in, three out), done by itself many times, beside the CPU of a whole message in the same run.
 */
import { systemClock } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import { maxBodyBytes, type SmpCommandTag } from '@polyplex/protocol-smp';
import { SmpStats, type Stage } from '@polyplex/server-smp';
import { timed } from '@polyplex/telemetry';
import { closeAll, pair, run } from '../lib/channels.ts';
import { cpuEach, type Figure, median } from '../lib/measure.ts';
import { startServer } from '../lib/server-process.ts';

const PAIRS = 10;
const MESSAGES = 20_000;
const ROUNDS = 5;
const COUNTED = 200_000;
const VERSION = 18;
const MICROS = 1000;

/** What is observed at once, for each of the two blocks in. */
const IN: readonly Stage[] = ['decrypt', 'parse', 'authorize', 'encode'];
const IDS = Array.from({ length: 1024 }, () => randomBytes(24));
const done = Promise.resolve();
const nothing = (): Promise<void> => done;

/** Everything that is counted for one message. */
async function countMessage(stats: SmpStats, id: Uint8Array): Promise<void> {
  for (const tag of ['SEND', 'ACK'] as const) await countCommand(stats, tag);
  for (let block = 0; block < 3; block++) observe(stats, 'encrypt');
  stats.messagesSent.add();
  stats.activeQueues.add(id);
  const at = systemClock.now();
  stats.pendingDeliveries.begin(at);
  stats.messagesDelivered.add();
  stats.pendingDeliveries.end(at);
  stats.messagesReceived.add();
  stats.acknowledgeSeconds.observe((systemClock.now() - at) / MICROS);
  stats.activeQueues.add(id);
}

async function countCommand(stats: SmpStats, tag: SmpCommandTag): Promise<void> {
  for (const stage of IN) observe(stats, stage);
  await timed(stats.stages.store, nothing);
  const began = performance.now();
  stats.commands.add(tag);
  stats.commandSeconds.of(tag).observe((performance.now() - began) / MICROS);
}

function observe({ stages }: SmpStats, stage: Stage): void {
  const began = performance.now();
  stages[stage].observe((performance.now() - began) / MICROS);
}

/** Microseconds of CPU that counting one message takes in this process. */
async function countingMicros(): Promise<number> {
  const stats = new SmpStats(systemClock);
  const before = process.cpuUsage();
  for (let i = 0; i < COUNTED; i++) await countMessage(stats, IDS[i % IDS.length]!);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / COUNTED;
}

export async function counting(): Promise<readonly Figure[]> {
  const server = await startServer('relay');
  const channels = (await Promise.all(Array.from({ length: PAIRS }, () => pair({ sender: server.address, recipient: server.address, version: VERSION })))).flat();
  const body = randomBytes(maxBodyBytes(VERSION));
  await run(channels, MESSAGES / 4, body);
  await countingMicros();
  const [messages, counts]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    const share = MESSAGES / ROUNDS;
    messages.push(await cpuEach(server, share, () => run(channels, share, body)));
    counts.push(await countingMicros());
  }
  closeAll(channels);
  await server.stop();
  const [message, count] = [median(messages), median(counts)];
  return [
    { name: `delivered message, version ${String(VERSION)}`, value: message, unit: 'us CPU' },
    { name: '  of which counting and timing', value: count, unit: 'us CPU' },
    { name: '  share', value: (100 * count) / message, unit: '%' },
  ];
}
