/** Limits: handshakes that never end, admission, clients that do not read, drain (SMP §8; design: abuse limits). */
import { EMPTY_BYTES } from '@polyplex/base';
import { generateKeyPair, randomBytes } from '@polyplex/crypto';
import { type BlockConnection, clientHello, handshakeBlock } from '@polyplex/protocol-common';
import { resultOf } from '@polyplex/store-contract';
import { dialTls } from '@polyplex/transport-tls';
import { afterEach, describe, expect, test } from 'vitest';
import { acknowledge, bodyOf, createQueue, newCommand, send, text, type TestQueue } from './support/queue.ts';
import { RawClient, said } from './support/raw-client.ts';
import type { NodeOptions } from './support/node.ts';
import { startRelay, type TestRelay, total } from './support/relay.ts';

let relay: TestRelay;
const start = async (options: NodeOptions['options'] = {}): Promise<TestRelay> => (relay = await startRelay({ options }));
afterEach(() => relay.stop());

/** Connects without a handshake; `closed` settles when the relay hangs up. */
async function dial(onBlock: (connection: BlockConnection) => void): Promise<{ connection: BlockConnection; closed: Promise<void>; blocks: () => number }> {
  const connection = await dialTls({ host: '127.0.0.1', port: relay.port, fingerprint: relay.fingerprint, allowAddress: () => true });
  let blocks = 0;
  const closed = new Promise<void>((resolve) => {
    connection.start({
      block: () => {
        blocks++;
        onBlock(connection);
      },
      drained: () => undefined,
      closed: () => resolve(),
    });
  });
  return { connection, closed, blocks: () => blocks };
}

describe('a handshake that fails closes without a reply', () => {
  const hello = { version: 18, key: generateKeyPair('x25519').publicKey, proxyServer: false, service: null };
  const cases: readonly (readonly [string, () => Uint8Array])[] = [
    ['garbage', () => randomBytes(16_384)],
    ['zeroes', () => new Uint8Array(16_384)],
    ['another identity', () => handshakeBlock(clientHello, { ...hello, keyHash: randomBytes(32) })],
    ['a version above the range', () => handshakeBlock(clientHello, { ...hello, version: 19, keyHash: relay.fingerprint })],
    ['a version below the range', () => handshakeBlock(clientHello, { ...hello, version: 5, keyHash: relay.fingerprint })],
    ['an unusable session key', () => handshakeBlock(clientHello, { ...hello, key: { kind: 'x25519', raw: new Uint8Array(32) }, keyHash: relay.fingerprint })],
  ];
  test.each(cases)('%s', async (_name, block) => {
    await start();
    const { closed, blocks } = await dial((connection) => connection.write(block()));
    await closed;
    expect(blocks()).toBe(1);
  });

  test('a handshake that never ends is cut off', async () => {
    await start({ handshakeTimeoutMs: 100 });
    const { closed } = await dial(() => undefined);
    await closed;
    await expect.poll(() => total(relay, ({ server }) => server.stats.closed.get('timeout'))).toBe(1);
  });
});

test('extra bytes in a hello are ignored', async () => {
  await start();
  const client = await RawClient.connect(relay);
  expect(said(await client.ask({ tag: 'PING' }))).toBe('PONG');
  client.close();
});

test('the password is needed for NEW and PRXY, and for nothing else', async () => {
  await start({ password: 'secret' });
  const client = await RawClient.connect(relay);
  await expect(createQueue(client)).rejects.toThrow('ERR AUTH');
  await expect(createQueue(client, { password: 'wrong' })).rejects.toThrow('ERR AUTH');
  const queue = await createQueue(client, { password: 'secret' });
  expect(said(await send(client, queue, text('x')))).toBe('MSG');
  expect(said((await client.next()).reply)).toBe('OK');
  const server = { hosts: ['127.0.0.1'], port: '1', keyHash: randomBytes(32) };
  expect(said(await client.ask({ tag: 'PRXY', server, password: 'wrong' }))).toBe('ERR PROXY BASIC_AUTH');
  client.close();
});

test('a relay without new queues refuses NEW', async () => {
  await start({ newQueues: false });
  const client = await RawClient.connect(relay);
  await expect(createQueue(client)).rejects.toThrow('ERR AUTH');
  client.close();
});

test('queues created in a minute are limited for each address, with an error of the protocol', async () => {
  await start({ newQueuesPerMinutePerAddress: 3 });
  const client = await RawClient.connect(relay);
  for (let i = 0; i < 3; i++) await createQueue(client);
  await expect(createQueue(client)).rejects.toThrow('ERR QUOTA');
  expect(said(await client.ask({ tag: 'PING' }))).toBe('PONG');
  client.close();
});

