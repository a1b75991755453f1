/**
 * Does the relay grow? A moderate load for an hour: messages, connections that come and go, queues that are made and deleted,
 * clients that subscribe again, and many that are only there. What it holds after collecting garbage is sampled all the time;
 * growth after the first quarter beyond a tolerance is a failure.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { acknowledge, connectSmp, createQueue, deleteQueue, sendMessage, type SmpClient, subscribeAll, tlsDial } from '@polyplex/client';
import { randomBytes } from '@polyplex/crypto';
import { maxBodyBytes } from '@polyplex/protocol-smp';
import { type Channel, closeAll, deliver, pair } from '../lib/channels.ts';
import { growthOf, type Sample } from '../lib/growth.ts';
import { type Figure, median, spread } from '../lib/measure.ts';
import { type ServerProcess, startServer } from '../lib/server-process.ts';

const PAIRS = 4;
const IDLE = 200;
const VERSION = 18;
const MINUTE_MS = 60_000;
const KIB = 1024;

export interface SoakPlan {
  readonly minutes: number;
  /** Messages, and visits (a new connection with a queue of its own for two messages), a second. */
  readonly messages: number;
  readonly visits: number;
  readonly samples: number;
}

const HOUR_PLAN: SoakPlan = { minutes: 60, messages: 50, visits: 2, samples: 240 };

/** What is looked at, and how much of it may come from the end of the first quarter to the end. */
export const TOLERANCES = {
  /** Of some 15 MiB. The compiler's and the runtime's own tables settle late. */
  heap: 512 * KIB,
  external: 1024 * KIB,
  /** Fragmentation and the heap's own idea of its size are in it. */
  anonymous: 16 * KIB * KIB,
  handles: 2,
  descriptors: 2,
} as const;
export type Watched = keyof typeof TOLERANCES;

export interface SoakResult {
  readonly delivered: number;
  readonly visits: number;
  /** CPU of the relay, in cores. */
  readonly cores: number;
  readonly first: Readonly<Record<Watched, number>>;
  readonly last: Readonly<Record<Watched, number>>;
  readonly growth: Readonly<Record<Watched, number>>;
  /** What grew beyond its tolerance. */
  readonly failures: readonly Watched[];
}

const WATCHED = Object.keys(TOLERANCES) as readonly Watched[];

function connect(server: ServerProcess): Promise<SmpClient> {
  return connectSmp({ address: server.address, dial: tlsDial({ allowAddress: () => true }) });
}

/** Repeats something at a rate until it is over; what is still running when it is due again is not started twice. */
async function every(intervalMs: number, until: number, step: () => Promise<void>): Promise<number> {
  let done = 0;
  for (let due = performance.now(); due < until; due += intervalMs) {
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
    else due = performance.now();
    await step();
    done++;
  }
  return done;
}

/** What a short visit does: everything that is made in it is gone after it. */
async function visit(server: ServerProcess, body: Uint8Array): Promise<void> {
  let arrived: (msgId: Uint8Array) => void = () => undefined;
  const client = await connectSmp({
    address: server.address,
    dial: tlsDial({ allowAddress: () => true }),
    onEvent: (_entityId, reply) => reply.tag === 'MSG' && arrived(Uint8Array.from(reply.msgId)),
  });
  const queue = await createQueue(client, { keyKind: 'x25519' });
  for (let i = 0; i < 2; i++) {
    const arrival = new Promise<Uint8Array>((resolve) => (arrived = resolve));
    await sendMessage(client, { senderId: queue.senderId, key: null }, body);
    await acknowledge(client, queue, await arrival);
  }
  await deleteQueue(client, queue);
  client.close();
}

/** A client that comes with the queues of a channel's recipient, takes them over, and gives them back. */
async function takeTurns(server: ServerProcess, channels: readonly Channel[]): Promise<void> {
  const guest = await connect(server);
  const { queue } = channels[Math.floor(Math.random() * channels.length)]!;
  await subscribeAll(guest, [{ kind: 'SUB', entityId: queue.recipientId, key: queue.key }]);
  guest.close();
}

async function look(server: ServerProcess): Promise<Record<Watched, number>> {
  const { heap, external, handles } = await server.held();
  return { heap, external, handles, anonymous: server.anonymousBytes(), descriptors: server.descriptors() };
}

