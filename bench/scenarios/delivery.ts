/**
 * What does a delivered message cost: SEND and its OK, MSG, ACK and its OK, with the body as large as it may be, block
 * encryption, X25519 authorisation on both sides, and the durable store? And how many bare echoes of a block is that?
 */
import { connectSmp, createQueue, type RecipientQueue, type SmpClient, tlsDial } from '@polyplex/client';
import { generateKeyPair, type KeyPair, randomBytes } from '@polyplex/crypto';
import { maxBodyBytes } from '@polyplex/protocol-smp';
import { cpuEach, type Figure, median, spread } from '../lib/measure.ts';
import { type ServerProcess, startServer } from '../lib/server-process.ts';
import { type Echo, startEcho } from './echo.ts';

const PAIRS = 10;
const QUEUES_A_PAIR = 20;
const MESSAGES = 40_000;
/** The two servers take turns, so that a busy machine slows both. */
const ROUNDS = 10;

interface Channel {
  readonly sender: SmpClient;
  readonly recipient: SmpClient;
  readonly queue: RecipientQueue;
  readonly key: KeyPair<'x25519'>;
  arrived: (msgId: Uint8Array) => void;
}

async function pair(server: ServerProcess, version: number): Promise<readonly Channel[]> {
  const channels = new Map<string, Channel>();
  const options = { address: server.address, dial: tlsDial({ allowAddress: () => true }), versions: { min: 6, max: version } };
  const recipient = await connectSmp({
    ...options,
    onEvent(entityId, reply) {
      if (reply.tag === 'MSG') channels.get(Buffer.from(entityId).toString('latin1'))!.arrived(Uint8Array.from(reply.msgId));
    },
  });
  const sender = await connectSmp(options);
  for (let i = 0; i < QUEUES_A_PAIR; i++) {
    const queue = await createQueue(recipient, { keyKind: 'x25519' });
    const key = generateKeyPair('x25519');
    await sender.request({ tag: 'SKEY', senderKey: key.publicKey }, { entityId: queue.senderId, key: key.privateKey });
    channels.set(Buffer.from(queue.recipientId).toString('latin1'), { sender, recipient, queue, key, arrived: () => undefined });
  }
  return [...channels.values()];
}

/** One message from SEND to the answer of its ACK. */
async function deliver({ sender, recipient, queue, key }: Channel, arrival: Promise<Uint8Array>, body: Uint8Array): Promise<void> {
  const sent = await sender.request({ tag: 'SEND', notify: false, body }, { entityId: queue.senderId, key: key.privateKey });
  if (sent.tag !== 'OK') throw new Error(`SEND was answered ${sent.tag}`);
  const msgId = await arrival;
  const acknowledged = await recipient.request({ tag: 'ACK', msgId }, { entityId: queue.recipientId, key: queue.key });
  if (acknowledged.tag !== 'OK') throw new Error(`ACK was answered ${acknowledged.tag}`);
}

async function run(channels: readonly Channel[], messages: number, body: Uint8Array): Promise<void> {
  const share = messages / channels.length;
  await spread(channels.length, channels.length, async (i) => {
    const channel = channels[i]!;
    for (let n = 0; n < share; n++) {
      const arrival = new Promise<Uint8Array>((resolve) => (channel.arrived = resolve));
      await deliver(channel, arrival, body);
    }
  });
}

/** One version: what a message costs, with what a bare echo costs at the same time beside it. */
async function measure(version: number, bare: Echo): Promise<readonly Figure[]> {
  const server = await startServer('relay');
  const channels = (await Promise.all(Array.from({ length: PAIRS }, () => pair(server, version)))).flat();
  const body = randomBytes(maxBodyBytes(version));
  await run(channels, MESSAGES / 4, body);
  const rounds = { message: [] as number[], echo: [] as number[], ratio: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    const share = MESSAGES / ROUNDS;
    const message = await cpuEach(server, share, () => run(channels, share, body));
    const echoed = await bare.round(2 * share);
    rounds.message.push(message);
    rounds.echo.push(echoed);
    rounds.ratio.push(message / echoed);
  }
  const alone = channels.slice(0, 1);
  const lone = await cpuEach(server, MESSAGES / 20, () => run(alone, MESSAGES / 20, body));
  for (const { sender, recipient } of channels) {
    sender.close();
    recipient.close();
  }
  await server.stop();
  const name = `delivered message, version ${version}`;
  return [
    { name: `${name}, ${channels.length} in flight`, value: median(rounds.message), unit: 'us CPU' },
    { name: '  bare TLS echo of one block meanwhile', value: median(rounds.echo), unit: 'us CPU' },
    { name: '  in bare echoes', value: median(rounds.ratio), unit: 'x' },
    { name: `${name}, one at a time`, value: lone, unit: 'us CPU' },
  ];
}

export async function delivery(versions: readonly number[] = [18, 10]): Promise<readonly Figure[]> {
  const bare = await startEcho();
  const figures: Figure[] = [];
  for (const version of versions) figures.push(...(await measure(version, bare)));
  await bare.stop();
  return figures;
}
