/** What time moves: expiry, the wait for an ACK, what was in use today; and what there is at one moment (SMP §9.6, §9.7). */
import { DAY, HOUR, SECOND } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import { createFakeClock, type FakeClock } from '@polyplex/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SmpServer } from '../src/index.ts';
import { expectMoves } from './support/moved.ts';
import { nkey, nsub, nsubs, service } from './support/notifier.ts';
import { acknowledge, createQueue, send, type TestQueue, text } from './support/queue.ts';
import { RawClient } from './support/raw-client.ts';
import { startRelay, type TestRelay } from './support/relay.ts';

/** A Wednesday. */
const NOON = Date.parse('2024-05-15T12:00:00Z');

let clock: FakeClock;
let relay: TestRelay;
let server: SmpServer;
let recipient: RawClient;
let sender: RawClient;
beforeEach(async () => {
  clock = createFakeClock(NOON);
  // So rarely that all is old when it is looked for.
  relay = await startRelay({ clock, options: { expireNotificationsIntervalMs: 25 * HOUR, expireMessagesIntervalMs: 23 * DAY } });
  server = relay.nodes[0]!.server;
  recipient = await RawClient.connect(relay);
  sender = await RawClient.connect(relay);
});
afterEach(async () => {
  recipient.close();
  sender.close();
  await relay.stop();
});

const sendTo = (queue: TestQueue, notify = false) => send(sender, queue, text('x'), undefined, notify);
const none = { '0-60': 0, '60-300': 0, '300-1200': 0, '1200-3600': 0, '3600+': 0 };

test('messages and notifications that expire', async () => {
  const queue = await createQueue(recipient, { subMode: 'C' });
  await nkey(recipient, queue);
  await sendTo(queue, true);
  await sendTo(queue);
  await expectMoves(relay, async () => Promise.resolve(clock.advance(25 * HOUR)), { msgNtfExpired: 1 });
  await expectMoves(relay, async () => Promise.resolve(clock.advance(22 * DAY)), { msgExpired: 2 });
});

test('how long messages wait for their ACK, and how long they waited', async () => {
  const { stats } = server;
  expect(server.waitingDeliveries()).toEqual({ byPeriod: none, longestSeconds: 0 });
  const queues = [await createQueue(recipient), await createQueue(recipient)];
  await sendTo(queues[0]!);
  const { reply: first } = await recipient.next();
  clock.advance(200 * SECOND);
  await sendTo(queues[1]!);
  const { reply: second } = await recipient.next();
  clock.advance(30 * SECOND);
  expect(server.waitingDeliveries()).toEqual({ byPeriod: { ...none, '0-60': 1, '60-300': 1 }, longestSeconds: 230 });
  expect(server.gauges()).toMatchObject({ unacknowledged: 2, unacknowledgedSessions: 1 });
  clock.advance(HOUR);
  expect(server.waitingDeliveries().byPeriod).toEqual({ ...none, '3600+': 2 });
  await acknowledge(recipient, queues[1]!, second);
  expect([stats.acknowledgeSeconds.count, stats.acknowledgeSeconds.sum]).toEqual([1, 3630]);
  await acknowledge(recipient, queues[0]!, first);
  expect(stats.acknowledgeSeconds.sum).toBe(3630 + 3830);
  expect(server.waitingDeliveries()).toEqual({ byPeriod: none, longestSeconds: 0 });
  expect(server.gauges()).toMatchObject({ unacknowledged: 0, unacknowledgedSessions: 0 });
});

test('an ACK that the store does not take leaves the wait as it was', async () => {
  const queue = await createQueue(recipient);
  await sendTo(queue);
  const { reply } = await recipient.next();
  clock.advance(90 * SECOND);
  const other = relay.store.acknowledge.bind(relay.store);
  relay.store.acknowledge = () => Promise.reject(new Error('the test'));
  const failing = console.error;
  console.error = () => undefined;
  await acknowledge(recipient, queue, reply);
  console.error = failing;
  relay.store.acknowledge = other;
  expect(server.waitingDeliveries().byPeriod).toEqual({ ...none, '60-300': 1 });
  await acknowledge(recipient, queue, reply);
  expect(server.stats.acknowledgeSeconds.sum).toBe(90);
});

test('queues in use, by what is sent and received, and those of them that notify', async () => {
  const { activeQueues, activeQueuesNotifying } = server.stats;
  const counts = () => [activeQueues.day, activeQueues.week, activeQueues.month, activeQueuesNotifying.day, activeQueuesNotifying.month];
  const [quiet, loud, unused] = [await createQueue(recipient, { subMode: 'C' }), await createQueue(recipient), await createQueue(recipient)];
  expect(unused.recipientId).toHaveLength(24);
  for (let i = 0; i < 3; i++) await sendTo(quiet);
  await sendTo(loud, true);
  const { reply } = await recipient.next();
  expect(counts()).toEqual([2, 2, 2, 1, 1]);
  clock.advance(DAY);
  expect(counts()).toEqual([0, 2, 2, 0, 1]);
  await acknowledge(recipient, loud, reply);
  expect(counts()).toEqual([1, 2, 2, 1, 1]);
});

test('what a walk over the sessions finds', async () => {
  const clients = [await service().connect(relay), await RawClient.connect({ ...relay, version: 10 })];
  const queues = [await createQueue(recipient), await createQueue(recipient, { subMode: 'C' }), await createQueue(recipient, { subMode: 'C' })];
  await nsub(clients[1]!, await nkey(recipient, queues[0]!));
  for (const queue of queues.slice(1)) await nsub(clients[0]!, await nkey(recipient, queue), true);
  expect(server.gauges()).toMatchObject({
    connections: 4, sessions: 4, subscriptions: 1, subscribedSessions: 3, notifierSubscriptions: 3, notifierSessions: 2,
    notifierServices: 1, notifierServiceSubscriptions: 0, unacknowledged: 0, outboxBytes: 0, slowSessions: 0, relays: 0,
  });
  expect(await nsubs(clients[0]!)).toBe(2);
  expect(server.gauges().notifierServiceSubscriptions).toBe(2);
  expect(server.clientSpread()).toEqual({ byVersion: { v18: 3, v10: 1 }, bySubscriptions: { '0': 1, '1-9': 3, '10-99': 0, '100-999': 0, '1000+': 0 } });
  for (const client of clients) client.close();
  await expect.poll(() => server.gauges()).toMatchObject({ sessions: 2, notifierServices: 0, notifierSubscriptions: 0 });
});

test('a peer that does not read, and what waits for it', async () => {
  const queue = await createQueue(recipient, { subMode: 'C' });
  const slow = await RawClient.connect(relay);
  slow.connection.pause();
  const ask = (): void => slow.send(slow.transmission({ tag: 'LGET' }, randomBytes(24)));
  expect(queue.senderId).toHaveLength(24);
  await expect.poll(() => {
    for (let i = 0; i < 100; i++) ask();
    return server.gauges().slowSessions;
  }, { interval: 20, timeout: 20_000 }).toBe(1);
  expect(server.gauges().outboxBytes).toBeGreaterThan(16_384);
  slow.close();
  await expect.poll(() => [server.gauges().slowSessions, server.gauges().outboxBytes]).toEqual([0, 0]);
});
