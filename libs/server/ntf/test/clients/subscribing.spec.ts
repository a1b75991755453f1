/** Subscriptions by every status of their token (NTF §2.3 – §2.5), on a connection over TLS. */
import { concatBytes } from '@polyplex/base';
import { equalSecret, generateKeyPair, randomBytes } from '@polyplex/crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { activeToken, newDevice, RELAY, snew, subscribe, type Token } from './support/device.ts';
import { type TestProxy, startProxy } from './support/proxy.ts';
import { RawClient, said } from './support/raw-client.ts';

let proxy: TestProxy;
let client: RawClient;
beforeAll(async () => {
  proxy = await startProxy();
  client = await RawClient.connect(proxy);
});
afterAll(async () => {
  client.close();
  await proxy.stop();
});

const check = async (token: Token): Promise<string> => said(await client.ask({ tag: 'TCHK' }, token.sent));
const now = (): number => Date.now();

/** Takes what is due to the token and says what its push service answered. */
async function settle(token: Token, verification: 'delivered' | 'INVALID,UNREGISTERED' | 'INVALID,BAD'): Promise<void> {
  const jobs = await proxy.store.takeDue(now(), 1000, 1000);
  for (const job of jobs) {
    const isIt = equalSecret(job.token.tokenId, token.tokenId);
    await proxy.store.settle(job, { verification: isIt ? verification : 'delivered', retryAt: null }, now(), 1000);
  }
}

describe('SNEW', () => {
  it('stores a subscription as NEW, for the relay\'s side to take', async () => {
    const token = await activeToken(client, proxy.store);
    const command = snew(token);
    const subscriptionId = await subscribe(client, token, command);
    const stored = (await proxy.store.findSubscription(subscriptionId))!;
    expect(stored).toMatchObject({ status: 'NEW', relay: 'smp://CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=@smp.example:5223', tokenId: token.tokenId });
    expect(stored.notifierId).toEqual(command.notifierId);
    expect(stored.notifierKey).toEqual(concatBytes(Uint8Array.from(Buffer.from('302e020100300506032b657004220420', 'hex')), command.notifierKey.raw));
  });

  it('repeated: the same id; with another key of the notifier: AUTH; for another token: AUTH', async () => {
    const token = await activeToken(client, proxy.store);
    const other = await activeToken(client, proxy.store);
    const command = snew(token);
    const id = await subscribe(client, token, command);
    expect(await subscribe(client, token, command)).toEqual(id);
    const ask = async (changes: object, key = token.sent.key): Promise<string> => said(await client.ask({ ...command, ...changes }, { key }));
    expect(await ask({ notifierKey: generateKeyPair('ed25519').privateKey })).toBe('ERR AUTH');
    expect(await ask({ tokenId: other.tokenId }, other.sent.key)).toBe('ERR AUTH');
    expect(await ask({ tokenId: other.tokenId })).toBe('ERR AUTH');
  });

  it('a relay of old with and without its onion host is one', async () => {
    const token = await activeToken(client, proxy.store);
    const onion = 'beccx4yfxxbvyhqypaavemqurytl6hozr47wfc7uuecacjqdvwpw2xid.onion';
    const command = snew(token, { relay: { ...RELAY, hosts: ['smp8.simplex.im'] } });
    const id = await subscribe(client, token, command);
    expect(await subscribe(client, token, { ...command, relay: { ...RELAY, hosts: ['smp8.simplex.im', onion] } })).toEqual(id);
    const without = await subscribe(client, token, { ...command, relay: { ...RELAY, hosts: ['smp8.simplex.im', 'other.onion'] } });
    expect(without).not.toEqual(id);
  });

  it.each([['Ed448', 'ed448'], ['X25519', 'x25519']] as const)('with an %s key of the notifier', async (_, kind) => {
    const token = await activeToken(client, proxy.store);
    const command = snew(token, { notifierKey: generateKeyPair(kind).privateKey });
    expect(await subscribe(client, token, command)).toEqual(await subscribe(client, token, command));
  });

  it('of an unknown token, or signed by another key: AUTH', async () => {
    const token = await activeToken(client, proxy.store);
    expect(said(await client.ask(snew({ tokenId: randomBytes(24) }), { key: token.sent.key }))).toBe('ERR AUTH');
    expect(said(await client.ask(snew({ tokenId: randomBytes(0) }), { key: token.sent.key }))).toBe('ERR AUTH');
    expect(said(await client.ask(snew(token), { key: generateKeyPair('ed25519').privateKey }))).toBe('ERR AUTH');
  });
});

