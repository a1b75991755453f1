/**
 * Whether a token or a subscription exists must not be observable (NTF §1.6): the same bytes, the same steps of the store and
 * one verification, which is what an answer's time is made of. Counted, not timed: a count does not depend on the machine.
 */
import { cryptoProvider, generateKeyPair, randomBytes } from '@polyplex/crypto';
import type { NtfCommand } from '@polyplex/protocol-ntf';
import type { TokenStore } from '@polyplex/store-contract';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { activeToken, newApp, register, snew, subscribe, type Token } from './support/device.ts';
import { connectInMemory, memoryCredentials } from './support/memory.ts';
import { createProxy } from './support/proxy.ts';
import { type RawClient, type Received, said, type Sent } from './support/raw-client.ts';

const steps: string[] = [];
const around = (store: TokenStore): TokenStore => new Proxy(store, {
  get(target, name, receiver) {
    const value: unknown = Reflect.get(target, name, receiver);
    if (typeof value !== 'function') return value;
    return (...args: unknown[]): unknown => {
      // With the length of the id: one that names nothing would be no look-up.
      steps.push(`${String(name)} ${String((args[0] as Uint8Array).length)}`);
      return (value as (...given: unknown[]) => unknown).apply(target, args);
    };
  },
});

let client: RawClient;
const tokens = new Map<string, Token>();
let subscriptionId: Uint8Array;
let unverified: Token;
beforeAll(async () => {
  const { server, store } = createProxy(memoryCredentials, { around });
  ({ client } = await connectInMemory(server));
  for (const kind of ['ed25519', 'ed448', 'x25519'] as const) tokens.set(kind, await activeToken(client, store, newApp(kind)));
  subscriptionId = await subscribe(client, tokens.get('ed25519')!);
  unverified = await register(client);
});

interface Seen {
  readonly said: string;
  readonly lengths: readonly number[];
  readonly steps: readonly string[];
  readonly verifications: number;
}

async function look(command: NtfCommand, sent: Sent): Promise<Seen> {
  const spies = (['ed25519Verify', 'ed448Verify', 'secretboxOpen'] as const).map((name) => vi.spyOn(cryptoProvider, name));
  steps.length = 0;
  const { reply, corrId, entityId }: Received = await client.askAll(command, { ...sent, corrId: randomBytes(24) });
  const verifications = spies.reduce((sum, { mock }) => sum + mock.calls.length, 0);
  for (const spy of spies) spy.mockRestore();
  return { said: said(reply), lengths: [corrId.length, entityId.length], steps: [...steps], verifications };
}

const REFUSED = { said: 'ERR AUTH', verifications: 1 };

describe.each(['ed25519', 'ed448', 'x25519'] as const)('authorised with %s', (kind) => {
  const wrong = generateKeyPair(kind).privateKey;
  const onToken: readonly NtfCommand[] = [{ tag: 'TCHK' }, { tag: 'TDEL' }, { tag: 'TVFY', code: randomBytes(32) }, { tag: 'TCRN', minutes: 5 }];

  it.each(onToken.map((command) => [command.tag, command] as const))('%s: a missing token, and one with another key, of each kind', async (_, command) => {
    const missing = await look(command, { entityId: randomBytes(24), key: wrong });
    expect(missing).toMatchObject({ ...REFUSED, steps: ['findToken 24'] });
    for (const token of tokens.values()) expect(await look(command, { entityId: token.tokenId, key: wrong })).toEqual(missing);
  });

  it.each(['SCHK', 'SDEL'] as const)('%s: a missing subscription, and one of another', async (tag) => {
    const missing = await look({ tag }, { entityId: randomBytes(24), key: wrong });
    expect(missing).toMatchObject({ ...REFUSED, steps: ['findSubscription 24', 'findToken 24'] });
    expect(await look({ tag }, { entityId: subscriptionId, key: wrong })).toEqual(missing);
    expect(await look({ tag }, { entityId: tokens.get('ed25519')!.tokenId, key: wrong })).toEqual(missing);
  });

  it('SNEW: a missing token, one with another key, one that may not yet', async () => {
    const missing = await look(snew({ tokenId: randomBytes(24) }), { key: wrong });
    expect(missing).toMatchObject({ ...REFUSED, steps: ['findToken 24'] });
    for (const token of tokens.values()) expect(await look(snew(token), { key: wrong })).toEqual(missing);
    expect(await look(snew(unverified), { key: wrong })).toEqual(missing);
    if (kind === 'ed25519') expect(await look(snew(unverified), { key: unverified.sent.key })).toEqual(missing);
  });
});
