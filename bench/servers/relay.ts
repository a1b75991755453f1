/** The relay as it is shipped: durable embedded store, default options, the heap as `polyplex start` sets it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { systemClock } from '@polyplex/base';
import { createSmpServer, DEFAULT_OPTIONS } from '@polyplex/server-smp';
import { openEmbeddedStore } from '@polyplex/store-embedded';
import { silentLogger } from '@polyplex/telemetry';
import { serve } from './serve.ts';

setFlagsFromString('--max-semi-space-size=32');

await serve(async (credentials) => {
  const folder = await mkdtemp(join(tmpdir(), 'polyplex-bench-'));
  const store = await openEmbeddedStore({ path: folder });
  const server = createSmpServer(
    {
      store,
      clock: systemClock,
      log: { ...silentLogger, error: (text, fields) => console.error(text, fields) },
      credentials: () => credentials,
      dialRelay: () => Promise.reject(new Error('no relays')),
    },
    { ...DEFAULT_OPTIONS, newQueuesPerMinute: 0, newQueuesPerMinutePerAddress: 0, drainMs: 0 },
  );
  return {
    accept: (connection) => server.accept(connection),
    async stop() {
      await server.drain();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
