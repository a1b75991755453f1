/**
 * What does a MiB cost the file server, up and down, beside a server that only has HTTP/2 and TLS? And what does it hold
 * for each of many transfers at once?
 */
import { connectXftp, http2Dial, type XftpClient } from '@polyplex/client';
import { generateKeyPair, type KeyPair, randomBytes, sha256 } from '@polyplex/crypto';
import { dialHttp2, type HttpClientConnection } from '@polyplex/transport-http2';
import { bytesEach, cpuEach, type Figure, median, spread } from '../lib/measure.ts';
import { type ServerProcess, startServer } from '../lib/server-process.ts';

const MIB = 1024 * 1024;
const CHUNK_BYTES = 4 * MIB;
const CONNECTIONS = 4;
/** Chunks in each direction of a round. */
const CHUNKS = 32;
const ROUNDS = 5;
const TRANSFERS = 500;

const body = randomBytes(CHUNK_BYTES);
const digest = sha256(body);

/** 16 KiB each, as they come over a line. */
function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 16_384) yield bytes.subarray(at, at + 16_384);
}

/** Transfers that are held half-way shall not be given up. */
const PATIENCE = { requestMs: 600_000, chunkMs: 600_000 };

const connect = ({ address }: ServerProcess): Promise<XftpClient> =>
  connectXftp({ address, dial: http2Dial({ allowAddress: () => true }), timeouts: PATIENCE });

interface Registered {
  readonly sender: { readonly id: Uint8Array; readonly key: KeyPair<'ed25519'>['privateKey'] };
  readonly recipient: { readonly id: Uint8Array; readonly key: KeyPair<'ed25519'>['privateKey'] };
}

async function register(client: XftpClient): Promise<Registered> {
  const [sender, recipient] = [generateKeyPair('ed25519'), generateKeyPair('ed25519')];
  const { senderId, recipientIds } = await client.createChunk({ sender, size: CHUNK_BYTES, digest, recipientKeys: [recipient.publicKey], password: null });
  return { sender: { id: senderId, key: sender.privateKey }, recipient: { id: recipientIds[0]!, key: recipient.privateKey } };
}

async function upload(client: XftpClient): Promise<Registered> {
  const chunk = await register(client);
  await client.uploadChunk(chunk.sender, CHUNK_BYTES, pieces(body));
  return chunk;
}

const download = (client: XftpClient, { recipient }: Registered, take = (): void => undefined): Promise<void> =>
  client.downloadChunk(recipient, { size: CHUNK_BYTES, digest }, take);

async function bareTransfer(connection: HttpClientConnection, sent: Uint8Array, wanted: number): Promise<void> {
  const response = await connection.request({ headers: { 'x-bytes': String(wanted) }, body: pieces(sent) });
  for await (const _ of response.body);
}

interface Costs {
  readonly up: number;
  readonly down: number;
}

/** Microseconds of server CPU for a MiB. */
async function round(server: ServerProcess, clients: readonly XftpClient[]): Promise<Costs> {
  const chunks: Registered[] = [];
  const up = await cpuEach(server, (CHUNKS * CHUNK_BYTES) / MIB, () =>
    spread(CHUNKS, CONNECTIONS, async (i) => void chunks.push(await upload(clients[i % CONNECTIONS]!))));
  const down = await cpuEach(server, (CHUNKS * CHUNK_BYTES) / MIB, () =>
    spread(CHUNKS, CONNECTIONS, (i) => download(clients[i % CONNECTIONS]!, chunks[i]!)));
  await spread(CHUNKS, CONNECTIONS, (i) => clients[i % CONNECTIONS]!.deleteChunk(chunks[i]!.sender));
  return { up, down };
}

