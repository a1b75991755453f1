/** Tokens and ids that change between a look and a step: the answer is that of what is stored then. */
import { equalBytes } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import type { TokenStore } from '@polyplex/store-contract';
import { describe, expect, it } from 'vitest';
import { activeToken, codeOf, newApp, newDevice, register, snew, tnew } from './support/device.ts';
import { connectInMemory, memoryCredentials } from './support/memory.ts';
import { createProxy } from './support/proxy.ts';
import { said } from './support/raw-client.ts';

/** A store of which one method does something of its own instead, as often as it wants. */
function withStep<N extends keyof TokenStore>(name: N, instead: (target: TokenStore) => TokenStore[N]) {
  return (store: TokenStore): TokenStore => new Proxy(store, { get: (target, key, receiver) => (key === name ? instead(target) : (Reflect.get(target, key, receiver) as unknown)) });
}

/** Each time after a token was looked up, `change` happens to it, up to `times`. */
async function afterLook(times: number, change: (store: TokenStore, tokenId: Uint8Array) => Promise<unknown>) {
  let left = 0;
  const around = withStep('findToken', (target) => async (tokenId) => {
    const found = await target.findToken(tokenId);
    if (left > 0) {
      left--;
      await change(target, tokenId);
    }
    return found;
  });
  const { server, store } = createProxy(memoryCredentials, { around });
  const { client } = await connectInMemory(server);
  const token = await register(client);
  const code = await codeOf(store, token);
  left = times;
  return { answer: said(await client.ask({ tag: 'TVFY', code }, token.sent)), status: (await store.findToken(token.tokenId))?.status };
}

describe('TVFY', () => {
  it.each([1, 3])('of a token that changed %i times meanwhile: goes by its present record', async (times) => {
    expect(await afterLook(times, (store, tokenId) => store.setCron(tokenId, 20 + times, Date.now()))).toEqual({ answer: 'OK', status: 'ACTIVE' });
  });

  it('of a token that never stands still: INTERNAL, in the end', async () => {
    let minutes = 20;
    expect((await afterLook(100, (store, tokenId) => store.setCron(tokenId, ++minutes, Date.now()))).answer).toBe('ERR INTERNAL');
  });

  it('of a token that got another device and code meanwhile: AUTH', async () => {
    const replace = (store: TokenStore, tokenId: Uint8Array) => store.replaceDevice(tokenId, { device: { provider: 'apns_prod', token: randomBytes(8) }, code: randomBytes(32) }, Date.now());
    expect(await afterLook(1, replace)).toEqual({ answer: 'ERR AUTH', status: 'REGISTERED' });
  });

  it('of a token that went meanwhile: AUTH', async () => {
    expect(await afterLook(1, (store, tokenId) => store.removeToken(tokenId))).toEqual({ answer: 'ERR AUTH', status: undefined });
  });
});

it.each(['TRPL', 'TDEL', 'TCRN'] as const)('%s of a token that went meanwhile: AUTH', async (tag) => {
  let remove = false;
  const around = withStep('findToken', (target) => async (tokenId) => {
    const found = await target.findToken(tokenId);
    if (remove) await target.removeToken(tokenId);
    return found;
  });
  const { server } = createProxy(memoryCredentials, { around });
  const { client } = await connectInMemory(server);
  const token = await register(client);
  remove = true;
  const command = { TRPL: { tag: 'TRPL', device: newDevice() }, TDEL: { tag: 'TDEL' }, TCRN: { tag: 'TCRN', minutes: 20 } } as const;
  expect(said(await client.ask(command[tag], token.sent))).toBe('ERR AUTH');
});

describe('ids that are taken', () => {
  it('TNEW and SNEW try others', async () => {
    const seen = { tokens: new Set<string>(), subscriptions: new Set<string>() };
    const taken = <T>(seenIds: Set<string>, id: Uint8Array, step: () => Promise<T>): Promise<T | { status: 'collision' }> => {
      seenIds.add(Buffer.from(id).toString('hex'));
      return seenIds.size === 1 ? Promise.resolve({ status: 'collision' as const }) : step();
    };
    const around = (store: TokenStore): TokenStore => withStep('createSubscription', (target) => (subscription) => taken(seen.subscriptions, subscription.subscriptionId, () => target.createSubscription(subscription)))(
      withStep('createToken', (target) => (token, now) => taken(seen.tokens, token.tokenId, () => target.createToken(token, now)))(store),
    );
    const { server, store } = createProxy(memoryCredentials, { around });
    const { client } = await connectInMemory(server);
    const token = await activeToken(client, store);
    expect(said(await client.ask(snew(token), { key: token.sent.key }))).toBe('IDSUB');
    expect([seen.tokens.size, seen.subscriptions.size]).toEqual([2, 2]);
  });

  it('a device that another connection registered a moment ago: its token', async () => {
    let looks = 0;
    const around = withStep('findTokenOf', (target) => (device, authKey) => (looks++ === 0 ? Promise.resolve(null) : target.findTokenOf(device, authKey)));
    const plain = createProxy(memoryCredentials);
    const { client: before } = await connectInMemory(plain.server);
    const app = newApp();
    const token = await register(before, app);
    const { server } = createProxy(memoryCredentials, { store: plain.store, around });
    const { client } = await connectInMemory(server);
    const reply = await client.ask(tnew(app), { key: app.authKeys.privateKey });
    expect(reply.tag === 'IDTKN' && equalBytes(reply.tokenId, token.tokenId)).toBe(true);
  });
});
