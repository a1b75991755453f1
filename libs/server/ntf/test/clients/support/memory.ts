/** Connections without sockets, for what needs a fake clock, a paused reader or no noise. */
import { fingerprintOf } from '@polyplex/crypto';
import { connectionPair, type ConnectionPair, type ConnectionPairOptions } from '@polyplex/testing';
import type { NtfServer } from '../../../src/index.ts';
import { inboxOf } from './inbox.ts';
import { issue } from './proxy.ts';
import { RawClient } from './raw-client.ts';

export const memoryCredentials = issue();
const keyHash = fingerprintOf(memoryCredentials.chain)!;

export function pair(options: ConnectionPairOptions = {}): ConnectionPair {
  return connectionPair({ alpn: 'ntf/1', blockBytes: 512, serverChain: memoryCredentials.chain, ...options });
}

export async function connectInMemory(server: NtfServer, { version = 3, ...options }: ConnectionPairOptions & { readonly version?: number } = {}): Promise<{ client: RawClient; ends: ConnectionPair }> {
  const ends = pair(options);
  server.accept(ends.server);
  return { client: await RawClient.over({ connection: ends.client, ...inboxOf(ends.client) }, keyHash, version), ends };
}