test('inactive connections are closed, subscribed ones are not', async () => {
  await start({ inactiveTtlMs: 500, inactiveCheckMs: 100 });
  const [idle, subscribed] = [await RawClient.connect(relay), await RawClient.connect(relay)];
  await createQueue(subscribed);
  await idle.closed;
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(said(await subscribed.ask({ tag: 'PING' }))).toBe('PONG');
  subscribed.close();
});

test('a client that does not read costs the relay a bounded buffer, and gets everything when it reads', async () => {
  await start();
  const [owner, reader] = [await RawClient.connect(relay), await RawClient.connect(relay)];
  const queues: TestQueue[] = [];
  for (let i = 0; i < 600; i++) queues.push(await createQueue(owner, { subMode: 'C' }));
  owner.send(...queues.map((queue) => owner.transmission({ tag: 'SEND', notify: false, body: randomBytes(16_000) }, queue.senderId)));
  for (let i = 0; i < queues.length; i++) expect(said((await owner.next()).reply)).toBe('OK');

  reader.connection.pause();
  reader.send(...queues.map((queue) => reader.transmission({ tag: 'SUB' }, queue.recipientId, queue.recipientKey)));
  await new Promise((resolve) => setTimeout(resolve, 500));
  const buffered = relay.nodes.flatMap(({ listener }) => [...listener.connections]).map((connection) => connection.bufferedBytes);
  expect(Math.max(...buffered)).toBeLessThan(2_000_000); // 600 messages are 9.8 MB
  reader.connection.resume();
  let messages = 0;
  for (let answers = 0; answers < queues.length || messages < queues.length; ) {
    const { reply } = await reader.next();
    if (reply.tag === 'MSG') messages++;
    else answers++;
  }
  expect(messages).toBe(queues.length);
  owner.close();
  reader.close();
});

test('thousands of commands at once are answered, reading pauses meanwhile', async () => {
  await start({ commandsInFlight: 64 });
  const client = await RawClient.connect(relay);
  const count = 3000;
  for (let i = 0; i < count; i++) client.send(client.transmission({ tag: 'PING' }));
  for (let i = 0; i < count; i++) expect(said((await client.next()).reply)).toBe('PONG');
  client.close();
});

test('a drain answers what is in flight, then closes; what was acknowledged is there after the restart', async () => {
  await start();
  const client = await RawClient.connect(relay);
  const queue = await createQueue(client, { subMode: 'C' });
  const bodies = Array.from({ length: 50 }, (_, i) => String(i));
  client.send(...bodies.map((body) => client.transmission({ tag: 'SEND', notify: false, body: text(body) }, queue.senderId)));
  const replies: string[] = [];
  const collect = (async () => {
    for (;;) replies.push(said((await client.next()).reply));
  })().catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 5));
  await relay.drain();
  expect(await client.closed).toBe('peer');
  await collect;
  const head = resultOf((await relay.store.heads([queue.recipientId], null))[0]!)?.head;
  const record = resultOf((await relay.store.find('recipient', [queue.recipientId]))[0]!);
  expect(await relay.store.size(record)).toBe(replies.filter((reply) => reply === 'OK').length);
  if (replies.length > 0) expect(head?.kind === 'message' && Buffer.from(head.body).toString()).toBe('0');
});

test('pipelined SENDs to one queue keep their order', async () => {
  await start();
  const [recipient, sender] = [await RawClient.connect(relay), await RawClient.connect(relay)];
  const queue = await createQueue(recipient);
  const count = 100;
  for (let i = 0; i < count; i++) sender.send(sender.transmission({ tag: 'SEND', notify: false, body: text(String(i)) }, queue.senderId));
  let message = (await recipient.next()).reply;
  for (let i = 0; i < count; i++) {
    expect(bodyOf(queue, message)).toBe(String(i));
    message = await acknowledge(recipient, queue, message);
    if (message.tag === 'OK' && i < count - 1) message = (await recipient.next()).reply;
  }
  recipient.close();
  sender.close();
});

test('one connection that misbehaves is not noticed by another', async () => {
  await start();
  const [good, bad] = [await RawClient.connect(relay), await RawClient.connect(relay)];
  const keys = generateKeyPair('ed25519');
  for (let i = 0; i < 50; i++) bad.sendContent(randomBytes(1 + (i % 200)));
  bad.connection.write(randomBytes(16_384));
  const queue = await createQueue(good);
  good.send(good.transmission(newCommand(keys, generateKeyPair('x25519')), EMPTY_BYTES, keys.privateKey));
  expect((await good.next()).reply.tag).toBe('IDS');
  expect(queue.recipientId.length).toBe(24);
  bad.close();
  expect(said(await good.ask({ tag: 'PING' }))).toBe('PONG');
  good.close();
});
