/** A relay that is not where it was, or not what it was: found by probes and by what it refuses, and told to the operator. */
import { SmpClientError } from '@polyplex/client';
import { CodedError, idKey } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeRelay } from './support/fake-relay.ts';
import { Stage } from './support/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.create();
});
afterEach(() => stage.stop());

const MINUTES = 60_000;
/** A probe is made after an interval, with the random number that tests have. */
const PROBE_MS = 61 * MINUTES;
const identity = new SmpClientError('NETWORK', 'the connection failed', { cause: new CodedError('IDENTITY', 'another certificate') });

async function running(count = 5, withService = false) {
  const { relay, fake } = stage.addRelay();
  if (withService) fake.serviceId = randomBytes(24);
  const subscriptions = await stage.subscriptions(relay, count);
  const node = stage.started({ options: { serviceProbeIntervalMs: 60 * MINUTES } });
  await stage.pass(3000);
  const main = fake.last;
  const probes = (): object => Object.fromEntries(node.side.stats.probes.values);
  const troubles = () => node.side.gauges().relays[0]!.troubles;
  return { relay, fake, subscriptions, node, main, probes, troubles };
}

/** The address leads to another machine from now on; the old one goes on. */
function moveTo(fake: FakeRelay, other: FakeRelay): void {
  Object.assign(fake, { connect: other.connect });
}

describe.each([false, true])('with a service: %s', (withService) => {
  test('a relay at its place is found alive, and nothing changes for its queues', async () => {
    const { fake, subscriptions, main, probes, troubles, node } = await running(5, withService);
    await stage.pass(PROBE_MS, 1000);
    expect(probes()).toEqual({ alive: 1 });
    expect(fake.sessions).toHaveLength(2);
    expect(fake.open).toEqual([main]);
    expect(await stage.statuses(subscriptions)).toEqual(subscriptions.map(() => 'ACTIVE'));
    expect(troubles()).toEqual([]);
    for (const { notifierId } of subscriptions) expect(fake.notify(notifierId)).toBe(true);
    await stage.pass(100);
    expect(node.stats.received.value).toBe(5);
    await stage.pass(PROBE_MS, 1000);
    expect(probes()).toEqual({ alive: 2 });
  });

  test('a relay that moved, with its data, is followed', async () => {
    const { fake, subscriptions, main, probes, node } = await running(5, withService);
    const other = new FakeRelay();
    for (const key of fake.notifiers) other.notifiers.add(key);
    for (const key of fake.associated) other.associated.add(key);
    other.serviceId = fake.serviceId;
    moveTo(fake, other);
    expect(main.isOpen).toBe(true); // the old machine still runs
    await stage.pass(PROBE_MS, 1000);
    expect(probes()).toEqual({ moved: 1 });
    expect(node.logged.filter((line) => line.startsWith('a relay moved'))).toHaveLength(1);
    await stage.pass(5000);
    expect(main.isOpen).toBe(false);
    for (const { notifierId } of subscriptions) expect(other.notify(notifierId)).toBe(true);
    await stage.pass(100);
    expect(node.stats.received.value).toBe(5);
    expect(await stage.statuses(subscriptions)).toEqual(subscriptions.map(() => 'ACTIVE'));
  });
});

test('a notification that comes while a probe has the queue is not lost', async () => {
  const { fake, subscriptions, node } = await running(1);
  fake.odd = ({ command, entityId }, session) => {
    if (session === fake.sessions[1] && command.tag === 'NSUB') setImmediate(() => session.say(entityId!, { tag: 'NMSG', nonce: randomBytes(24), encMeta: randomBytes(144) }));
    return undefined;
  };
  await stage.pass(PROBE_MS, 1000);
  expect(fake.sessions).toHaveLength(2);
  expect(node.stats.received.value).toBe(1);
  expect(await stage.status(subscriptions[0]!)).toBe('ACTIVE');
});

test('a relay that moved without its data is told, and its subscriptions are kept for hours', async () => {
  const { fake, subscriptions, probes, troubles, node } = await running(40);
  moveTo(fake, new FakeRelay());
  await stage.pass(PROBE_MS, 1000);
  expect(probes()).toEqual({ moved: 1 });
  await stage.pass(10_000);
  expect(await stage.statuses(subscriptions)).toEqual(subscriptions.map(() => 'ACTIVE'));
  expect(troubles()).toEqual(['moved', 'refusing']);
  expect(node.side.stats.subscribes.get('held')).toBe(40);
  await stage.pass(7 * 60 * MINUTES, 10_000);
  expect(await stage.statuses(subscriptions)).toEqual(subscriptions.map(() => 'AUTH'));
});

test('a relay that gets its data back within the hours has its subscriptions again', async () => {
  const { fake, subscriptions, troubles } = await running(40);
  const kept = new Set(fake.notifiers);
  fake.notifiers.clear();
  fake.last.lose();
  await stage.pass(60 * MINUTES, 5000);
  expect(troubles()).toEqual(['refusing']);
  for (const key of kept) fake.notifiers.add(key);
  await stage.pass(40 * MINUTES, 5000);
  expect(troubles()).toEqual([]);
  expect(fake.subscribed.size).toBe(40);
  expect(await stage.statuses(subscriptions)).toEqual(subscriptions.map(() => 'ACTIVE'));
});

test('a relay that refuses some is believed at once, and so is one that refuses new ones', async () => {
  const { relay, fake, subscriptions, troubles } = await running(40);
  for (const { notifierId } of subscriptions.slice(0, 30)) fake.notifiers.delete(idKey(notifierId));
  fake.last.lose();
  await stage.pass(5000);
  expect(await stage.statuses(subscriptions)).toEqual(subscriptions.map((_, i) => (i < 30 ? 'AUTH' : 'ACTIVE')));
  const refused = await stage.subscriptions(relay, 40);
  for (const { notifierId } of refused) fake.notifiers.delete(idKey(notifierId));
  await stage.pass(1000);
  expect(new Set(await stage.statuses(refused))).toEqual(new Set(['AUTH']));
  expect(troubles()).toEqual([]);
});

test('another relay at the address is told: at once where we connect, and by a probe where we are connected', async () => {
  const { fake, probes, troubles, main } = await running();
  fake.down = identity;
  await stage.pass(PROBE_MS, 1000);
  expect(probes()).toEqual({ identity: 1 });
  expect(troubles()).toEqual(['identity']);
  expect(main.isOpen).toBe(true);
  main.lose();
  await stage.pass(5000);
  expect(troubles()).toEqual(['identity']);
  expect(stage.nodes[0]!.side.gauges().relays[0]!.awayCause).toBe('identity');
  fake.down = null;
  await stage.pass(20_000);
  expect(troubles()).toEqual([]);
});

test('an address that nobody can connect to is told after some probes, while the connection stands', async () => {
  const { fake, probes, troubles, main } = await running();
  fake.down = new SmpClientError('NETWORK', 'the connection failed');
  await stage.pass(2 * PROBE_MS, 2000);
  expect(troubles()).toEqual([]);
  await stage.pass(PROBE_MS, 2000);
  expect(probes()).toEqual({ failed: 3 });
  expect(troubles()).toEqual(['address']);
  expect(main.isOpen).toBe(true);
});

test('a queue that was deleted a moment before does not look like a move', async () => {
  const { fake, subscriptions, probes } = await running(1);
  fake.notifiers.delete(idKey(subscriptions[0]!.notifierId)); // and DELD is still on its way
  await stage.pass(PROBE_MS, 1000);
  expect(probes()).toEqual({ alive: 1 });
  expect(await stage.status(subscriptions[0]!)).toBe('AUTH');
});
