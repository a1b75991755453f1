/** Stores on a Redis of the test, each test with keys of its own. */
import type { QueueStoreUnderTest } from '@polyplex/store-conformance';
import type { QueueStore } from '@polyplex/store-contract';
import { openRedisStore, type RedisStoreOptions } from '../src/index.ts';

let made = 0;

interface Servers extends Omit<RedisStoreOptions, 'servers'> {
  readonly servers: readonly { readonly port: number }[];
}

/** An empty store and what opens others on the same data. */
export async function underTest({ servers, ...rest }: Servers): Promise<QueueStoreUnderTest> {
  const options = { ...rest, servers: servers.map(({ port }) => ({ host: '127.0.0.1', port })) };
  const prefix = `t${String(process.pid)}x${String(made++)}`;
  const opened: QueueStore[] = [];
  const open = async (): Promise<QueueStore> => {
    const store = await openRedisStore({ prefix, ...options });
    opened.push(store);
    return store;
  };
  const store = await open();
  return {
    store,
    reopen: async () => {
      await opened[0]!.close();
      return (opened[0] = await openRedisStore({ prefix, ...options }));
    },
    peer: open,
    dispose: async () => {
      for (const each of opened) await each.close();
    },
  };
}