describe('SCHK and SDEL', () => {
  it('say what the relay said, and remove', async () => {
    const token = await activeToken(client, proxy.store);
    const command = snew(token);
    const entityId = await subscribe(client, token, command);
    const ask = async (tag: 'SCHK' | 'SDEL'): Promise<string> => said(await client.ask({ tag }, { ...token.sent, entityId }));
    const { relay } = (await proxy.store.findSubscription(entityId))!;
    for (const status of ['PENDING', 'ACTIVE', 'INACTIVE', 'END', 'DELETED', 'AUTH', 'SERVICE', 'ERR SMP error QUOTA'] as const) {
      await proxy.store.changeSubscriptions(relay, [{ notifierId: command.notifierId, status }]);
      expect(await ask('SCHK')).toBe(`SUB ${status}`);
    }
    expect(await ask('SDEL')).toBe('OK');
    expect(await ask('SDEL')).toBe('ERR AUTH');
    expect(await ask('SCHK')).toBe('ERR AUTH');
  });

  it('by another token, or on an unknown subscription: AUTH', async () => {
    const token = await activeToken(client, proxy.store);
    const other = await activeToken(client, proxy.store);
    const entityId = await subscribe(client, token);
    for (const tag of ['SCHK', 'SDEL'] as const) {
      expect(said(await client.ask({ tag }, { key: other.sent.key, entityId }))).toBe('ERR AUTH');
      expect(said(await client.ask({ tag }, { key: token.sent.key, entityId: randomBytes(24) }))).toBe('ERR AUTH');
      expect(said(await client.ask({ tag }, token.sent)), 'the id of a token names no subscription').toBe('ERR AUTH');
    }
    expect(await proxy.store.findSubscription(entityId)).not.toBeNull();
  });
});

describe('subscriptions by the status of the token (NTF §2.3)', () => {
  it.each([
    ['REGISTERED', 'refused'], ['CONFIRMED', 'refused'], ['ACTIVE', 'allowed'], ['INVALID,UNREGISTERED', 'allowed'],
  ] as const)('%s: %s', async (status, expected) => {
    const token = await activeToken(client, proxy.store);
    const entityId = await subscribe(client, token);
    if (status !== 'ACTIVE') expect(said(await client.ask({ tag: 'TRPL', device: newDevice() }, token.sent))).toBe('OK');
    if (status !== 'ACTIVE' && status !== 'REGISTERED') await settle(token, status === 'CONFIRMED' ? 'delivered' : status);
    expect(await check(token)).toBe(`TKN ${status}`);
    const { key } = token.sent;
    const answers = [await client.ask(snew(token), { key }), await client.ask({ tag: 'SCHK' }, { key, entityId }), await client.ask({ tag: 'SDEL' }, { key, entityId })];
    expect(answers.map(said)).toEqual(expected === 'allowed' ? ['IDSUB', 'SUB NEW', 'OK'] : ['ERR AUTH', 'ERR AUTH', 'ERR AUTH']);
    expect((await proxy.store.findSubscription(entityId)) === null).toBe(expected === 'allowed');
  });
});

it.each(['SNEW', 'SCHK'] as const)('the day of the last command is remembered: %s', async (tag) => {
  const token = await activeToken(client, proxy.store);
  const entityId = await subscribe(client, token);
  await proxy.store.touchToken(token.tokenId, 0);
  await client.ask(tag === 'SNEW' ? snew(token) : { tag }, { key: token.sent.key, ...(tag === 'SNEW' ? {} : { entityId }) });
  expect((await proxy.store.findToken(token.tokenId))!.usedOn).toBe(Math.floor(now() / 86_400_000) * 86_400);
});
