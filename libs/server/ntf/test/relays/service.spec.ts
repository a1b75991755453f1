/** Our service at a relay (NTF §4.4): all queues by one command, and what to do when the relay sees it otherwise. */
import { idKey } from '@polyplex/base';
import { SmpClientError } from '@polyplex/client';
import { randomBytes } from '@polyplex/crypto';
import type { SubscriptionRecord } from '@polyplex/store-contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FakeRelay } from './support/fake-relay.ts';
import { Stage, type StageOptions } from './support/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.create();
});
afterEach(() => stage.stop());

const COUNT = 30;

async function running(parts: StageOptions = {}) {
  const { relay, fake } = stage.addRelay();
  fake.serviceId = randomBytes(24);
  const subscriptions = await stage.subscriptions(relay, COUNT);
  const node = stage.started(parts);
  await stage.pass(3000);
  return { relay, fake, subscriptions, node };
}

async function inService(subscriptions: readonly SubscriptionRecord[]): Promise<number> {
  const found = await Promise.all(subscriptions.map(({ subscriptionId }) => stage.store.findSubscription(subscriptionId)));
  return found.filter((subscription) => subscription?.inService === true && subscription.status === 'ACTIVE').length;
}

async function reconnect(fake: FakeRelay): Promise<void> {
  fake.last.lose();
  await stage.pass(4000);
}

test('NSUB brings each queue into the service; after a reconnect NSUBS brings all', async () => {
  const { relay, fake, subscriptions, node } = await running();
  expect(await inService(subscriptions)).toBe(COUNT);
  expect(await stage.store.relay(relay)).toMatchObject({ serviceId: fake.serviceId, inService: COUNT });
  await reconnect(fake);
  expect([fake.last.sent('NSUBS'), fake.last.sent('NSUB')]).toEqual([1, 0]);
  const [fresh] = await stage.subscriptions(relay, 1);
  await stage.pass(500);
  expect([fake.last.sent('NSUBS'), fake.last.sent('NSUB')]).toEqual([1, 1]);
  expect(await inService([fresh!])).toBe(1);
  fake.notify(subscriptions[7]!.notifierId);
  await stage.pass(60_000, 1000);
  expect(node.jobs).toHaveLength(1);
  expect(node.side.gauges().relays).toMatchObject([{ service: true, inService: COUNT + 1, activeInService: COUNT + 1, subscriptions: 0, active: 0, troubles: [] }]);
});

test('a restart of the proxy takes one command', async () => {
  const { fake, node } = await running();
  const stopped = node.side.stop();
  await stage.pass(500);
  await stopped;
  stage.started();
  await stage.pass(3000);
  expect(fake.sessions).toHaveLength(2);
  expect([fake.last.sent('NSUBS'), fake.last.sent('NSUB')]).toEqual([1, 0]);
});

test('without service from one day to the next: all are subscribed one by one, and none is in a service', async () => {
  const { relay, fake, subscriptions } = await running();
  fake.serviceId = null;
  await reconnect(fake);
  expect([fake.last.sent('NSUBS'), fake.last.sent('NSUB')]).toEqual([0, COUNT]);
  expect(await stage.statuses(subscriptions)).toEqual(subscriptions.map(() => 'ACTIVE'));
  expect(await stage.store.relay(relay)).toMatchObject({ serviceId: null, inService: 0 });
});

test('a relay that knows our service by another id has none of its queues', async () => {
  const { relay, fake, subscriptions } = await running();
  fake.serviceId = randomBytes(24);
  fake.associated.clear();
  await reconnect(fake);
  expect([fake.last.sent('NSUBS'), fake.last.sent('NSUB')]).toEqual([0, COUNT]);
  expect(await inService(subscriptions)).toBe(COUNT);
  expect(await stage.store.relay(relay)).toMatchObject({ serviceId: fake.serviceId });
});

test('ends and deletions in a service are those of any queue, and NSUBS does not count them again', async () => {
  const { relay, fake, subscriptions: [one, two] } = await running();
  fake.last.say(one!.notifierId, { tag: 'END' });
  fake.last.say(two!.notifierId, { tag: 'DELD' });
  for (const { notifierId } of [one!, two!]) fake.associated.delete(idKey(notifierId));
  await stage.pass(100);
  expect(await stage.statuses([one!, two!])).toEqual(['END', 'DELETED']);
  expect(await stage.store.relay(relay)).toMatchObject({ inService: COUNT - 2 });
  await reconnect(fake);
  expect(stage.nodes[0]!.side.gauges().relays[0]!.troubles).toEqual([]);
});

