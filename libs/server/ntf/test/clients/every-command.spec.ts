/** Every command in every state (NTF §2.3, §2.4), on a connection over TLS. */
import { equalSecret, generateKeyPair, randomBytes } from '@polyplex/crypto';
import type { TokenRecord } from '@polyplex/store-contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { activeToken, codeOf, newApp, newDevice, register, snew, subscribe, tnew, type Token, verify } from './support/device.ts';
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

const record = async ({ tokenId }: Token): Promise<TokenRecord> => (await proxy.store.findToken(tokenId))!;
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

const isDue = async (token: Token): Promise<boolean> => {
  const jobs = await proxy.store.takeDue(now(), 1000, 1);
  for (const job of jobs) await proxy.store.settle(job, { retryAt: null }, now(), 1);
  return jobs.some((job) => job.verification && equalSecret(job.token.tokenId, token.tokenId));
};

describe('TNEW', () => {
  it('stores a token with an agreed secret and a code, and a push is due', async () => {
    const token = await register(client);
    const stored = await record(token);
    expect(stored).toMatchObject({ status: 'REGISTERED', cronMinutes: 0, device: { provider: 'apns_prod' } });
    expect(stored.tokenId).toHaveLength(24);
    expect(stored.code).toHaveLength(32);
    expect(stored.dhSecret).toEqual(token.secret);
    expect(await isDue(token)).toBe(true);
    expect(await check(token)).toBe('TKN REGISTERED');
  });

  it('repeated with the same keys: same id, same key of the server, same code', async () => {
    const app = newApp();
    const first = await register(client, app);
    const code = await codeOf(proxy.store, first);
    const again = await register(client, app);
    expect([again.tokenId, again.secret, await codeOf(proxy.store, again)]).toEqual([first.tokenId, first.secret, code]);
  });

  it('repeated with another DH key: AUTH', async () => {
    const app = newApp();
    await register(client, app);
    expect(said(await client.ask(tnew({ ...app, dhKeys: generateKeyPair('x25519') }), { key: app.authKeys.privateKey }))).toBe('ERR AUTH');
  });

  it('signed with another key than the one inside: AUTH, nothing stored', async () => {
    const app = newApp();
    const before = (await proxy.store.counts()).tokens;
    expect(said(await client.ask(tnew(app), { key: generateKeyPair('ed25519').privateKey }))).toBe('ERR AUTH');
    expect((await proxy.store.counts()).tokens).toBe(before);
  });

  it('with a DH key that agrees on nothing: AUTH', async () => {
    const app = newApp();
    const zero = { ...tnew(app), dhKey: { kind: 'x25519' as const, raw: new Uint8Array(32) } };
    expect(said(await client.ask(zero, { key: app.authKeys.privateKey }))).toBe('ERR AUTH');
  });

  it('an answer that was lost while the token became ACTIVE leaves it so', async () => {
    const app = newApp();
    const token = await activeToken(client, proxy.store, app);
    await register(client, app);
    expect(await check(token)).toBe('TKN ACTIVE');
  });

  it('on an INVALID token: REGISTERED, and a push is due again', async () => {
    const app = newApp();
    const token = await register(client, app);
    await settle(token, 'INVALID,UNREGISTERED');
    expect(await check(token)).toBe('TKN INVALID,UNREGISTERED');
    expect(await isDue(token)).toBe(false);
    await register(client, app);
    expect(await check(token)).toBe('TKN REGISTERED');
    expect(await isDue(token)).toBe(true);
    expect(said(await verify(client, proxy.store, token))).toBe('OK');
  });
});

describe('TVFY', () => {
  it('the right code: ACTIVE, and OK again when repeated', async () => {
    const token = await register(client);
    expect(said(await verify(client, proxy.store, token))).toBe('OK');
    expect(said(await verify(client, proxy.store, token))).toBe('OK');
    expect(await check(token)).toBe('TKN ACTIVE');
  });

  it('from CONFIRMED', async () => {
    const token = await register(client);
    await settle(token, 'delivered');
    expect(await check(token)).toBe('TKN CONFIRMED');
    expect(said(await verify(client, proxy.store, token))).toBe('OK');
  });

  it.each([['another', 32], ['a longer', 33], ['none', 0]])('%s code: AUTH, and the status stays', async (_, length) => {
    const token = await register(client);
    expect(said(await client.ask({ tag: 'TVFY', code: randomBytes(length) }, token.sent))).toBe('ERR AUTH');
    expect(await check(token)).toBe('TKN REGISTERED');
  });

  it('INVALID: AUTH even with the right code', async () => {
    const token = await register(client);
    await settle(token, 'INVALID,BAD');
    expect(said(await verify(client, proxy.store, token))).toBe('ERR AUTH');
    expect(await check(token)).toBe('TKN INVALID,BAD');
  });

  it('removes the other tokens of the device, with their subscriptions', async () => {
    const device = newDevice();
    const first = await activeToken(client, proxy.store, newApp('ed25519', device));
    const subscriptionId = await subscribe(client, first);
    const second = await register(client, newApp('ed25519', device));
    expect(await check(first)).toBe('TKN ACTIVE');
    expect(said(await verify(client, proxy.store, second))).toBe('OK');
    expect(await check(first)).toBe('ERR AUTH');
    expect(await check(second)).toBe('TKN ACTIVE');
    expect(await proxy.store.findSubscription(subscriptionId)).toBeNull();
  });

  it('goes by what is stored when it changes between the check and the step', async () => {
    const token = await register(client);
    // Two at once: the second finds another revision than it looked up, or the same; both are right.
    const code = await codeOf(proxy.store, token);
    client.send(client.transmission({ tag: 'TVFY', code }, token.sent), client.transmission({ tag: 'TVFY', code }, token.sent));
    expect([said((await client.next()).reply), said((await client.next()).reply)]).toEqual(['OK', 'OK']);
  });
});

