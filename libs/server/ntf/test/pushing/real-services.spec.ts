/** The pushing side with real connections: APNs and a push service of this machine, which check, decrypt and fail. */
import { boxKeyOf } from '@polyplex/crypto';
import { type FakeApns, type FakePushService, type ScriptedAnswer, startFakeApns, startFakePushService } from '@polyplex/local-cluster';
import { openPushData } from '@polyplex/protocol-ntf';
import { createPushSender, generateSigningKey, type PushSender, readApnsKey, readVapidKey } from '@polyplex/push';
import { createTokenModel } from '@polyplex/store-conformance';
import type { TokenRecord } from '@polyplex/store-contract';
import { silentLogger } from '@polyplex/telemetry';
import { systemClock } from '@polyplex/base';
import { publicRoots } from '@polyplex/transport-tls';
import { afterEach, describe, expect, test } from 'vitest';
import { createPushing, NtfStats, type Pushing } from '../../src/index.ts';
import { createDevices, type Devices } from './support.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const task of cleanups.splice(0).reverse()) await task();
});

interface World {
  readonly apns: FakeApns;
  readonly service: FakePushService;
  readonly devices: Devices;
  readonly pushing: Pushing;
  readonly stats: NtfStats;
}

const VAPID = readVapidKey(generateSigningKey(), 'vapid.privkey');

async function createWorld(): Promise<World> {
  const [apns, service] = [await startFakeApns({ senders: 2 }), await startFakePushService()];
  cleanups.push(() => apns.stop(), () => service.stop());
  const roots = publicRoots(`${apns.root}\n${service.root}`);
  const limits = { requestTimeoutMs: 1000, connectTimeoutMs: 1000 };
  const sender: PushSender = createPushSender({
    apns: { key: readApnsKey({ ...apns.key, file: 'apns.p8' }), topic: apns.topic, environments: { apns_prod: apns }, roots, limits },
    webPush: { vapid: VAPID, subject: 'mailto:operator@example.org', allowAddress: () => true, roots, limits },
  });
  cleanups.push(() => sender.close());
  const store = createTokenModel();
  const stats = new NtfStats(systemClock);
  const pushing = createPushing({ store, sender, clock: systemClock, log: silentLogger, stats }, { pollMs: 100 });
  cleanups.push(() => pushing.stop(1000));
  pushing.start();
  return { apns, service, devices: createDevices(store, pushing, systemClock), pushing, stats };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('with real push services', () => {
  test('a device is verified, hears of messages, and reads them', async () => {
    const { apns, devices } = await createWorld();
    const token = await devices.fresh('apns_prod', 'abcd');
    await until(() => apns.pushes.length === 1);
    const key = boxKeyOf(token.dhSecret);
    expect(openPushData(key, { ...apns.pushes[0]!.data })).toEqual({ kind: 'verification', code: token.code });
    await until(async () => (await devices.store.findToken(token.tokenId))?.status === 'CONFIRMED');
    const active = await devices.activate(token);
    await devices.message(active);
    await until(() => apns.pushes.length === 2);
    const message = openPushData(key, { ...apns.pushes[1]!.data });
    expect(message?.kind === 'message' && message.items).toMatchObject([{ relay: expect.stringContaining('relay.example.org') }]);
    expect([apns.faults, apns.accepted]).toEqual([[], 1]);
  });

  test('a browser reads what was sealed for it, within what RFC 8030 promises', async () => {
    const { service, devices } = await createWorld();
    const { provider, token: device } = service.subscribe(VAPID.publicKey);
    const token = await devices.fresh(provider, device);
    await until(() => service.pushes.length === 1);
    const active = await devices.activate(token);
    for (let i = 0; i < 7; i += 1) await devices.message(active, { relay: `smp://zMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMw=@relay.example.org,${'a'.repeat(56)}.onion:${5000 + i}` });
    await until(async () => (await devices.store.counts()).due === 0);
    const key = boxKeyOf(token.dhSecret);
    expect(openPushData(key, service.pushes[0]!.data)).toEqual({ kind: 'verification', code: token.code });
    const last = openPushData(key, service.pushes.at(-1)!.data);
    expect(last?.kind === 'message' && last.items.at(-1)?.relay.endsWith(':5006')).toBe(true);
    expect(service.faults).toEqual([]);
    expect(Math.max(...service.pushes.map(({ bodyBytes }) => bodyBytes))).toBeLessThanOrEqual(4096);
  });
});

/** What befalls a push service, and for a while each push to it. */
const TROUBLES: readonly (readonly [string, ScriptedAnswer | ((apns: FakeApns) => void)])[] = [
  ['429', { status: 429, body: '{"reason":"TooManyRequests"}', headers: { 'retry-after': '1' } }],
  ['500', { status: 500, body: '{"reason":"InternalServerError"}' }],
  ['503 with a time', { status: 503, body: '{"reason":"ServiceUnavailable"}', headers: { 'retry-after': '1' } }],
  ['410 without a reason', { status: 410 }],
  ['no answers', 'silence'],
  ['reset streams', 'stream'],
  ['reset connections', 'connection'],
  ['refused streams', 'refuse'],
  ['GOAWAY in the middle', (apns) => apns.goAway()],
  ['all connections lost', (apns) => apns.drop()],
  ['TLS that fails three times', (apns) => { apns.refuseNext(3); apns.drop(); }],
];

describe('trouble of a push service', () => {
  test.each(TROUBLES)('%s: every message is announced when it is over, and others are not held up', async (_name, trouble) => {
    const { apns, service, devices, stats } = await createWorld();
    const tokens: TokenRecord[] = [];
    for (let i = 0; i < 12; i += 1) tokens.push(await devices.active('apns_prod', `device${i}`));
    const browser = service.subscribe();
    const other = await devices.active(browser.provider, browser.token);
    await until(async () => (await devices.store.counts()).due === 0);
    let troubled = 0;
    if (typeof trouble === 'function') trouble(apns);
    else apns.answerWith(() => (troubled += 1, trouble));
    for (const token of tokens) await devices.message(token);
    await devices.message(other);
    await until(() => service.pushes.some(({ data }) => data.message !== undefined));
    if (typeof trouble !== 'function') await until(() => troubled >= 3);
    apns.answerWith(undefined);
    await until(async () => (await devices.store.counts()).due === 0);
    expect(new Set(apns.pushes.map(({ token }) => token)).size).toBe(12);
    expect(stats.delivered.value).toBe(13);
    expect([apns.faults, service.faults]).toEqual([[], []]);
  });

  test('a device that is gone stops, and the others go on', async () => {
    const { apns, devices, stats } = await createWorld();
    const [gone, here] = [await devices.active('apns_prod', 'gone'), await devices.active('apns_prod', 'here')];
    await until(async () => (await devices.store.counts()).due === 0);
    const [requests, taken] = [apns.requests, apns.taken];
    apns.answerWith(({ token }) => (token === 'gone' ? { status: 410, body: '{"reason":"Unregistered"}' } : undefined));
    for (let i = 0; i < 3; i += 1) {
      await devices.message(gone);
      await devices.message(here);
      await until(async () => (await devices.store.counts()).due === 0);
    }
    expect((await devices.store.findToken(gone.tokenId))?.status).toBe('INVALID,UNREGISTERED');
    expect([apns.requests - requests, apns.taken - taken]).toEqual([4, 3]);
    expect([stats.delivered.value, stats.failed.value]).toEqual([3, 1]);
  });
});