async function bareRound(server: ServerProcess, connections: readonly HttpClientConnection[]): Promise<Costs> {
  const transfer = (sent: Uint8Array, wanted: number): Promise<number> =>
    cpuEach(server, (CHUNKS * CHUNK_BYTES) / MIB, () => spread(CHUNKS, CONNECTIONS, (i) => bareTransfer(connections[i % CONNECTIONS]!, sent, wanted)));
  return { up: await transfer(body, 0), down: await transfer(new Uint8Array(0), CHUNK_BYTES) };
}

async function dialBare({ address }: ServerProcess): Promise<HttpClientConnection> {
  return dialHttp2({ host: address.hosts[0]!, port: Number(address.port), fingerprint: address.keyHash, alpn: ['h2'], allowAddress: () => true });
}

async function throughput(): Promise<readonly Figure[]> {
  const [server, bare] = [await startServer('file-server'), await startServer('bare-http2')];
  const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => connect(server)));
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => dialBare(bare)));
  const [ours, bares]: [Costs[], Costs[]] = [[], []];
  for (let i = 0; i <= ROUNDS; i++) {
    const costs = [await round(server, clients), await bareRound(bare, connections)] as const;
    if (i === 0) continue; // to warm up
    ours.push(costs[0]);
    bares.push(costs[1]);
  }
  for (const each of [...clients, ...connections]) each.close();
  await Promise.all([server.stop(), bare.stop()]);
  const figures = (['up', 'down'] as const).flatMap((way) => {
    const [cost, least] = [median(ours.map((each) => each[way])), median(bares.map((each) => each[way]))];
    const name = way === 'up' ? 'uploaded MiB' : 'downloaded MiB';
    return [
      { name: `${name}, bare HTTP/2 over TLS`, value: least, unit: 'µs CPU' },
      { name, value: cost, unit: 'µs CPU' },
      { name: `${name}, beside the bare one`, value: median(ours.map((each, i) => each[way] / bares[i]![way])), unit: 'times' },
    ];
  });
  return figures;
}

/** Each at work on a connection of its own, half-way, until `go`. */
async function held(server: ServerProcess, start: (client: XftpClient, go: Promise<void>, halfway: () => void) => Promise<void>): Promise<number> {
  const clients: XftpClient[] = [];
  await spread(TRANSFERS, 10, async () => void clients.push(await connect(server)));
  const go = Promise.withResolvers<void>();
  const running: Promise<void>[] = [];
  const each = await bytesEach(server, TRANSFERS, () =>
    spread(TRANSFERS, 25, (i) => new Promise((resolve, reject) => {
      const transfer = start(clients[i]!, go.promise, resolve);
      transfer.catch(reject);
      running.push(transfer);
    })));
  go.resolve();
  await Promise.all(running);
  for (const client of clients) client.close();
  return each;
}

async function transfersAtOnce(): Promise<readonly Figure[]> {
  const server = await startServer('file-server');
  const client = await connect(server);
  const chunk = await upload(client);
  const up = await held(server, async (each, go, halfway) => {
    const { sender } = await register(each);
    await each.uploadChunk(sender, CHUNK_BYTES, (async function* () {
      yield* pieces(body.subarray(0, CHUNK_BYTES / 2));
      halfway();
      await go;
      yield* pieces(body.subarray(CHUNK_BYTES / 2));
    })());
  });
  const down = await held(server, async (each, go, halfway) => {
    let taken = 0;
    await each.downloadChunk(chunk.recipient, { size: CHUNK_BYTES, digest }, (piece) => {
      taken += piece.length;
      if (taken < CHUNK_BYTES / 4) return undefined;
      halfway();
      return go;
    });
  });
  client.close();
  await server.stop();
  return [
    { name: `upload half-way, of ${TRANSFERS}`, value: up / 1024, unit: 'KiB' },
    { name: `download half-way, of ${TRANSFERS}`, value: down / 1024, unit: 'KiB' },
  ];
}

export async function files(): Promise<readonly Figure[]> {
  return [...(await throughput()), ...(await transfersAtOnce())];
}
