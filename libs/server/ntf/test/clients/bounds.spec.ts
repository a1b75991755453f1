/** What holds a client and an operator's choice in bounds: limits, policy, idleness, drain, a store that fails. */
import { HOUR, MINUTE, utf8 } from '@polyplex/base';
import { generateKeyPair } from '@polyplex/crypto';
import type { DeviceToken } from '@polyplex/protocol-ntf';
import { StoreError, type TokenStore } from '@polyplex/store-contract';
import { silentLogger } from '@polyplex/telemetry';
import { createFakeClock } from '@polyplex/testing';
import { describe, expect, it } from 'vitest';
import { DEFAULT_NTF_OPTIONS } from '../../src/index.ts';
import { activeToken, newApp, newDevice, register, snew, tnew } from './support/device.ts';
import { connectInMemory, memoryCredentials, pair } from './support/memory.ts';
import { createProxy, type ProxyOptions } from './support/proxy.ts';
import { type RawClient, said } from './support/raw-client.ts';

const proxyOf = (options: ProxyOptions = {}): ReturnType<typeof createProxy> => createProxy(memoryCredentials, options);
const askNew = async (client: RawClient, device = newDevice()): Promise<string> => {
  const app = newApp('ed25519', device);
  return said(await client.ask(tnew(app), { key: app.authKeys.privateKey }));
};

/** Where a window of two minutes would begin as well. */
const EVEN_MINUTE = 14_166_667 * 2 * MINUTE;

describe('limits in a minute', () => {
  it('of TNEW and TRPL by one address, on all its connections', async () => {
    const clock = createFakeClock(EVEN_MINUTE);
    const { server, store, stats } = proxyOf({ clock, options: { newTokensPerMinutePerAddress: 3 } });
    const [{ client }, { client: second }] = [await connectInMemory(server), await connectInMemory(server)];
    const { client: other } = await connectInMemory(server, { server: { addressKey: 'elsewhere' } });
    const token = await activeToken(client, store);
    expect(await askNew(second)).toBe('IDTKN');
    expect(said(await client.ask({ tag: 'TRPL', device: newDevice() }, token.sent))).toBe('OK');
    expect(await askNew(client)).toBe('ERR QUOTA');
    expect(said(await second.ask({ tag: 'TRPL', device: newDevice() }, token.sent))).toBe('ERR QUOTA');
    expect(await askNew(other)).toBe('IDTKN');
    expect(stats.tokenRefusals.get('addressLimit')).toBe(2);
    clock.advance(MINUTE);
    expect(await askNew(client)).toBe('IDTKN');
  });

  it('of TNEW in all', async () => {
    const { server, stats } = proxyOf({ clock: createFakeClock(), options: { newTokensPerMinute: 2 } });
    const { client } = await connectInMemory(server);
    const { client: other } = await connectInMemory(server, { server: { addressKey: 'elsewhere' } });
    expect([await askNew(client), await askNew(other), await askNew(other), await askNew(client)]).toEqual(['IDTKN', 'IDTKN', 'ERR QUOTA', 'ERR QUOTA']);
    expect(stats.tokenRefusals.get('limit')).toBe(2);
  });

  it('of SNEW by one address; what is not authorised does not count', async () => {
    const { server, store, stats } = proxyOf({ clock: createFakeClock(), options: { newSubscriptionsPerMinutePerAddress: 2 } });
    const { client } = await connectInMemory(server);
    const token = await activeToken(client, store);
    const ask = async (key = token.sent.key): Promise<string> => said(await client.ask(snew(token), { key }));
    expect([await ask(generateKeyPair('ed25519').privateKey), await ask(), await ask(), await ask()]).toEqual(['ERR AUTH', 'IDSUB', 'IDSUB', 'ERR QUOTA']);
    expect([...stats.subscriptionRefusals.values]).toEqual([['auth', 1], ['addressLimit', 1]]);
  });
});

