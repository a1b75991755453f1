/** Wake-ups and failures between the relay and its store: what waits is delivered in the end, and only to the subscriber. */
import { type Message, type QueueRecord, type QueueStore, resultOf, StoreError, type StoreListener } from '@polyplex/store-contract';
import { deafListener } from '@polyplex/store-common';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { acknowledge, bodyOf, createQueue, send, type TestQueue, text } from './support/queue.ts';
import { RawClient, said } from './support/raw-client.ts';
import { startRelay, type TestRelay } from './support/relay.ts';

let relay: TestRelay;
let recipient: RawClient;
let sender: RawClient;
/** What the relay gave its store to tell events to. */
let listener: StoreListener;
/** The connection that the last queue was created for. */
let connection: number;
let reads: number;
type Step = 'find' | 'heads' | 'acknowledge' | 'subscribe';

/** Stands in for the next step of this name. */
let instead: { readonly step: Step; readonly act: <T>(real: () => Promise<T>) => Promise<T> } | null;

beforeEach(async () => {
  reads = 0;
  instead = null;
  relay = await startRelay({ around: observed });
  recipient = await RawClient.connect(relay);
  sender = await RawClient.connect(relay);
});
afterEach(async () => {
  recipient.close();
  sender.close();
  await relay.stop();
});

function observed(store: QueueStore): QueueStore {
  const perhaps = <T>(step: Step, real: () => Promise<T>): Promise<T> => {
    if (instead?.step !== step) return real();
    const { act } = instead;
    instead = null;
    return act(real);
  };
  return {
    ...store,
    listen: (given) => store.listen((listener = given)),
    create: (queue, by) => store.create(queue, (connection = by!)),
    heads: (...given) => {
      reads++;
      return perhaps('heads', () => store.heads(...given));
    },
    find: (...given) => perhaps('find', () => store.find(...given)),
    acknowledge: (...given) => perhaps('acknowledge', () => store.acknowledge(...given)),
    subscribe: (...given) => perhaps('subscribe', () => store.subscribe(...given)),
  };
}

const failed = (): never => {
  throw new StoreError('FAILED', 'as the test wants');
};
const wake = ({ recipientId }: TestQueue): void => listener.wake(recipientId, connection);
const expectNothing = () => expect(recipient.next(100)).rejects.toThrow('nothing arrived');

async function recordOf({ recipientId }: TestQueue): Promise<QueueRecord> {
  return resultOf((await relay.store.find('recipient', [recipientId]))[0]!);
}

/** A subscribed queue with two messages, of which the first is delivered. */
async function withTwo(): Promise<{ queue: TestQueue; first: Awaited<ReturnType<RawClient['next']>>['reply'] }> {
  const queue = await createQueue(recipient);
  for (const body of ['1', '2']) expect(said(await send(sender, queue, text(body)))).toBe('OK');
  return { queue, first: (await recipient.next()).reply };
}

test('while a message waits for its ACK a wake-up reads nothing; the ACK brings what waits', async () => {
  const { queue, first } = await withTwo();
  wake(queue);
  await expectNothing();
  expect(reads).toBe(0);
  const second = await acknowledge(recipient, queue, first);
  expect(bodyOf(queue, second)).toBe('2');
  expect(said(await acknowledge(recipient, queue, second))).toBe('OK');
  wake(queue);
  await expectNothing();
  expect(reads).toBe(1);
});

test.each([['made', true], ['not made', false]])('an ACK that failed and was %s can be repeated, and brings what waits', async (_, isMade) => {
  const { queue, first } = await withTwo();
  instead = { step: 'acknowledge', act: async (real) => {
    if (isMade) await real();
    return failed();
  } };
  expect(said(await acknowledge(recipient, queue, first))).toMatch(/^ERR STORE/);
  wake(queue);
  await expectNothing();
  expect(bodyOf(queue, await acknowledge(recipient, queue, first))).toBe('2');
});

test('a wake-up while an ACK is under way is looked at, also when the ACK fails', async () => {
  const { queue, first } = await withTwo();
  instead = { step: 'acknowledge', act: async (real) => {
    await real();
    wake(queue);
    await new Promise((resolve) => setTimeout(resolve, 50)); // the message is on its way
    return failed();
  } };
  const second = await acknowledge(recipient, queue, first);
  expect(bodyOf(queue, second)).toBe('2');
  expect(said((await recipient.next()).reply)).toMatch(/^ERR STORE/);
  expect(said(await acknowledge(recipient, queue, second))).toBe('OK');
});

