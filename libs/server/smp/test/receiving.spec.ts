/** Delivery, acknowledgement, quota and the states of a queue (SMP §6). */
import { generateKeyPair, randomBytes } from '@polyplex/crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { acknowledge, bodyOf, createQueue, secure, send, text, type TestQueue } from './support/queue.ts';
import { RawClient, said } from './support/raw-client.ts';
import { startRelay, type TestRelay } from './support/relay.ts';

let relay: TestRelay;
let recipient: RawClient;
let sender: RawClient;
beforeAll(async () => {
  relay = await startRelay({ options: { messageQuota: 2 } });
});
afterAll(() => relay.stop());
beforeEach(async () => {
  recipient = await RawClient.connect(relay);
  sender = await RawClient.connect(relay);
});
afterEach(() => {
  recipient.close();
  sender.close();
});

const sub = (client: RawClient, queue: TestQueue) => client.ask({ tag: 'SUB' }, queue.recipientId, queue.recipientKey);
const get = (client: RawClient, queue: TestQueue) => client.ask({ tag: 'GET' }, queue.recipientId, queue.recipientKey);

test('messages come one at a time, in order, each after the ACK of the one before', async () => {
  const queue = await createQueue(recipient);
  expect(said(await send(sender, queue, text('1')))).toBe('OK');
  expect(said(await send(sender, queue, text('2')))).toBe('OK');
  const first = (await recipient.next()).reply;
  expect(bodyOf(queue, first)).toBe('1');
  await expect(recipient.next(100)).rejects.toThrow('nothing arrived');
  const second = await acknowledge(recipient, queue, first);
  expect(bodyOf(queue, second)).toBe('2');
  expect(said(await acknowledge(recipient, queue, second))).toBe('OK');
  expect(said(await send(sender, queue, text('3')))).toBe('OK');
  expect(bodyOf(queue, (await recipient.next()).reply)).toBe('3');
});

test('a reconnect gets the unacknowledged message again, bit for bit', async () => {
  const queue = await createQueue(recipient);
  await send(sender, queue, text('kept'));
  const before = (await recipient.next()).reply;
  recipient.close();
  recipient = await RawClient.connect(relay);
  expect(said(await sub(recipient, queue))).toBe('SOK');
  const after = await recipient.next();
  expect(after.corrId.length).toBe(0);
  expect(after.reply).toEqual(before);
  expect(said(await acknowledge(recipient, queue, after.reply))).toBe('OK');
});

test('quota: the marker is stored once, and sending opens only when everything is acknowledged', async () => {
  const queue = await createQueue(recipient);
  const bodies = ['a', 'b', 'c'];
  const replies: string[] = [];
  for (const body of bodies) replies.push(said(await send(sender, queue, text(body))));
  expect(replies).toEqual(['OK', 'OK', 'ERR QUOTA']);
  const first = (await recipient.next()).reply;
  const second = await acknowledge(recipient, queue, first);
  expect(said(await send(sender, queue, text('d')))).toBe('ERR QUOTA');
  const marker = await acknowledge(recipient, queue, second);
  expect(bodyOf(queue, marker)).toBe('QUOTA');
  expect(said(await send(sender, queue, text('e')))).toBe('ERR QUOTA');
  expect(said(await acknowledge(recipient, queue, marker))).toBe('OK');
  expect(said(await send(sender, queue, text('f')))).toBe('OK');
  expect(bodyOf(queue, (await recipient.next()).reply)).toBe('f');
});

test('an ACK with another id is refused; an empty id delivers the same message again', async () => {
  const queue = await createQueue(recipient);
  await send(sender, queue, text('x'));
  const message = (await recipient.next()).reply;
  const wrong = await recipient.ask({ tag: 'ACK', msgId: randomBytes(24) }, queue.recipientId, queue.recipientKey);
  expect(said(wrong)).toBe('ERR NO_MSG');
  const again = await recipient.ask({ tag: 'ACK', msgId: new Uint8Array(0) }, queue.recipientId, queue.recipientKey);
  expect(again).toEqual(message);
  expect(said(await acknowledge(recipient, queue, again))).toBe('OK');
});

test('GET returns the head until it is acknowledged and excludes SUB on its connection, and the reverse', async () => {
  const queue = await createQueue(recipient, { subMode: 'C' });
  expect(said(await get(recipient, queue))).toBe('OK');
  await send(sender, queue, text('one'));
  await expect(recipient.next(100)).rejects.toThrow('nothing arrived');
  const message = await get(recipient, queue);
  expect(await get(recipient, queue)).toEqual(message);
  expect(said(await sub(recipient, queue))).toBe('ERR CMD PROHIBITED');
  expect(said(await sub(sender, queue))).toBe('SOK');
  expect((await sender.next()).reply).toEqual(message);
  expect(said(await get(sender, queue))).toBe('ERR CMD PROHIBITED');
  expect(said(await acknowledge(recipient, queue, message))).toBe('OK');
  expect(said(await acknowledge(sender, queue, message))).toBe('OK');
  expect(said(await get(recipient, queue))).toBe('OK');
});

test('OFF: sending is over, what is stored stays readable, repeating is OK', async () => {
  const queue = await createQueue(recipient, { subMode: 'C' });
  await send(sender, queue, text('before'));
  for (let time = 0; time < 2; time++) {
    expect(said(await recipient.ask({ tag: 'OFF' }, queue.recipientId, queue.recipientKey))).toBe('OK');
  }
  expect(said(await send(sender, queue, text('after')))).toBe('ERR AUTH');
  expect(said(await sub(recipient, queue))).toBe('SOK');
  expect(bodyOf(queue, (await recipient.next()).reply)).toBe('before');
});