describe('policy', () => {
  const webPush = (host: string): DeviceToken => ({
    provider: 'webpush', host, port: '', path: '/x', auth: new Uint8Array(16),
    p256dh: Uint8Array.from(Buffer.from('BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4', 'base64url')),
  });

  it('push services that are not allowed: PROHIBITED, for TNEW and TRPL', async () => {
    const { server, stats } = proxyOf({ options: { providers: ['apns_prod'] } });
    const { client } = await connectInMemory(server);
    for (const device of [newDevice('apns_test'), newDevice('apns_dev'), webPush('push.example'), { provider: 'apns_null', token: utf8('x') } as const]) {
      expect(await askNew(client, device), device.provider).toBe('ERR CMD PROHIBITED');
    }
    const token = await register(client);
    expect(said(await client.ask({ tag: 'TRPL', device: newDevice('apns_test') }, token.sent))).toBe('ERR CMD PROHIBITED');
    expect(stats.tokenRefusals.get('provider')).toBe(5);
  });

  it('the test service is not allowed by default', () => {
    expect(DEFAULT_NTF_OPTIONS.providers).not.toContain('apns_test');
  });

  it.each([
    ['push.example', 'IDTKN'], ['PUSH.example', 'IDTKN'], ['a.push.example', 'IDTKN'], ['xpush.example', 'ERR CMD PROHIBITED'], ['push.example.net', 'ERR CMD PROHIBITED'], ['127.0.0.1', 'ERR CMD PROHIBITED'],
  ])('a list of push hosts: %s: %s', async (host, expected) => {
    const { server } = proxyOf({ options: { pushHosts: ['push.Example'] } });
    const { client } = await connectInMemory(server);
    expect(await askNew(client, webPush(host))).toBe(expected);
  });

  it('no new tokens: AUTH, but known ones register again', async () => {
    const open = proxyOf();
    const { client } = await connectInMemory(open.server);
    const app = newApp();
    await register(client, app);
    const closed = proxyOf({ options: { newTokens: false }, around: () => open.store });
    const { client: other } = await connectInMemory(closed.server);
    expect(await askNew(other)).toBe('ERR AUTH');
    expect(said(await other.ask(tnew(app), { key: app.authKeys.privateKey }))).toBe('IDTKN');
  });

  it('a wrong signature is told before policy is', async () => {
    const { server } = proxyOf({ options: { providers: [] } });
    const { client } = await connectInMemory(server);
    expect(said(await client.ask(tnew(newApp()), { key: generateKeyPair('ed25519').privateKey }))).toBe('ERR AUTH');
  });
});

describe('connections', () => {
  it('without a hello in time are closed', async () => {
    const clock = createFakeClock();
    const { server } = proxyOf({ clock, options: { handshakeTimeoutMs: 1000 } });
    const ends = pair();
    server.accept(ends.server);
    const closed = new Promise<string>((resolve) => ends.client.start({ block: () => undefined, drained: () => undefined, closed: resolve }));
    clock.advance(999);
    expect(server.gauges().connections).toBe(1);
    clock.advance(1);
    expect(await closed).toBe('peer');
    expect(server.gauges().connections).toBe(0);
  });

  it('on which nothing happens are closed, others not', async () => {
    const clock = createFakeClock();
    const { server, stats } = proxyOf({ clock, options: { inactiveTtlMs: 12 * HOUR, inactiveCheckMs: HOUR } });
    const { client: idle } = await connectInMemory(server);
    const { client: busy } = await connectInMemory(server);
    await idle.ask({ tag: 'PING' });
    clock.advance(11 * HOUR);
    expect(said(await busy.ask({ tag: 'PING' }))).toBe('PONG');
    clock.advance(2 * HOUR);
    expect(await idle.closed).toBe('peer');
    expect(said(await busy.ask({ tag: 'PING' }))).toBe('PONG');
    expect(stats.closed.get('idle')).toBe(1);
    expect(server.gauges()).toMatchObject({ connections: 1, sessions: 1, byVersion: { v3: 1 } });
  });

  it('are not read while too much is unanswered', async () => {
    const waiting: (() => void)[] = [];
    let holding = false;
    const slow = (store: TokenStore): TokenStore => new Proxy(store, {
      get: (target, name, receiver) => name !== 'findToken' ? Reflect.get(target, name, receiver) as unknown : async (id: Uint8Array) => {
        if (holding) await new Promise<void>((resolve) => waiting.push(resolve));
        return target.findToken(id);
      },
    });
    const { server, store } = proxyOf({ around: slow, options: { commandsInFlight: 4 } });
    const { client, ends } = await connectInMemory(server);
    const token = await activeToken(client, store);
    holding = true;
    for (let i = 0; i < 50; i++) client.send(client.transmission(snew(token), { key: token.sent.key }));
    while (!ends.server.isPaused) await new Promise((resolve) => setImmediate(resolve));
    expect(waiting.length).toBeLessThanOrEqual(5);
    holding = false;
    for (const go of waiting.splice(0)) go();
    for (let i = 0; i < 50; i++) expect(said((await client.next()).reply)).toBe('IDSUB');
  });

  it('that do not read are not read either, and count as slow', async () => {
    const { server } = proxyOf();
    const { client, ends } = await connectInMemory(server, { highWaterBytes: 2048 });
    ends.server.hold();
    for (let i = 0; i < 100; i++) client.send(client.transmission({ tag: 'PING' }));
    while (!ends.server.isPaused) await new Promise((resolve) => setImmediate(resolve));
    expect(server.gauges()).toMatchObject({ slowSessions: 1 });
    expect(server.gauges().outboxBytes).toBeGreaterThanOrEqual(2048);
    ends.server.release();
    for (let i = 0; i < 100; i++) expect(said((await client.next()).reply)).toBe('PONG');
  });
});

