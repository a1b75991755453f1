/** What does a new connection cost: TLS, the hellos, and the session ready for commands? */
import { connectSmp, tlsDial } from '@polyplex/client';
import { cpuEach, type Figure, spread } from '../lib/measure.ts';
import { startServer } from '../lib/server-process.ts';

const HANDSHAKES = 2000;

export async function handshakes(): Promise<readonly Figure[]> {
  const server = await startServer('relay');
  const connect = async (): Promise<void> => {
    const client = await connectSmp({ address: server.address, dial: tlsDial({ allowAddress: () => true }) });
    client.close();
    await client.closed;
  };
  await spread(HANDSHAKES / 10, 8, connect);
  const value = await cpuEach(server, HANDSHAKES, () => spread(HANDSHAKES, 8, connect));
  await server.stop();
  return [{ name: 'handshake (TLS 1.3, X448, and SMP)', value, unit: 'us CPU' }];
}
