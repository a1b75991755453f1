/** A store that cannot be reached: what needs it stays without an answer, so that apps try again; all else goes on. */
import { EMPTY_BYTES, equalBytes } from '@polyplex/base';
import { connectSmp, openProxySession, type SmpClient, tlsDial } from '@polyplex/client';
import { generateKeyPair } from '@polyplex/crypto';
import { type QueueStore, StoreError } from '@polyplex/store-contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { relayDialer } from '../src/index.ts';
import { acknowledge, bodyOf, createQueue, newCommand, send, type TestQueue, text } from './support/queue.ts';
import { RawClient, said } from './support/raw-client.ts';
import { startRelay, type TestRelay, total } from './support/relay.ts';

let relay: TestRelay;
let recipient: RawClient;
let sender: RawClient;
let isAway: boolean;
/** Queues whose shard alone is away. */
let lost: readonly TestQueue[];

const away = (): StoreError => new StoreError('UNAVAILABLE', 'as the test wants');
const unanswered = (): number => total(relay, ({ server }) => server.stats.errors.get('STORE'));

function mortal(store: QueueStore): QueueStore {
  return new Proxy(store, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof value !== 'function' || name === 'listen' || name === 'release' || name === 'close') return value;
      if (isAway) return () => Promise.reject(away());
      if (name === 'subscribe') return async (...given: Parameters<QueueStore['subscribe']>) => {
        const isLost = given[0].map(({ recipientId }) => lost.some((queue) => equalBytes(queue.recipientId, recipientId)));
        return (await target.subscribe(...given)).map((claim, i) => (isLost[i] === true ? away() : claim));
      };
      return value;
    },
  });
}

beforeEach(async () => {
  isAway = false;
  lost = [];
  relay = await startRelay({ around: mortal });
  recipient = await RawClient.connect(relay);
  sender = await RawClient.connect(relay);
});
afterEach(async () => {
  isAway = false;
  recipient.close();
  sender.close();
  await relay.stop();
});

test('commands on queues are not answered and counted; the connection stays, and what is repeated takes place', async () => {
  const queue = await createQueue(recipient);
  expect(said(await send(sender, queue, text('1')))).toBe('OK');
  const { reply: first } = await recipient.next();
  expect(first.tag).toBe('MSG');
  isAway = true;
  const keys = generateKeyPair('ed25519');
  const commands = [
    recipient.transmission({ tag: 'ACK', msgId: first.tag === 'MSG' ? first.msgId : EMPTY_BYTES }, queue.recipientId, queue.recipientKey),
    recipient.transmission({ tag: 'SUB' }, queue.recipientId, queue.recipientKey),
    recipient.transmission({ tag: 'QUE' }, queue.recipientId, queue.recipientKey),
    recipient.transmission(newCommand(keys, generateKeyPair('x25519')), EMPTY_BYTES, keys.privateKey),
    recipient.transmission({ tag: 'SEND', notify: false, body: text('2') }, queue.senderId),
  ];
  for (const command of commands) recipient.send(command);
  await expect.poll(unanswered).toBe(commands.length);
  expect(said(await recipient.ask({ tag: 'PING' }))).toBe('PONG');
  isAway = false;
  expect(said(await send(sender, queue, text('2')))).toBe('OK');
  expect(bodyOf(queue, await acknowledge(recipient, queue, first))).toBe('2');
});

test('of a block of SUBs only those are left out whose shard is away', async () => {
  const queues = [await createQueue(sender), await createQueue(sender), await createQueue(sender)];
  const [here, gone, alsoHere] = queues;
  lost = [gone!];
  recipient.send(...queues.map(({ recipientId, recipientKey }) => recipient.transmission({ tag: 'SUB' }, recipientId, recipientKey)));
  const heard = [await recipient.next(), await recipient.next()];
  expect(heard.map(({ reply }) => said(reply))).toEqual(['SOK', 'SOK']);
  expect(heard.map(({ entityId }) => entityId)).toEqual([here!.recipientId, alsoHere!.recipientId]);
  expect(unanswered()).toBe(1);
  expect(said(await recipient.ask({ tag: 'PING' }))).toBe('PONG');
  lost = [];
  expect(said(await recipient.ask({ tag: 'SUB' }, gone!.recipientId, gone!.recipientKey))).toBe('SOK');
});

test('a forwarded command is not answered to the proxy either', async () => {
  const dial = tlsDial({ allowAddress: () => true });
  const proxy = await startRelay({ dialRelay: relayDialer({ dial, allowedPorts: null }) });
  let client: SmpClient | null = null;
  try {
    client = await connectSmp({ address: proxy.address, dial });
    const session = await openProxySession(client, relay.address);
    const { senderId: entityId } = await createQueue(recipient);
    const forward = (timeoutMs: number) => session.request({ tag: 'SEND', notify: false, body: text('x') }, { entityId, timeoutMs });
    isAway = true;
    await expect(forward(500)).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(unanswered()).toBeGreaterThan(0);
    isAway = false;
    expect(said(await forward(10_000))).toBe('OK');
  } finally {
    client?.close();
    await proxy.stop();
  }
});
