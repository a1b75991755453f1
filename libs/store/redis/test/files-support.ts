/** File stores on a Redis of the test, each test with keys of its own. */
import type { FileStoreUnderTest } from '@polyplex/store-conformance';
import type { FileStore } from '@polyplex/store-contract';
import { openRedisFileStore } from '../src/index.ts';

let made = 0;

/** Redis has a clock that tests cannot move. */
const GRACE_MS = 100;
const MARGIN_MS = 5;

export async function filesUnderTest(servers: readonly { readonly port: number }[]): Promise<FileStoreUnderTest> {
  const options = {
    servers: servers.map(({ port }) => ({ host: '127.0.0.1', port })), prefix: `f${String(process.pid)}x${String(made++)}`, graceMs: GRACE_MS,
  };
  const opened: FileStore[] = [];
  const open = async (): Promise<FileStore> => {
    const store = await openRedisFileStore(options);
    opened.push(store);
    return store;
  };
  return {
    store: await open(),
    graceMs: GRACE_MS,
    advance: (ms) => new Promise((resolve) => setTimeout(resolve, ms + MARGIN_MS)),
    reopen: async () => {
      await opened[0]!.close();
      return (opened[0] = await openRedisFileStore(options));
    },
    peer: open,
    dispose: async () => {
      for (const each of opened) await each.close();
    },
  };
}
