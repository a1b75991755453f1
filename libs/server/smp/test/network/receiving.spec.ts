/** A queue whose sender, recipient and next recipient are at different nodes (SMP §6.2-§6.4): nothing waits for a sweep. */
import { resultOf } from '@polyplex/store-contract';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HeldEvents } from '../support/held-events.ts';
import { acknowledge, bodyOf, createQueue, send, type TestQueue, text } from '../support/queue.ts';
import { RawClient, said } from '../support/raw-client.ts';
import { startTestNetwork, type TestNetwork } from '../support/relay.ts';

const QUOTA = 6;
let network: TestNetwork;
/** One client at each node. */
let clients: readonly [RawClient, RawClient, RawClient];
/** What node 0 is told. */
const held = new HeldEvents();
beforeAll(async () => {
  network = await startTestNetwork({ options: { options: { messageQuota: QUOTA } }, aroundNode: (store, index) => (index === 0 ? held.around(store) : store) });
});
afterAll(() => network.stop());
beforeEach(async () => {
  const connect = (index: number) => RawClient.connect(network.at(index));
  clients = [await connect(0), await connect(1), await connect(2)];
});
afterEach(() => {
  held.release();
  for (const client of clients) client.close();
});

const sub = (client: RawClient, queue: TestQueue) => client.ask({ tag: 'SUB' }, queue.recipientId, queue.recipientKey);
const expectNothing = (client: RawClient) => expect(client.next(200)).rejects.toThrow('nothing arrived');
const PLACES = [0, 1, 2].flatMap((from) => [0, 1, 2].map((to) => [from, to] as const));

test('clients are where they were sent, and the balancer spreads them', async () => {
  expect(clients.map((client) => network.nodeOf(client))).toEqual([0, 1, 2]);
  const spread = new Set<number>();
  for (let i = 0; i < 100 && spread.size < 3; i++) {
    const client = await RawClient.connect(network);
    spread.add(network.nodeOf(client));
    client.close();
  }
  expect(spread.size).toBe(3);
});

test.each(PLACES)('a message sent at node %i reaches the subscriber at node %i', async (from, to) => {
  const [sender, recipient] = [clients[from]!, await RawClient.connect(network.at(to))];
  const queue = await createQueue(recipient);
  for (const body of ['1', '2', '3']) {
    expect(said(await send(sender, queue, text(body)))).toBe('OK');
    const { reply } = await recipient.next();
    expect(bodyOf(queue, reply)).toBe(body);
    expect(said(await acknowledge(recipient, queue, reply))).toBe('OK');
  }
  recipient.close();
});

test.each(PLACES)('a subscriber at node %i hears END when one at node %i takes its queue', async (from, to) => {
  const [first, second] = [clients[from]!, await RawClient.connect(network.at(to))];
  const queue = await createQueue(first);
  expect(said(await send(second, queue, text('x')))).toBe('OK');
  const message = (await first.next()).reply;
  expect(said(await sub(second, queue))).toBe('SOK');
  expect((await second.next()).reply).toEqual(message);
  const end = await first.next();
  expect([said(end.reply), end.corrId.length, Buffer.from(end.entityId).equals(queue.recipientId)]).toEqual(['END', 0, true]);
  await expectNothing(first);
  second.close();
});

