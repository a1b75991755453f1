/** The relay as it is shipped: a durable store, default options, the heap as `polyplex start` sets it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { systemClock } from '@polyplex/base';
import { createSmpServer, DEFAULT_OPTIONS } from '@polyplex/server-smp';
import { openEmbeddedStore } from '@polyplex/store-embedded';
import { openRedisStore } from '@polyplex/store-redis';
import { silentLogger } from '@polyplex/telemetry';
import { OWN_RECORDS, serve } from './serve.ts';

setFlagsFromString('--max-semi-space-size=32');

/** With arguments, one node of many: the ports of the Redis servers, separated by commas, and the prefix of the keys. */
const [ports, prefix = 'smp'] = process.argv.slice(2).filter((argument) => argument !== OWN_RECORDS);

await serve(async (credentials) => {
  const folder = await mkdtemp(join(tmpdir(), 'polyplex-bench-'));
  const store = ports === undefined
    ? await openEmbeddedStore({ path: folder })
    : await openRedisStore({ servers: ports.split(',').map((port) => ({ host: '127.0.0.1', port: Number(port) })), prefix });
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
