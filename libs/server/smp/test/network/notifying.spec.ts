/** Notifiers and services whose sessions are at other nodes than the queues' senders and owners (SMP §5.4, §6.7, §6.8). */
import { openNotification } from '@polyplex/protocol-smp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { nkey, nsub, nsubs, service, type TestNotifier } from '../support/notifier.ts';
import { createQueue, send, type TestQueue, text } from '../support/queue.ts';
import { RawClient, said } from '../support/raw-client.ts';
import { startTestNetwork, type TestNetwork } from '../support/relay.ts';

let network: TestNetwork;
/** Owners and senders, one at each node; they are subscribed to nothing. */
let clients: readonly [RawClient, RawClient, RawClient];
let others: RawClient[] = [];
beforeAll(async () => {
  network = await startTestNetwork();
  const connect = (index: number) => RawClient.connect(network.at(index));
  clients = [await connect(0), await connect(1), await connect(2)];
});
afterAll(async () => {
  for (const client of clients) client.close();
  await network.stop();
});
beforeEach(() => {
  others = [];
});
afterEach(() => {
  for (const client of others) client.close();
});

function kept(client: RawClient): RawClient {
  others.push(client);
  return client;
}

const at = async (index: number) => kept(await RawClient.connect(network.at(index)));
const loud = async (from: RawClient, queue: TestQueue) => expect(said(await send(from, queue, text('x'), undefined, true))).toBe('OK');
const expectNothing = (client: RawClient) => expect(client.next(200)).rejects.toThrow('nothing arrived');

async function expectNotified(client: RawClient, { notifierId, boxKey }: TestNotifier): Promise<void> {
  const { reply, entityId } = await client.next();
  expect([said(reply), Buffer.from(entityId).equals(notifierId)]).toEqual(['NMSG', true]);
  expect(reply.tag === 'NMSG' && openNotification(boxKey, reply.nonce, reply.encMeta)).toBeTruthy();
}

async function notified(owner: RawClient): Promise<{ queue: TestQueue; notifier: TestNotifier }> {
  const queue = await createQueue(owner, { subMode: 'C' });
  return { queue, notifier: await nkey(owner, queue) };
}

test.each([[0, 1], [1, 2], [2, 2]])('a message that is sent at node %i is notified at node %i', async (from, to) => {
  const { queue, notifier } = await notified(clients[from]!);
  const client = await at(to);
  expect(said(await nsub(client, notifier))).toBe('SOK');
  for (let time = 0; time < 2; time++) {
    await loud(clients[from]!, queue);
    await expectNotified(client, notifier);
  }
});

test('another NSUB, NKEY and NDEL at one node are heard at another', async () => {
  const { queue, notifier } = await notified(clients[0]);
  const [first, second] = [await at(0), await at(1)];
  expect(said(await nsub(first, notifier))).toBe('SOK');
  expect(said(await nsub(second, notifier))).toBe('SOK');
  expect(said((await first.next()).reply)).toBe('END');
  const fresh = await nkey(clients[2], queue);
  expect(said((await second.next()).reply)).toBe('DELD');
  expect(said(await nsub(first, notifier))).toBe('ERR AUTH');
  expect(said(await nsub(first, fresh))).toBe('SOK');
  await loud(clients[1], queue);
  await expectNotified(first, fresh);
  expect(said(await clients[2].ask({ tag: 'NDEL' }, queue.recipientId, queue.recipientKey))).toBe('OK');
  expect(said((await first.next()).reply)).toBe('DELD');
  await expectNothing(second);
});

describe('the session of a service', () => {
  /** A session at node 0 with two notifiers of queues at all nodes. */
  async function started() {
    const { connect } = service();
    const session = async (index: number) => kept(await connect(network.at(index)));
    const first = await session(0);
    const queues = [await notified(clients[0]), await notified(clients[1])] as const;
    for (const { notifier } of queues) expect(said(await nsub(first, notifier, true))).toBe('SOK');
    return { session, first, queues };
  }

  test('moves to another node, and so do its notifications, wherever messages come from', async () => {
    const { session, first, queues } = await started();
    for (const client of clients) {
      await loud(client, queues[0].queue);
      await expectNotified(first, queues[0].notifier);
    }
    const second = await session(1);
    expect(second.serviceId).toEqual(first.serviceId);
    expect(await nsubs(second)).toBe(2);
    expect((await first.next()).reply).toEqual({ tag: 'ENDS', count: 2 });
    await expectNothing(second);
    for (const client of clients) {
      await loud(client, queues[1].queue);
      await expectNotified(second, queues[1].notifier);
    }
    await expectNothing(first);
  });

  test('that closed is followed by one at another node', async () => {
    const { session, first, queues } = await started();
    await loud(clients[2], queues[0].queue);
    await expectNotified(first, queues[0].notifier);
    first.close();
    await first.closed;
    await loud(clients[2], queues[0].queue);
    const second = await session(1);
    expect(await nsubs(second)).toBe(2);
    await expectNotified(second, queues[0].notifier);
    await loud(clients[2], queues[1].queue);
    await expectNotified(second, queues[1].notifier);
  });

  test('hears at its node what others do at theirs', async () => {
    const { first, queues: [one, two] } = await started();
    const plain = await at(2);
    expect(await nsub(plain, one.notifier)).toMatchObject({ tag: 'SOK', serviceId: null });
    const end = await first.next();
    expect([said(end.reply), Buffer.from(end.entityId).equals(one.notifier.notifierId)]).toEqual(['END', true]);
    expect(said(await clients[1].ask({ tag: 'NDEL' }, two.queue.recipientId, two.queue.recipientKey))).toBe('OK');
    expect(said((await first.next()).reply)).toBe('DELD');
    await loud(clients[1], one.queue);
    await expectNotified(plain, one.notifier);
    await expectNothing(first);
    expect(await nsubs(first)).toBe(0);
  });
});
