/** What does a bare TLS echo of one 16 KiB block cost the server? */
import { BLOCK_SIZE_BYTES } from '@polyplex/protocol-common';
import { dialTls } from '@polyplex/transport-tls';
import { cpuEach, type Figure } from '../lib/measure.ts';
import { startServer } from '../lib/server-process.ts';

const CONNECTIONS = 20;
const IN_FLIGHT = 4;
const BLOCKS = 40_000;

export async function echo(): Promise<readonly Figure[]> {
  const server = await startServer('echo');
  const { keyHash, port } = server.address;
  const run = (blocks: number): Promise<unknown> =>
    Promise.all(
      Array.from({ length: CONNECTIONS }, async () => {
        const connection = await dialTls({ host: '127.0.0.1', port: Number(port), fingerprint: keyHash, allowAddress: () => true });
        let left = blocks / CONNECTIONS;
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
      }),
    );
  await run(BLOCKS / 4);
  const value = await cpuEach(server, BLOCKS, async () => void (await run(BLOCKS)));
  await server.stop();
  return [{ name: 'bare TLS echo of one block', value, unit: 'us CPU' }];
}
