/** What would a delivered message cost, in bare echoes, if it were its TLS and its cryptography alone? */
import { type BlockConnection, BLOCK_SIZE_BYTES } from '@polyplex/protocol-common';
import { dialTls } from '@polyplex/transport-tls';
import { repliesTo } from '../lib/floor-blocks.ts';
import { cpuEach, type Figure, median } from '../lib/measure.ts';
import { startServer } from '../lib/server-process.ts';
import { startEcho } from './echo.ts';

const CONNECTIONS = 20;
const IN_FLIGHT = 4;
const ROUNDS = 15;
const SHARE = 2000;

class Client {
  private readonly connection: BlockConnection;
  private sent = 0;
  private answered = 0;
  private toCome = 0;
  private last = 0;
  private done: () => void = () => undefined;

  constructor(connection: BlockConnection) {
    this.connection = connection;
    connection.start({ block: () => this.block(), drained: () => undefined, closed: () => undefined });
  }

  /** Two blocks for each message, and so many back as the server writes for it. */
  async run(messages: number): Promise<void> {
    this.last = this.sent + messages;
    const done = new Promise<void>((resolve) => (this.done = resolve));
    for (let i = 0; i < Math.min(IN_FLIGHT, messages); i++) this.send();
    await done;
  }

  private send(): void {
    if (this.toCome === 0 && this.answered === this.sent) this.toCome = repliesTo(this.answered);
    this.sent++;
    for (let i = 0; i < 2; i++) this.connection.write(new Uint8Array(BLOCK_SIZE_BYTES));
  }

  private block(): void {
    if (--this.toCome > 0) return;
    this.toCome = repliesTo(++this.answered);
    if (this.sent < this.last) this.send();
    else if (this.answered === this.last) this.done();
  }

  close(): void {
    this.connection.destroy('local');
  }
}

export async function floor(): Promise<readonly Figure[]> {
  const bare = await startEcho();
  const server = await startServer('floor');
  const { keyHash, port } = server.address;
  const clients = await Promise.all(Array.from({ length: CONNECTIONS }, async () =>
    new Client(await dialTls({ host: '127.0.0.1', port: Number(port), fingerprint: keyHash, allowAddress: () => true }))));
  const run = async (messages: number): Promise<void> => void (await Promise.all(clients.map((client) => client.run(messages / CONNECTIONS))));
  await run(4 * SHARE);
  const [each, ratios]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    const echoed = await bare.round(2 * SHARE);
    const message = await cpuEach(server, SHARE, () => run(SHARE));
    each.push(message);
    ratios.push(message / echoed);
  }
  for (const client of clients) client.close();
  await Promise.all([server.stop(), bare.stop()]);
  return [
    { name: 'TLS and cryptography of a delivered message, version 18', value: median(each), unit: 'us CPU' },
    { name: '  in bare echoes', value: median(ratios), unit: 'x' },
  ];
}