describe('a client that lost its queue to another node', () => {
  /** Two messages wait; the first is delivered to the client at node 0. */
  async function withTwo(): Promise<{ queue: TestQueue; message: Awaited<ReturnType<RawClient['next']>>['reply'] }> {
    const queue = await createQueue(clients[0]);
    for (const body of ['1', '2']) expect(said(await send(clients[2], queue, text(body)))).toBe('OK');
    const message = (await clients[0].next()).reply;
    expect(bodyOf(queue, message)).toBe('1');
    return { queue, message };
  }

  test('gets no more of it once it has heard so', async () => {
    const { queue, message } = await withTwo();
    expect(said(await sub(clients[1], queue))).toBe('SOK');
    expect((await clients[1].next()).reply).toEqual(message);
    expect(said((await clients[0].next()).reply)).toBe('END');
    expect(said(await acknowledge(clients[0], queue, message))).toBe('ERR NO_MSG');
    expect(bodyOf(queue, await acknowledge(clients[1], queue, message))).toBe('2');
    await expectNothing(clients[0]);
  });

  test('gets no more of it while END is still on its way', async () => {
    const { queue, message } = await withTwo();
    held.hold();
    expect(said(await sub(clients[1], queue))).toBe('SOK');
    expect((await clients[1].next()).reply).toEqual(message);
    expect(said(await acknowledge(clients[0], queue, message))).toBe('OK');
    expect(said(await send(clients[2], queue, text('3')))).toBe('OK');
    await expectNothing(clients[0]);
    expect(bodyOf(queue, await acknowledge(clients[1], queue, message))).toBe('2');
    held.release();
    expect(said((await clients[0].next()).reply)).toBe('END');
    await expectNothing(clients[0]);
  });

  test('has it again by another SUB', async () => {
    const { queue, message } = await withTwo();
    expect(said(await sub(clients[1], queue))).toBe('SOK');
    await clients[1].next();
    expect(said((await clients[0].next()).reply)).toBe('END');
    expect(said(await sub(clients[0], queue))).toBe('SOK');
    expect((await clients[0].next()).reply).toEqual(message);
    expect(said((await clients[1].next()).reply)).toBe('END');
    expect(bodyOf(queue, await acknowledge(clients[0], queue, message))).toBe('2');
  });
});

test('the deletion of a queue is announced at another node', async () => {
  const queue = await createQueue(clients[0]);
  expect(said(await clients[1].ask({ tag: 'DEL' }, queue.recipientId, queue.recipientKey))).toBe('OK');
  const event = await clients[0].next();
  expect([said(event.reply), Buffer.from(event.entityId).equals(queue.recipientId)]).toEqual(['DELD', true]);
  expect(said(await sub(clients[0], queue))).toBe('ERR AUTH');
  expect(said(await send(clients[2], queue, text('late')))).toBe('ERR AUTH');
});

test('a queue that an operator blocks at another node is blocked at all', async () => {
  const queue = await createQueue(clients[0]);
  expect(said(await send(clients[1], queue, text('before')))).toBe('OK');
  expect(bodyOf(queue, (await clients[0].next()).reply)).toBe('before');
  const { store } = network.nodes[2]!;
  const record = async () => resultOf((await store.find('recipient', [queue.recipientId]))[0]!);
  expect((await store.block(await record(), { reason: 'spam', notice: null })).status).toBe('ok');
  const event = await clients[0].next();
  expect([said(event.reply), event.corrId.length]).toEqual(['ERR BLOCKED reason=spam', 0]);
  for (const client of clients) expect(said(await send(client, queue, text('x')))).toBe('ERR BLOCKED reason=spam');
  expect((await store.unblock(await record())).status).toBe('ok');
  for (const client of clients.slice(1)) expect(said(await send(client, queue, text('x')))).toBe('OK');
});

test('a quota that is filled at one node opens when all is acknowledged at another', async () => {
  const queue = await createQueue(clients[0], { subMode: 'C' });
  for (let i = 0; i < QUOTA; i++) expect(said(await send(clients[i % 3]!, queue, text(String(i))))).toBe('OK');
  for (const client of clients) expect(said(await send(client, queue, text('more')))).toBe('ERR QUOTA');
  expect(said(await sub(clients[1], queue))).toBe('SOK');
  let message = (await clients[1].next()).reply;
  for (let i = 0; i < QUOTA; i++) {
    expect(bodyOf(queue, message)).toBe(String(i));
    message = await acknowledge(clients[1], queue, message);
  }
  expect(bodyOf(queue, message)).toBe('QUOTA');
  expect(said(await send(clients[2], queue, text('still')))).toBe('ERR QUOTA');
  expect(said(await acknowledge(clients[1], queue, message))).toBe('OK');
  expect(said(await send(clients[2], queue, text('open')))).toBe('OK');
  expect(bodyOf(queue, (await clients[1].next()).reply)).toBe('open');
});
