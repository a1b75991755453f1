/**
 * What does a relay hold for a connection, idle and busy, and for a subscription? Resident memory of its process without the
 * pages of files, of which the store's map is the largest, after collecting garbage; beside it what bare sockets hold, with
 * the same parameters of TLS, and their share in the heap of JavaScript.
 */
import type { Socket } from 'node:net';
import { connectSmp, createQueue, type RecipientQueue, type SmpClient, subscribeAll, tlsDial } from '@polyplex/client';
import { randomBytes } from '@polyplex/crypto';
import { maxBodyBytes } from '@polyplex/protocol-smp';
import { type BareKind, connectBare, echoBlock } from '../lib/bare-clients.ts';
import { closeAll, pair, run } from '../lib/channels.ts';
import { type Figure, spread } from '../lib/measure.ts';
import { type ServerProcess, startServer } from '../lib/server-process.ts';

/** Many, so that what does not grow with them weighs little. */
const CONNECTIONS = 2000;
const BUSY = 300;
const QUEUES_EACH = 20;
const SUBSCRIBED = 10_000;
const KIB = 1024;
const VERSION = 18;

interface Weighed {
  readonly resident: number;
  readonly heap: number;
}

async function weigh(server: ServerProcess): Promise<Weighed> {
  await server.settle();
  return { resident: server.anonymousBytes(), heap: (await server.held()).heap };
}

async function weighEach(server: ServerProcess, count: number, work: () => Promise<void>): Promise<Weighed> {
  const before = await weigh(server);
  await work();
  const after = await weigh(server);
  return { resident: (after.resident - before.resident) / count, heap: (after.heap - before.heap) / count };
}

async function bare(kind: BareKind): Promise<readonly Figure[]> {
  const server = await startServer('bare-sockets', kind);
  const port = Number(server.address.port);
  const sockets: Socket[] = [];
  const connect = async (): Promise<Socket> => {
    const socket = await connectBare(kind, port);
    sockets.push(socket);
    return socket;
  };
  // So much garbage has been there before that the connections that count find room made for it.
  const warm = await Promise.all(Array.from({ length: 50 }, connect));
  for (let i = 0; i < 100; i++) await Promise.all(warm.map(echoBlock));
  const fresh: Socket[] = [];
  const each = await weighEach(server, CONNECTIONS, () =>
    spread(CONNECTIONS, 16, async () => {
      const socket = await connect();
      fresh.push(socket);
      for (let block = 0; block < 2; block++) await echoBlock(socket);
    }));
  for (const socket of sockets) socket.destroy();
  await server.stop();
  return both(kind === 'tls' ? 'bare TLS socket of Node, after two blocks each way' : 'bare TCP socket, after two blocks each way', each);
}

function both(name: string, { resident, heap }: Weighed): readonly Figure[] {
  return [
    { name, value: resident / KIB, unit: 'KiB' },
    { name: '  in the heap', value: heap / KIB, unit: 'KiB' },
  ];
}

function connect(server: ServerProcess): Promise<SmpClient> {
  return connectSmp({ address: server.address, dial: tlsDial({ allowAddress: () => true }), versions: { min: 6, max: VERSION } });
}

async function relay(name: string, ...args: readonly string[]): Promise<readonly Figure[]> {
  const server = await startServer('relay', ...args);
  const body = randomBytes(maxBodyBytes(VERSION));
  const warm = (await Promise.all(Array.from({ length: 10 }, () => pair({ sender: server.address, recipient: server.address, version: VERSION })))).flat();
  await run(warm, 6000, body);
  const idle: SmpClient[] = [];
  const connection = await weighEach(server, CONNECTIONS, () => spread(CONNECTIONS, 16, async () => void idle.push(await connect(server))));
  const owner = await connect(server);
  const queues: RecipientQueue[] = [];
  const queue = await weighEach(server, SUBSCRIBED, () =>
    spread(SUBSCRIBED, 64, async () => void queues.push(await createQueue(owner, { keyKind: 'x25519', subscribe: false }))));
  const subscription = await weighEach(server, SUBSCRIBED, () => subscribeSome(idle, queues));
  const busy = await weighEach(server, BUSY, () => makeBusy(server, body));
  closeAll(warm);
  for (const client of [...idle, owner]) client.close();
  await server.kill();
  return [
    ...both(`${name}: idle connection`, connection),
    { name: `${name}: queue that nobody is subscribed to`, value: queue.resident, unit: 'B' },
    { name: '  in the heap', value: queue.heap, unit: 'B' },
    { name: `${name}: subscription`, value: subscription.resident, unit: 'B' },
    { name: '  in the heap', value: subscription.heap, unit: 'B' },
    ...both(`${name}: busy connection, 20 queues, one message through each`, busy),
  ];
}

async function subscribeSome(clients: readonly SmpClient[], queues: readonly RecipientQueue[]): Promise<void> {
  const users = queues.length / QUEUES_EACH;
  await spread(users, 16, async (i) => {
    const share = queues.slice(i * QUEUES_EACH, (i + 1) * QUEUES_EACH);
    await subscribeAll(clients[i]!, share.map(({ recipientId, key }) => ({ kind: 'SUB', entityId: recipientId, key })));
  });
}

/** One after another: what they hold counts, not what their first messages leave as garbage at one time. */
async function makeBusy(server: ServerProcess, body: Uint8Array): Promise<void> {
  const at = { sender: server.address, recipient: server.address, version: VERSION };
  await spread(BUSY / 2, 4, async () => {
    const channels = await pair(at);
    await run(channels, channels.length, body);
  });
}

export async function memory(): Promise<readonly Figure[]> {
  return [
    ...(await bare('tcp')),
    ...(await bare('tls')),
    ...(await relay('relay, records by OpenSSL')),
    ...(await relay('relay, records by us', 'own-records')),
  ];
}
