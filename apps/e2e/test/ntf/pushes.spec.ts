/** From a message to the phone: relay, push proxy and push service as processes, and an app that opens what comes. */
import { utf8 } from '@polyplex/base';
import { checkSubscription, checkToken, createSubscription, deleteToken } from '@polyplex/client';
import { waitUntil } from '@polyplex/local-cluster';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { allSubscribed, iPhone, Phone, type Watched, webDevice, writeTo } from './phone.ts';
import { addressOf, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ proxies: 1 });
}, 180_000);
afterAll(() => world.stop());
afterEach(() => expect([...world.apns.faults, ...world.pushService.faults]).toEqual([]));

const proxy = () => world.proxies[0]!;

async function subscribedPhone(phone: Phone): Promise<Watched> {
  await phone.register(proxy());
  const watched = await phone.watch(world.relay, proxy());
  await waitUntil('the subscription', async () => {
    const { subscriptionId } = await subscriptionOf(phone, watched);
    return (await phone.withProxy(proxy(), (client) => checkSubscription(client, phone.registered, subscriptionId))) === 'ACTIVE' ? true : undefined;
  }, { timeoutMs: 60_000 });
  return watched;
}

/** SNEW repeated answers with the id that is there. */
async function subscriptionOf(phone: Phone, { notifier }: Watched): Promise<{ readonly subscriptionId: Uint8Array }> {
  const at = { relay: addressOf(world.relay), notifierId: notifier.notifierId, notifierKey: notifier.key };
  return { subscriptionId: await phone.withProxy(proxy(), (client) => createSubscription(client, phone.registered, at)) };
}

test('a message is announced to an iPhone, whose app opens the push and finds the message', { timeout: 120_000 }, async () => {
  const phone = new Phone(iPhone(world.apns));
  const watched = await subscribedPhone(phone);
  await writeTo(world.relay, watched, utf8('good morning'));
  expect(Buffer.from(await phone.fetchAnnounced(world.relay, watched)).toString()).toContain('good morning');
  expect(phone.opened().map(({ kind }) => kind)).toEqual(['verification', 'message']);
  expect(await phone.withProxy(proxy(), (client) => checkToken(client, phone.registered))).toBe('ACTIVE');
});

test('the same by Web Push', { timeout: 120_000 }, async () => {
  const vapid = /Web Push key +(\S+)/.exec(proxy().log())![1]!;
  const phone = new Phone(webDevice(world.pushService, vapid));
  const watched = await subscribedPhone(phone);
  await writeTo(world.relay, watched, utf8('hello, browser'));
  expect(Buffer.from(await phone.fetchAnnounced(world.relay, watched)).toString()).toContain('hello, browser');
  expect(phone.opened().map(({ kind }) => kind)).toEqual(['verification', 'message']);
});

test('what comes while the proxy is away is announced when it is back; registrations and subscriptions are as they were', { timeout: 180_000 }, async () => {
  const phone = new Phone(iPhone(world.apns));
  const watched = await subscribedPhone(phone);
  await proxy().kill();
  await writeTo(world.relay, watched, utf8('while you were away'));
  await proxy().restart();
  expect(Buffer.from(await phone.fetchAnnounced(world.relay, watched)).toString()).toContain('while you were away');
  await writeTo(world.relay, watched, utf8('and after'));
  expect(Buffer.from(await phone.fetchAnnounced(world.relay, watched)).toString()).toContain('and after');
});

test('what comes while Apple is away is announced when it is back, once', { timeout: 180_000 }, async () => {
  const phone = new Phone(iPhone(world.apns));
  const watched = await subscribedPhone(phone);
  world.apns.answerWith(() => ({ status: 503, headers: { 'retry-after': '1' } }));
  const before = world.apns.requests;
  await writeTo(world.relay, watched, utf8('unavailable'));
  await waitUntil('a refused push', () => (world.apns.requests > before ? true : undefined), { timeoutMs: 60_000 });
  world.apns.answerWith(undefined);
  await phone.fetchAnnounced(world.relay, watched);
  expect(phone.announced(watched)).toHaveLength(1);
});

test('what comes while the relay restarts is announced', { timeout: 180_000 }, async () => {
  const phone = new Phone(iPhone(world.apns));
  const watched = await subscribedPhone(phone);
  await world.relay.restart();
  await writeTo(world.relay, watched, utf8('after a restart'));
  expect(Buffer.from(await phone.fetchAnnounced(world.relay, watched)).toString()).toContain('after a restart');
  await allSubscribed(world.proxies, 1);
});

test('a device that Apple does not know any more gets nothing, and its app sees why; one that leaves gets nothing either', { timeout: 180_000 }, async () => {
  const [gone, leaving] = [new Phone(iPhone(world.apns)), new Phone(iPhone(world.apns))];
  const [ofGone, ofLeaving] = [await subscribedPhone(gone), await subscribedPhone(leaving)];
  const name = Buffer.from((gone.device.token as { token: Uint8Array }).token).toString();
  world.apns.answerWith(({ token }) => (token === name ? { status: 410, body: '{"reason":"Unregistered"}' } : undefined));
  await writeTo(world.relay, ofGone, utf8('are you there?'));
  await waitUntil('the status', async () => (
    (await gone.withProxy(proxy(), (client) => checkToken(client, gone.registered))).startsWith('INVALID') ? true : undefined
  ), { timeoutMs: 60_000 });
  expect(await gone.withProxy(proxy(), (client) => checkToken(client, gone.registered))).toBe('INVALID,UNREGISTERED');
  world.apns.answerWith(undefined);
  await leaving.withProxy(proxy(), (client) => deleteToken(client, leaving.registered));
  for (const watched of [ofGone, ofLeaving]) await writeTo(world.relay, watched, utf8('nobody hears this'));
  await waitUntil('unwanted notifications', async () => (
    Number(/^simplex_ntf_notifications_received_auth (\d+)$/m.exec(await (await fetch(`${proxy().adminUrl}metrics`)).text())![1]) >= 2 ? true : undefined
  ), { timeoutMs: 60_000 });
  for (const phone of [gone, leaving]) expect(phone.opened().map(({ kind }) => kind)).toEqual(['verification']);
});

test('relays and push services are shown to operators, and no device or queue', async () => {
  const pages = await Promise.all(['admin/relays', 'admin/places', 'admin/overview', 'admin/stats', 'metrics'].map(async (page) => (await fetch(`${proxy().adminUrl}${page}`)).text()));
  expect(JSON.parse(pages[0]!)).toMatchObject({ total: 1, relays: [{ relay: '127.0.0.1', state: 'subscribed', troubles: [] }] });
  expect(JSON.parse(pages[1]!)).toMatchObject({ places: expect.arrayContaining([expect.objectContaining({ place: 'apns_prod', pausedSeconds: null })]) });
  for (const { token } of world.apns.pushes) for (const page of pages) expect(page).not.toContain(token);
});