test('KEY and SKEY: the same key again is OK, another is AUTH; an unsecured queue takes no authorised SEND', async () => {
  const queue = await createQueue(recipient, { subMode: 'C' });
  const keys = generateKeyPair('x25519');
  const other = generateKeyPair('ed25519');
  expect(said(await send(sender, queue, text('signed'), other.privateKey))).toBe('ERR AUTH');
  const skey = (pair: typeof keys | typeof other) =>
    sender.ask({ tag: 'SKEY', senderKey: pair.publicKey }, queue.senderId, pair.privateKey);
  expect(said(await skey(keys))).toBe('OK');
  expect(said(await skey(keys))).toBe('OK');
  expect(said(await skey(other))).toBe('ERR AUTH');
  const key = (pair: typeof keys | typeof other) =>
    recipient.ask({ tag: 'KEY', senderKey: pair.publicKey }, queue.recipientId, queue.recipientKey);
  expect(said(await key(keys))).toBe('OK');
  expect(said(await key(other))).toBe('ERR AUTH');
  expect(said(await send(sender, queue, text('unsigned')))).toBe('ERR AUTH');
  expect(said(await send(sender, queue, text('signed'), keys.privateKey))).toBe('OK');
});

test('SKEY is for messaging queues, RKEY for contact addresses', async () => {
  const contact = await createQueue(recipient, { request: { type: 'C', data: null }, subMode: 'C' });
  const messaging = await createQueue(recipient, { subMode: 'C' });
  const keys = generateKeyPair('ed25519');
  const skey = await sender.ask({ tag: 'SKEY', senderKey: keys.publicKey }, contact.senderId, keys.privateKey);
  expect(said(skey)).toBe('ERR AUTH');
  const rkey = (queue: TestQueue, key = queue.recipientKey) =>
    recipient.ask({ tag: 'RKEY', recipientKeys: [keys.publicKey] }, queue.recipientId, key);
  expect(said(await rkey(messaging))).toBe('ERR AUTH');
  expect(said(await rkey(contact))).toBe('OK');
  expect(said(await rkey(contact))).toBe('ERR AUTH');
  expect(said(await rkey(contact, keys.privateKey))).toBe('OK');
});

test('an id of another party, or a key of another kind, is AUTH', async () => {
  const queue = await createQueue(recipient, { subMode: 'C', kind: 'ed448' });
  const sndId = await recipient.ask({ tag: 'SUB' }, queue.senderId, queue.recipientKey);
  expect(said(sndId)).toBe('ERR AUTH');
  const other = generateKeyPair('x25519');
  expect(said(await recipient.ask({ tag: 'SUB' }, queue.recipientId, other.privateKey))).toBe('ERR AUTH');
  expect(said(await sender.ask({ tag: 'SEND', notify: false, body: text('x') }, queue.recipientId))).toBe('ERR AUTH');
});

test('135 subscriptions in one block are answered in one block, then their messages follow one by one', async () => {
  const queues = await Promise.all(Array.from({ length: 1 }, () => createQueue(recipient, { subMode: 'C' })));
  while (queues.length < 135) queues.push(await createQueue(recipient, { subMode: 'C' }));
  for (const queue of queues.slice(0, 20)) await send(sender, queue, text('waiting'));
  const subscriber = await RawClient.connect(relay);
  subscriber.send(...queues.map((queue) => subscriber.transmission({ tag: 'SUB' }, queue.recipientId, queue.recipientKey)));
  const answers = await subscriber.nextBlock();
  expect(answers.map(({ reply }) => said(reply))).toEqual(queues.map(() => 'SOK'));
  const delivered = new Set<string>();
  for (let i = 0; i < 20; i++) {
    const { reply, entityId } = await subscriber.next();
    expect(reply.tag).toBe('MSG');
    delivered.add(Buffer.from(entityId).toString('hex'));
  }
  expect(delivered).toEqual(new Set(queues.slice(0, 20).map((queue) => Buffer.from(queue.recipientId).toString('hex'))));
  subscriber.close();
});

test('a few subscriptions and the first message share a block', async () => {
  const queues: TestQueue[] = [];
  for (let i = 0; i < 3; i++) queues.push(await createQueue(recipient, { subMode: 'C' }));
  await send(sender, queues[0]!, text('first'));
  const subscriber = await RawClient.connect(relay);
  subscriber.send(...queues.map((queue) => subscriber.transmission({ tag: 'SUB' }, queue.recipientId, queue.recipientKey)));
  const answers = await subscriber.nextBlock();
  expect(answers.map(({ reply }) => said(reply))).toEqual(['SOK', 'SOK', 'SOK', 'MSG']);
  subscriber.close();
});

test('QUE shows the state of the queue to its recipient', async () => {
  const queue = await createQueue(recipient, { subMode: 'C' });
  await secure(recipient, queue);
  const reply = await recipient.ask({ tag: 'QUE' }, queue.recipientId, queue.recipientKey);
  expect(reply.tag === 'INFO' && JSON.parse(Buffer.from(reply.json).toString())).toEqual({ qiSnd: true, qiNtf: false, qiSize: 0 });
});