describe('drain', () => {
  it('answers what is in flight, closes, and takes no more', async () => {
    let go = (): void => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    let holding = false;
    const around = (store: TokenStore): TokenStore => new Proxy(store, {
      get: (target, name, receiver) => name !== 'setCron' ? Reflect.get(target, name, receiver) as unknown : async (...args: Parameters<TokenStore['setCron']>) => {
        if (holding) await held;
        return target.setCron(...args);
      },
    });
    const { server, store, stats } = proxyOf({ around });
    const { client } = await connectInMemory(server);
    const token = await activeToken(client, store);
    holding = true;
    client.send(client.transmission({ tag: 'TCRN', minutes: 20 }, token.sent));
    while (stats.commands.get('TCRN') === 0) await new Promise((resolve) => setImmediate(resolve));
    const drained = server.drain();
    go();
    expect(said((await client.next()).reply)).toBe('OK');
    await drained;
    expect(await client.closed).toBe('peer');
    const late = pair();
    server.accept(late.server);
    expect(server.gauges().connections).toBe(0);
    expect(await new Promise((resolve) => late.client.start({ block: () => undefined, drained: () => undefined, closed: resolve }))).toBe('peer');
    expect(server.gauges().connections).toBe(0);
  });
});

describe('a store that fails', () => {
  it('ERR STORE and its code, for every command, but silence while it is away; a bug is ERR INTERNAL; the connection stays', async () => {
    let failure: Error | null = null;
    const around = (store: TokenStore): TokenStore => new Proxy(store, {
      get(target, name, receiver) {
        const value: unknown = Reflect.get(target, name, receiver);
        return failure !== null && typeof value === 'function' ? () => Promise.reject(failure!) : value;
      },
    });
    const { server, store, stats } = proxyOf({ around, log: silentLogger });
    const { client } = await connectInMemory(server);
    const token = await activeToken(client, store);
    const app = newApp();
    failure = new StoreError('FAILED', 'select * from tokens where id = 5');
    expect(said(await client.ask(tnew(app), { key: app.authKeys.privateKey }))).toBe('ERR STORE FAILED');
    expect(said(await client.ask({ tag: 'TCHK' }, token.sent))).toBe('ERR STORE FAILED');
    expect(said(await client.ask(snew(token), { key: token.sent.key }))).toBe('ERR STORE FAILED');
    expect(said(await client.ask({ tag: 'SCHK' }, token.sent))).toBe('ERR STORE FAILED');
    failure = new StoreError('UNAVAILABLE', 'away');
    client.send(client.transmission({ tag: 'TCHK' }, token.sent));
    await expect.poll(() => stats.errors.get('STORE')).toBe(5);
    failure = null;
    expect(said(await client.ask({ tag: 'PING' }))).toBe('PONG');
    failure = new TypeError('undefined is not a function');
    expect(said(await client.ask({ tag: 'TCHK' }, token.sent))).toBe('ERR INTERNAL');
    expect(stats.internalErrors.value).toBe(1);
    failure = null;
    expect(said(await client.ask({ tag: 'TCHK' }, token.sent))).toBe('TKN ACTIVE');
  });
});
