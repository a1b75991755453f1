/** Real relays for all tests of a spec, and clients that end with the test that made them; what they log as a failure fails it. */
import { join } from 'node:path';
import { type DataFolder, openFolder, type ServerNode, startRelayNode } from '@polyplex/local-cluster';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { ChatClient, type ClientOptions } from './chat-client.ts';

export interface WithClients {
  /** There when the tests begin. */
  readonly relays: readonly ServerNode[];
  client(name: string, options?: Partial<ClientOptions>): ChatClient;
}

/** Called once, at the top of a spec. */
export function withClients(count = 1): WithClients {
  let folder: DataFolder;
  const relays: ServerNode[] = [];
  const clients: ChatClient[] = [];
  beforeAll(async () => {
    folder = await openFolder(undefined, 'chat');
    relays.push(...(await Promise.all(Array.from({ length: count }, (_, i) => startRelayNode({ folder: join(folder.path, String(i)) })))));
  });
  afterEach(() => {
    const all = clients.splice(0);
    for (const client of all) client.close();
    expect(all.flatMap(({ problems }) => problems)).toEqual([]);
  });
  afterAll(async () => {
    await Promise.all(relays.map((relay) => relay.stop()));
    await folder.remove();
  });
  return {
    relays,
    client(name, options = {}) {
      const made = new ChatClient(name, { relays: relays.map(({ address }) => address), ...options });
      clients.push(made);
      return made;
    },
  };
}
