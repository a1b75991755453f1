/** What does the relay hold for a connection, a subscribed queue, a stored message? Resident memory of its process. */
import { connectSmp, createQueue, type SmpClient, tlsDial } from '@polyplex/client';
import { randomBytes } from '@polyplex/crypto';
import { bytesEach, type Figure, spread } from '../lib/measure.ts';
import { startServer } from '../lib/server-process.ts';

/** Many, so that what does not grow with them weighs little. */
const CONNECTIONS = 5000;
const QUEUES = 20_000;
const MESSAGES = 5000;
const KIB = 1024;

export async function memory(): Promise<readonly Figure[]> {
  const server = await startServer('relay');
  const connect = (): Promise<SmpClient> => connectSmp({ address: server.address, dial: tlsDial({ allowAddress: () => true }) });
  const warm = await connect();
  const clients: SmpClient[] = [];
  const connection = await bytesEach(server, CONNECTIONS, () => spread(CONNECTIONS, 16, async () => void clients.push(await connect())));
  const senders: Uint8Array[] = [];
  await createQueue(warm);
  const queue = await bytesEach(server, QUEUES, () =>
    spread(QUEUES, 64, async (i) => void senders.push((await createQueue(clients[i % CONNECTIONS]!)).senderId)),
  );
  const body = randomBytes(16_048);
  const waiting = senders.slice(0, MESSAGES / 2);
  // Two messages each: the first is delivered and waits for its ACK, the second waits in the store.
  const message = await bytesEach(server, MESSAGES, () =>
    spread(MESSAGES, 64, async (i) => void (await warm.request({ tag: 'SEND', notify: false, body }, { entityId: waiting[i % waiting.length]! }))),
  );
  for (const client of [warm, ...clients]) client.close();
  await server.stop();
  return [
    { name: 'idle connection', value: connection / KIB, unit: 'KiB' },
    { name: 'created and subscribed queue', value: queue / KIB, unit: 'KiB' },
    { name: 'stored message of 16 KiB (cached pages of the store included)', value: message / KIB, unit: 'KiB' },
  ];
}