describe('TRPL', () => {
  it('another device, another code, REGISTERED; id, keys, interval and subscriptions stay', async () => {
    const token = await activeToken(client, proxy.store);
    const subscriptionId = await subscribe(client, token);
    expect(said(await client.ask({ tag: 'TCRN', minutes: 30 }, token.sent))).toBe('OK');
    const before = await record(token);
    const device = newDevice('apns_dev');
    expect(said(await client.ask({ tag: 'TRPL', device }, token.sent))).toBe('OK');
    const after = await record(token);
    expect(after).toMatchObject({ status: 'REGISTERED', cronMinutes: 30, device: { provider: 'apns_dev' }, dhSecret: before.dhSecret, authKey: before.authKey });
    expect(after.code).not.toEqual(before.code);
    expect(said(await client.ask({ tag: 'TVFY', code: before.code }, token.sent))).toBe('ERR AUTH');
    expect(said(await client.ask({ tag: 'SCHK' }, { ...token.sent, entityId: subscriptionId }))).toBe('ERR AUTH');
    expect(said(await verify(client, proxy.store, token))).toBe('OK');
    expect(said(await client.ask({ tag: 'SCHK' }, { ...token.sent, entityId: subscriptionId }))).toBe('SUB NEW');
  });

  it('works in any status', async () => {
    const token = await register(client);
    await settle(token, 'INVALID,UNREGISTERED');
    expect(said(await client.ask({ tag: 'TRPL', device: newDevice() }, token.sent))).toBe('OK');
    expect(await check(token)).toBe('TKN REGISTERED');
  });

  it('a device that has a token with this key: AUTH', async () => {
    const app = newApp();
    await register(client, app);
    const other = await register(client, { ...app, device: newDevice() });
    expect(said(await client.ask({ tag: 'TRPL', device: app.device }, other.sent))).toBe('ERR AUTH');
  });
});

describe('TDEL', () => {
  it('removes the token and its subscriptions', async () => {
    const token = await activeToken(client, proxy.store);
    const subscriptionId = await subscribe(client, token);
    expect(said(await client.ask({ tag: 'TDEL' }, token.sent))).toBe('OK');
    for (const command of ['TDEL', 'TCHK'] as const) expect(said(await client.ask({ tag: command }, token.sent))).toBe('ERR AUTH');
    expect(said(await client.ask({ tag: 'SCHK' }, { ...token.sent, entityId: subscriptionId }))).toBe('ERR AUTH');
    expect(await proxy.store.findSubscription(subscriptionId)).toBeNull();
  });
});

describe('TCRN', () => {
  it.each([[0, 'OK'], [1, 'ERR QUOTA'], [19, 'ERR QUOTA'], [20, 'OK'], [65_535, 'OK']])('%i minutes: %s', async (minutes, expected) => {
    const token = await register(client);
    expect(said(await client.ask({ tag: 'TCRN', minutes }, token.sent))).toBe(expected);
    expect((await record(token)).cronMinutes).toBe(expected === 'OK' ? minutes : 0);
  });
});

it('PING', async () => {
  const answer = await client.askAll({ tag: 'PING' });
  expect([said(answer.reply), answer.entityId.length]).toEqual(['PONG', 0]);
});

it('answers echo the entity, but for new ones', async () => {
  const app = newApp();
  expect((await client.askAll(tnew(app), { key: app.authKeys.privateKey })).entityId).toHaveLength(0);
  const token = await activeToken(client, proxy.store);
  expect((await client.askAll({ tag: 'TCHK' }, token.sent)).entityId).toEqual(token.tokenId);
  expect((await client.askAll(snew(token), { key: token.sent.key })).entityId).toHaveLength(0);
});

it('the day of the last command is remembered', async () => {
  const token = await register(client);
  await proxy.store.touchToken(token.tokenId, 0);
  await check(token);
  expect((await record(token)).usedOn).toBe(Math.floor(now() / 86_400_000) * 86_400);
});
