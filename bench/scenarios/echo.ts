/** What does a bare TLS echo of one 16 KiB block cost the server? */
import { type BlockConnection, BLOCK_SIZE_BYTES } from '@polyplex/protocol-common';
import { dialTls } from '@polyplex/transport-tls';
import { cpuEach, type Figure } from '../lib/measure.ts';
import { startServer } from '../lib/server-process.ts';

const CONNECTIONS = 20;
const IN_FLIGHT = 4;
const BLOCKS = 40_000;

export interface Echo {
  /** Microseconds of server CPU for a block, over `blocks` of them. */
  round(blocks: number): Promise<number>;
  stop(): Promise<void>;
}

/** An echo server that has warmed up; its connections stay, so that no handshake counts. */
export async function startEcho(): Promise<Echo> {
  const server = await startServer('echo');
  const { keyHash, port } = server.address;
  const bouncers = await Promise.all(Array.from({ length: CONNECTIONS }, async () =>
    new Bouncer(await dialTls({ host: '127.0.0.1', port: Number(port), fingerprint: keyHash, allowAddress: () => true }))));
  const run = async (blocks: number): Promise<void> => {
    await Promise.all(bouncers.map((each) => each.bounce(blocks / CONNECTIONS)));
  };
  await run(BLOCKS / 4);
  return {
    round: (blocks) => cpuEach(server, blocks, () => run(blocks)),
    async stop() {
      for (const each of bouncers) each.close();
      await server.stop();
    },
  };
}

class Bouncer {
  readonly #connection: BlockConnection;
  #toSend = 0;
  #toCome = 0;
  #done: () => void = () => undefined;

  constructor(connection: BlockConnection) {
    this.#connection = connection;
    connection.start({
      block: (block) => {
        if (this.#toSend-- > 0) connection.write(block);
        if (--this.#toCome === 0) this.#done();
      },
      drained: () => undefined,
      closed: () => undefined,
    });
  }

  /** Sends blocks, a few in flight, until all have come back. */
  async bounce(blocks: number): Promise<void> {
    const first = Math.min(IN_FLIGHT, blocks);
    this.#toCome = blocks;
    this.#toSend = blocks - first;
    const done = new Promise<void>((resolve) => (this.#done = resolve));
    for (let i = 0; i < first; i++) this.#connection.write(new Uint8Array(BLOCK_SIZE_BYTES));
    await done;
  }

  close(): void {
    this.#connection.destroy('local');
  }
}

export async function echo(): Promise<readonly Figure[]> {
  const server = await startEcho();
  const value = await server.round(BLOCKS);
  await server.stop();
  return [{ name: 'bare TLS echo of one block', value, unit: 'us CPU' }];
}