test('a message that the store read before its ACK, and gives after it, is not delivered again', async () => {
  const { queue, first } = await withTwo();
  const [read, acknowledged] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  instead = { step: 'acknowledge', act: async (real) => {
    const result = await real();
    instead = { step: 'heads', act: async (look) => {
      const heads = await look();
      read.resolve();
      await acknowledged.promise; // as when another queue of the same look is on a slow shard
      return heads;
    } };
    wake(queue);
    await read.promise;
    return result;
  } };
  const second = await acknowledge(recipient, queue, first);
  expect(bodyOf(queue, second)).toBe('2');
  expect(said(await acknowledge(recipient, queue, second))).toBe('OK');
  acknowledged.resolve();
  await expectNothing();
  expect(said(await send(sender, queue, text('3')))).toBe('OK');
  expect(bodyOf(queue, (await recipient.next()).reply)).toBe('3');
});

test('a SUB whose connection has closed meanwhile takes no queue', async () => {
  const queue = await createQueue(recipient);
  const [looking, closed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const answered = Promise.withResolvers<void>();
  instead = { step: 'find', act: async (real) => {
    looking.resolve();
    await closed.promise;
    setTimeout(answered.resolve, 100);
    return real();
  } };
  sender.send(sender.transmission({ tag: 'SUB' }, queue.recipientId, queue.recipientKey));
  await looking.promise;
  sender.close();
  await expect.poll(() => relay.nodes[0]!.server.gauges().connections).toBe(1);
  closed.resolve();
  await answered.promise;
  await expectNothing();
  sender = await RawClient.connect(relay);
  expect(said(await send(sender, queue, text('x')))).toBe('OK');
  expect(bodyOf(queue, (await recipient.next()).reply)).toBe('x');
});

test('a wake-up during a repeated SUB that fails is for the subscription that stays', async () => {
  const queue = await createQueue(recipient);
  const message: Message = { kind: 'message', msgId: new Uint8Array(24).fill(7), ts: 1, notify: false, body: text('late') };
  instead = { step: 'subscribe', act: async () => {
    await relay.store.append(await recordOf(queue), message, { quota: 9, notification: null, expireBefore: null });
    wake(queue);
    return failed();
  } };
  recipient.send(recipient.transmission({ tag: 'SUB' }, queue.recipientId, queue.recipientKey));
  const heard = [await recipient.next(), await recipient.next()].map(({ reply }) => reply);
  expect(heard.map(({ tag }) => tag).sort()).toEqual(['ERR', 'MSG']);
  expect(bodyOf(queue, heard.find(({ tag }) => tag === 'MSG')!)).toBe('late');
});

test('a session that has lost its queue and not heard it yet gets no more messages of it', async () => {
  const { queue, first } = await withTwo();
  relay.store.listen(deafListener);
  await relay.store.subscribe([await recordOf(queue)], connection + 1_000_000, false);
  expect(said(await acknowledge(recipient, queue, first))).toBe('OK');
  wake(queue);
  await expectNothing();
  expect(reads).toBe(1);
  listener.ended('recipient', queue.recipientId, connection);
  expect(said((await recipient.next()).reply)).toBe('END');
  expect(await relay.store.size(await recordOf(queue))).toBe(1);
});

describe('an end that is heard while the next SUB is under way', () => {
  const sub = (queue: TestQueue) => recipient.ask({ tag: 'SUB' }, queue.recipientId, queue.recipientKey);
  const end = ({ recipientId }: TestQueue): void => listener.ended('recipient', recipientId, connection);

  test('is of the subscription before: the new one stays', async () => {
    const queue = await createQueue(recipient);
    instead = { step: 'subscribe', act: (real) => {
      end(queue);
      return real();
    } };
    expect(said(await sub(queue))).toBe('SOK');
    await expectNothing();
    expect(said(await send(sender, queue, text('x')))).toBe('OK');
    expect(bodyOf(queue, (await recipient.next()).reply)).toBe('x');
  });

  test('is of the new one, which was lost before its answer: END follows the answer', async () => {
    const queue = await createQueue(recipient);
    instead = { step: 'subscribe', act: async (real) => {
      const answer = await real();
      await relay.store.subscribe([await recordOf(queue)], connection + 1_000_000, false);
      return answer;
    } };
    expect(said(await sub(queue))).toBe('SOK');
    expect(said((await recipient.next()).reply)).toBe('END');
    await expectNothing();
  });

  test('counts for what was there when the SUB fails', async () => {
    const queue = await createQueue(recipient);
    instead = { step: 'subscribe', act: () => {
      end(queue);
      return failed();
    } };
    const heard = [await sub(queue), (await recipient.next()).reply].map(said);
    expect(heard.sort()).toEqual(['END', expect.stringMatching(/^ERR STORE/)]);
    expect(said(await sub(queue))).toBe('SOK');
  });
});
