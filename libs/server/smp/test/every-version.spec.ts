/** One queue's life in every version: created, secured, used by full-size messages, redelivered, deleted. */
import { randomBytes } from '@polyplex/crypto';
import { maxBodyBytes } from '@polyplex/protocol-smp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acknowledge, bodyOf, createQueue, type Kind, opened, secure, send, text } from './support/queue.ts';
import { RawClient, said } from './support/raw-client.ts';
import { startRelay, type TestRelay } from './support/relay.ts';

let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.stop());

const VERSIONS = [6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18];
const SOK = (version: number): string => (version >= 16 ? 'SOK' : 'OK');
const kindFor = (version: number): Kind => (version === 6 ? 'ed448' : version % 2 === 0 ? 'ed25519' : 'x25519');

describe.each(VERSIONS)('version %i', (version) => {
  test('create, secure, send the largest body, acknowledge, delete', async () => {
    const recipient = await RawClient.connect({ ...relay, version });
    const sender = await RawClient.connect({ ...relay, version });
    const queue = await createQueue(recipient, { kind: kindFor(version) });
    expect(queue.ids.mode).toBe(version >= 9 ? 'M' : null);
    const key = await secure(recipient, queue, kindFor(version));

    const body = randomBytes(maxBodyBytes(version));
    expect(said(await send(sender, queue, body, key))).toBe('OK');
    const pushed = await recipient.next();
    expect(pushed.corrId.length).toBe(0);
    expect(opened(queue, pushed.reply)).toMatchObject({ kind: 'message', notify: false, body });
    expect(said(await send(sender, queue, randomBytes(maxBodyBytes(version) + 1), key))).toBe('ERR LARGE_MSG');

    expect(said(await acknowledge(recipient, queue, pushed.reply))).toBe('OK');
    expect(said(await acknowledge(recipient, queue, pushed.reply))).toBe('ERR NO_MSG');
    expect(said(await recipient.ask({ tag: 'DEL' }, queue.recipientId, queue.recipientKey))).toBe('OK');
    expect(said(await recipient.ask({ tag: 'SUB' }, queue.recipientId, queue.recipientKey))).toBe('ERR AUTH');
    expect(said(await send(sender, queue, text('late'), key))).toBe('ERR AUTH');
    recipient.close();
    sender.close();
  });

  test('a second subscriber ends the first, and deletion is announced as its version knows it', async () => {
    const first = await RawClient.connect({ ...relay, version });
    const second = await RawClient.connect({ ...relay, version });
    const queue = await createQueue(first);
    await send(second, queue, text('hello'));
    const delivered = (await first.next()).reply;
    expect(said(await second.ask({ tag: 'SUB' }, queue.recipientId, queue.recipientKey))).toBe(SOK(version));
    const again = (await second.next()).reply;
    expect(again).toEqual(delivered);
    const end = await first.next();
    expect([said(end.reply), end.corrId.length, Buffer.from(end.entityId).equals(queue.recipientId)]).toEqual(['END', 0, true]);
    expect(said(await acknowledge(first, queue, delivered))).toBe('ERR NO_MSG');
    expect(said(await first.ask({ tag: 'DEL' }, queue.recipientId, queue.recipientKey))).toBe('OK');
    expect(said((await second.next()).reply)).toBe(version >= 10 ? 'DELD' : 'END');
    first.close();
    second.close();
  });

  test('SUB twice on one connection delivers the unacknowledged message again', async () => {
    const client = await RawClient.connect({ ...relay, version });
    const queue = await createQueue(client, { subMode: 'C' });
    expect(said(await send(client, queue, text('one')))).toBe('OK');
    expect(said(await send(client, queue, text('two')))).toBe('OK');
    for (let time = 0; time < 2; time++) {
      expect(said(await client.ask({ tag: 'SUB' }, queue.recipientId, queue.recipientKey))).toBe(SOK(version));
      expect(bodyOf(queue, (await client.next()).reply)).toBe('one');
    }
    client.close();
  });
});

test('a client without ALPN is offered version 6 only', async () => {
  const client = await RawClient.connect({ ...relay, version: 6, alpn: null });
  expect(client.hello.versions).toEqual({ min: 6, max: 6 });
  expect(client.hello.key).toBeNull();
  expect(said(await client.ask({ tag: 'PING' }))).toBe('PONG');
  client.close();
});

test('ALPN http/1.1 without SNI is SMP with the full range', async () => {
  const client = await RawClient.connect({ ...relay, alpn: ['http/1.1'] });
  expect(client.hello.versions).toEqual({ min: 6, max: 18 });
  client.close();
});