export async function soak(plan: SoakPlan, told: (text: string) => void = () => undefined): Promise<SoakResult> {
  const server = await startServer('relay');
  const body = randomBytes(maxBodyBytes(VERSION));
  const idle: SmpClient[] = [];
  await spread(IDLE, 8, async () => void idle.push(await connect(server)));
  const pairs = await Promise.all(Array.from({ length: PAIRS + 1 }, () => pair({ sender: server.address, recipient: server.address, version: VERSION })));
  // The last pair's queues are taken away from it again and again; the others' carry the messages.
  const [guests, channels] = [pairs.at(-1)!, pairs.slice(0, -1).flat()];
  const samples: (Record<Watched, number> & { readonly at: number })[] = [];
  const cpuBefore = server.cpuMicros();
  const started = performance.now();
  const until = started + plan.minutes * MINUTE_MS;
  let delivered = 0;
  const one = async (channel: Channel): Promise<void> => {
    const arrival = new Promise<Uint8Array>((resolve) => (channel.arrived = resolve));
    await deliver(channel, arrival, body);
    delivered++;
  };
  const [, visits] = await Promise.all([
    Promise.all(channels.map((channel) => every((1000 * channels.length) / plan.messages, until, () => one(channel)))),
    every(1000 / plan.visits, until, () => visit(server, body)),
    every(5000, until, () => takeTurns(server, guests)),
    every((plan.minutes * MINUTE_MS) / plan.samples, until, async () => {
      samples.push({ at: performance.now() - started, ...(await look(server)) });
      if (samples.length % Math.ceil(plan.samples / 12) === 0) told(JSON.stringify(samples.at(-1)));
    }),
  ]);
  const cores = (server.cpuMicros() - cpuBefore) / 1000 / (performance.now() - started);
  closeAll([...channels, ...guests]);
  for (const client of idle) client.close();
  await server.stop();
  return { delivered, visits, cores, ...judge(samples) };
}

/** The first quarter is for warming up: caches, the compiler, and the memory that the runtime keeps. */
export function judge(all: readonly (Readonly<Record<Watched, number>> & { readonly at: number })[]): Pick<SoakResult, 'first' | 'last' | 'growth' | 'failures'> {
  const samples = all.slice(Math.floor(all.length / 4));
  const tenth = Math.max(1, Math.floor(samples.length / 10));
  const of = (values: (watched: Watched) => number): Record<Watched, number> =>
    Object.fromEntries(WATCHED.map((watched) => [watched, values(watched)])) as Record<Watched, number>;
  const growth = of((watched) => growthOf(samples.map((sample): Sample => ({ at: sample.at, value: sample[watched] }))));
  return {
    first: of((watched) => median(samples.slice(0, tenth).map((sample) => sample[watched]))),
    last: of((watched) => median(samples.slice(-tenth).map((sample) => sample[watched]))),
    growth,
    failures: WATCHED.filter((watched) => growth[watched] > TOLERANCES[watched]),
  };
}

/** An hour; fails when something has grown. */
export async function soakForAnHour(): Promise<readonly Figure[]> {
  const result = await soak(HOUR_PLAN, (text) => console.log(text));
  if (result.failures.length > 0) process.exitCode = 1;
  return figuresOf(result);
}

function figuresOf({ delivered, visits, cores, first, last, growth, failures }: SoakResult): readonly Figure[] {
  const unitOf = (watched: Watched): { readonly unit: string; readonly by: number } =>
    watched === 'handles' || watched === 'descriptors' ? { unit: '', by: 1 } : { unit: 'KiB', by: KIB };
  return [
    { name: 'messages delivered', value: delivered, unit: '' },
    { name: 'visits', value: visits, unit: '' },
    { name: 'relay', value: cores, unit: 'cores' },
    ...WATCHED.flatMap((watched) => {
      const { unit, by } = unitOf(watched);
      return [
        { name: `${watched} after a quarter`, value: first[watched] / by, unit },
        { name: '  at the end', value: last[watched] / by, unit },
        { name: `  grown (may ${TOLERANCES[watched] / by})${failures.includes(watched) ? ': TOO MUCH' : ''}`, value: growth[watched] / by, unit },
      ];
    }),
  ];
}
