/** What does a bare TLS echo of one 16 KiB block cost the server? */
import { BLOCK_SIZE_BYTES, type ServerAddress } from '@polyplex/protocol-common';
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

/** An echo server that has warmed up. */
export async function startEcho(): Promise<Echo> {
  const server = await startServer('echo');
  const run = async (blocks: number): Promise<void> => {
    await Promise.all(Array.from({ length: CONNECTIONS }, () => bounce(server.address, blocks / CONNECTIONS)));
  };
  await run(BLOCKS / 4);
  return { round: (blocks) => cpuEach(server, blocks, () => run(blocks)), stop: () => server.stop() };
}

/** Sends blocks over one connection, a few in flight, until all have come back. */
async function bounce({ keyHash, port }: ServerAddress, blocks: number): Promise<void> {
  const connection = await dialTls({ host: '127.0.0.1', port: Number(port), fingerprint: keyHash, allowAddress: () => true });
  let left = blocks;
  await new Promise<void>((resolve) => {
    connection.start({
      block(block) {
        if (--left === 0) resolve();
        else if (left >= IN_FLIGHT) connection.write(block);
      },
      drained: () => undefined,
      closed: () => undefined,
    });
    for (let i = 0; i < IN_FLIGHT; i++) connection.write(new Uint8Array(BLOCK_SIZE_BYTES));
  });
  connection.destroy('local');
}

export async function echo(): Promise<readonly Figure[]> {
  const server = await startEcho();
  const value = await server.round(BLOCKS);
  await server.stop();
  return [{ name: 'bare TLS echo of one block', value, unit: 'us CPU' }];
}