test('fewer queues than expected: each is subscribed again, which finds those that are gone; not on each reconnect', async () => {
  const { fake, subscriptions, node } = await running();
  // One that was deleted while we were away, and one that the relay forgot to have associated.
  fake.notifiers.delete(idKey(subscriptions[0]!.notifierId));
  for (const { notifierId } of subscriptions.slice(0, 2)) fake.associated.delete(idKey(notifierId));
  await reconnect(fake);
  expect(node.side.stats.serviceMissing.value).toBe(2);
  expect(node.logged.filter((line) => line.includes('"fewer"'))).toHaveLength(2); // said, and over
  expect(await stage.statuses(subscriptions)).toEqual(['AUTH', ...subscriptions.slice(1).map(() => 'ACTIVE')]);
  expect(await inService(subscriptions)).toBe(COUNT - 1);
  fake.associated.delete(idKey(subscriptions[3]!.notifierId));
  await reconnect(fake);
  expect([fake.last.sent('NSUBS'), fake.last.sent('NSUB')]).toEqual([1, 0]);
  expect(node.side.gauges().relays[0]!.troubles).toEqual(['fewer']);
});

test('a relay that refuses NSUBS is used without the service', async () => {
  const { relay, fake, subscriptions } = await running();
  fake.odd = ({ command }) => (command.tag === 'NSUBS' ? { tag: 'ERR', error: { type: 'SERVICE' } } : undefined);
  await reconnect(fake);
  await stage.pass(4000);
  expect(fake.last.service).toBeNull();
  expect(await stage.statuses(subscriptions)).toEqual(subscriptions.map(() => 'ACTIVE'));
  expect(await stage.store.relay(relay)).toMatchObject({ serviceId: null, inService: 0 });
});

test('NSUBS without an answer is tried again on a new connection', async () => {
  const { fake, subscriptions } = await running();
  fake.odd = ({ command }) => (command.tag === 'NSUBS' ? null : undefined);
  await reconnect(fake);
  fake.odd = () => undefined;
  await stage.pass(4000);
  expect([fake.last.sent('NSUBS'), fake.last.sent('NSUB')]).toEqual([1, 0]);
  expect(await inService(subscriptions)).toBe(COUNT);
});

test('a relay that refuses our certificate is used without it, and asked again a day later', async () => {
  const { relay, fake } = stage.addRelay();
  const [one] = await stage.subscriptions(relay, 1);
  fake.serviceId = randomBytes(24);
  const connect = fake.connect;
  const refusing = (target: Parameters<typeof connect>[0]) =>
    target.withService ? Promise.reject(new SmpClientError('TRANSPORT', '', { broker: { type: 'TRANSPORT', error: 'HANDSHAKE BAD_SERVICE' } })) : connect(target);
  Object.assign(fake, { connect: refusing });
  const node = stage.started({ options: { probeIntervalMs: 0 } });
  await stage.pass(5000);
  expect(await stage.status(one!)).toBe('ACTIVE');
  expect(fake.last.service).toBeNull();
  expect(node.side.stats.serviceRefused.value).toBe(1);
  expect(node.side.gauges().relays[0]!.troubles).toEqual([]);
  Object.assign(fake, { connect });
  await reconnect(fake);
  expect(fake.last.service).toBeNull();
  await stage.pass(24 * 3_600_000, 120_000);
  await reconnect(fake);
  expect(fake.last.service).not.toBeNull();
});

test('ENDS of a stranger with our key is said, and not fought over', async () => {
  const { fake, node } = await running({ options: { probeIntervalMs: 0, serviceProbeIntervalMs: 0 } });
  fake.last.saySelf({ tag: 'ENDS', count: COUNT });
  await stage.pass(60_000, 1000);
  expect(node.side.gauges().relays).toMatchObject([{ troubles: ['service-taken'], activeInService: 0 }]);
  expect(fake.last.sent('NSUBS')).toBe(0);
  await stage.pass(30 * 60_000, 5000);
  expect(fake.last.sent('NSUBS')).toBe(1);
  expect(fake.sessions).toHaveLength(1);
  expect(node.side.gauges().relays[0]!.activeInService).toBe(COUNT);
});
