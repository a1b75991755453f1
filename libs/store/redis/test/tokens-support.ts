/** Token stores on a Redis of the test, each test with keys of its own. */
import type { TokenStoreUnderTest } from '@polyplex/store-conformance';
import type { TokenStore } from '@polyplex/store-contract';
import { openRedisTokenStore, type RedisTokenStoreOptions } from '../src/index.ts';

let made = 0;

/** Redis has a clock that tests cannot move. */
const MARGIN_MS = 5;

type Servers = readonly { readonly port: number }[];

export function tokenOptions(servers: Servers): RedisTokenStoreOptions & { readonly prefix: string } {
  return { servers: servers.map(({ port }) => ({ host: '127.0.0.1', port })), prefix: `n${String(process.pid)}x${String(made++)}` };
}

export async function tokensUnderTest(servers: Servers): Promise<TokenStoreUnderTest> {
  const options = tokenOptions(servers);
  const opened: TokenStore[] = [];
  const open = async (): Promise<TokenStore> => {
    const store = await openRedisTokenStore(options);
    opened.push(store);
    return store;
  };
  return {
    store: await open(),
    now: () => Date.now(),
    advance: (ms) => new Promise((resolve) => setTimeout(resolve, ms + MARGIN_MS)),
    reopen: async () => {
      await opened[0]!.close();
      return (opened[0] = await openRedisTokenStore(options));
    },
    peer: open,
    dispose: async () => {
      for (const each of opened) await each.close();
    },
  };
}
