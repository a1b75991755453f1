/** Notifications and client services (SMP §5.4, §6.7, §6.8). */
import { EMPTY_BYTES } from '@polyplex/base';
import { agree, boxKeyOf, generateKeyPair } from '@polyplex/crypto';
import { openNotification } from '@polyplex/protocol-smp';
import { issueServiceCertificate, readCredentials } from '@polyplex/transport-tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nkey as newNotifier, nsub, nsubs, service } from './support/notifier.ts';
import { createQueue, opened, send, text, type TestQueue } from './support/queue.ts';
import { RawClient, said } from './support/raw-client.ts';
import { startRelay, type TestRelay } from './support/relay.ts';

let relay: TestRelay;
let recipient: RawClient;
let sender: RawClient;
beforeAll(async () => {
  relay = await startRelay();
  recipient = await RawClient.connect(relay);
  sender = await RawClient.connect(relay);
});
afterAll(async () => {
  recipient.close();
  sender.close();
  await relay.stop();
});

const nkey = (queue: TestQueue) => newNotifier(recipient, queue);

test('NKEY twice gives different ids; a flagged message notifies with the metadata of the message', async () => {
  const queue = await createQueue(recipient);
  const old = await nkey(queue);
  const notifier = await RawClient.connect(relay);
  expect(said(await nsub(notifier, old))).toBe('SOK');
  const present = await nkey(queue);
  expect(said((await notifier.next()).reply)).toBe('DELD');
  expect(present.notifierId).not.toEqual(old.notifierId);
  expect(said(await nsub(notifier, old))).toBe('ERR AUTH');
  expect(said(await nsub(notifier, present))).toBe('SOK');
  expect(said(await nsub(notifier, present))).toBe('SOK');
  await send(sender, queue, text('silent'), undefined, false);
  await send(sender, queue, text('loud'), undefined, true);
  const first = (await recipient.next()).reply;
  const second = await recipient.ask({ tag: 'ACK', msgId: first.tag === 'MSG' ? first.msgId : EMPTY_BYTES }, queue.recipientId, queue.recipientKey);
  const event = await notifier.next();
  if (event.reply.tag !== 'NMSG' || second.tag !== 'MSG') throw new Error(said(event.reply));
  expect(openNotification(present.boxKey, event.reply.nonce, event.reply.encMeta)).toEqual({ msgId: second.msgId, ts: opened(queue, second).ts });
  await expect(notifier.next(200)).rejects.toThrow('nothing arrived');
  notifier.close();
});

test('notifications wait for their notifier; another NSUB ends the first; NDEL is announced', async () => {
  const queue = await createQueue(recipient);
  const credentials = await nkey(queue);
  await send(sender, queue, text('waiting'), undefined, true);
  await recipient.next();
  const [first, second] = [await RawClient.connect(relay), await RawClient.connect(relay)];
  expect(said(await nsub(first, credentials))).toBe('SOK');
  expect((await first.next()).reply.tag).toBe('NMSG');
  expect(said(await nsub(second, credentials))).toBe('SOK');
  expect(said((await first.next()).reply)).toBe('END');
  for (let time = 0; time < 2; time++) {
    expect(said(await recipient.ask({ tag: 'NDEL' }, queue.recipientId, queue.recipientKey))).toBe('OK');
  }
  expect(said((await second.next()).reply)).toBe('DELD');
  first.close();
  second.close();
});

test('a connection that holds the notification itself is not told what it does', async () => {
  const queue = await createQueue(recipient, { subMode: 'C' });
  expect(said(await nsub(recipient, await nkey(queue)))).toBe('SOK');
  expect(said(await nsub(recipient, await nkey(queue)))).toBe('SOK');
  expect(said(await recipient.ask({ tag: 'NDEL' }, queue.recipientId, queue.recipientKey))).toBe('OK');
  await expect(recipient.next(100)).rejects.toThrow('nothing arrived');
});

test('a known service is served when no new one is taken any more', async () => {
  const strict = await startRelay({ options: { serviceRecords: 2 } });
  const identity = () => {
    const issued = issueServiceCertificate({ commonName: 'service', algorithm: 'ed25519' });
    return readCredentials({ certificatePem: issued.certificate, keyPem: issued.key, allowSelfSigned: true });
  };
  const connect = async (credentials: ReturnType<typeof identity>, role: 'N' | 'P') => {
    const client = await RawClient.connect({ ...strict, service: { credentials, role } });
    client.close();
    return client.serviceId;
  };
  const [notifier, proxy] = [identity(), identity()];
  const ids = [await connect(notifier, 'N'), await connect(proxy, 'P')];
  for (const role of ['N', 'P'] as const) await expect(connect(identity(), role)).rejects.toThrow('HANDSHAKE BAD_SERVICE');
  expect([await connect(notifier, 'N'), await connect(proxy, 'P')]).toEqual(ids);
  await strict.stop();
});

test('NEW with notifier credentials saves a round trip', async () => {
  const keys = generateKeyPair('x25519');
  const dh = generateKeyPair('x25519');
  const queue = await createQueue(recipient, { subMode: 'C', notifier: { notifierKey: keys.publicKey, dhKey: dh.publicKey } });
  const { notifierId, dhKey } = queue.ids.notifier!;
  const notifier = await RawClient.connect(relay);
  const boxKey = boxKeyOf(agree(dh.privateKey, dhKey)!);
  expect(said(await nsub(notifier, { notifierId: Uint8Array.from(notifierId), key: keys.privateKey, boxKey }))).toBe('SOK');
  await send(sender, queue, text('x'), undefined, true);
  const { reply } = await notifier.next();
  expect(reply.tag === 'NMSG' && openNotification(boxKey, reply.nonce, reply.encMeta)).not.toBeNull();
  notifier.close();
});

test('a notifier service: associated queues come back with NSUBS, and a new session ends the old one', async () => {
  const { connect } = service();
  const first = await connect(relay);
  const queues = [await createQueue(recipient, { subMode: 'C' }), await createQueue(recipient, { subMode: 'C' })];
  const notifiers = [await nkey(queues[0]!), await nkey(queues[1]!)];
  for (const notifier of notifiers) {
    const reply = await nsub(first, notifier, true);
    expect(reply).toMatchObject({ tag: 'SOK', serviceId: first.serviceId });
  }
  expect(said(await nsub(first, notifiers[0]!))).toBe('ERR SERVICE');
  await send(sender, queues[0]!, text('x'), undefined, true);
  expect((await first.next()).reply.tag).toBe('NMSG');

  const second = await connect(relay);
  expect(second.serviceId).toEqual(first.serviceId);
  expect(await nsubs(second)).toBe(2);
  expect((await first.next()).reply).toEqual({ tag: 'ENDS', count: 2 });
  await send(sender, queues[1]!, text('y'), undefined, true);
  expect((await second.next()).reply.tag).toBe('NMSG');

  const plain = await RawClient.connect(relay);
  expect(await nsub(plain, notifiers[1]!)).toMatchObject({ tag: 'SOK', serviceId: null });
  expect(said((await second.next()).reply)).toBe('END');
  expect(await nsubs(second)).toBe(1);
  for (const client of [first, second, plain]) client.close();
});

test('service sessions: roles, signatures, and what each may not do', async () => {
  const { connect } = service();
  const notifier = await connect(relay, 'N');
  await expect(connect(relay, 'M')).rejects.toThrow('HANDSHAKE BAD_SERVICE');
  const queue = await createQueue(recipient, { subMode: 'C' });
  expect(said(await notifier.ask({ tag: 'SUB' }, queue.recipientId, queue.recipientKey, true))).toBe('ERR CMD PROHIBITED');
  expect(said(await notifier.ask({ tag: 'PING' }))).toBe('PONG');
  const messaging = await service().connect(relay, 'M');
  const created = await createQueue(messaging, { withService: true });
  expect(created.ids.serviceId).toEqual(messaging.serviceId);
  await expect(createQueue(messaging, { withService: true, subMode: 'C' })).rejects.toThrow('ERR CMD PROHIBITED');
  await expect(createQueue(messaging)).rejects.toThrow('ERR SERVICE');
  const subscribed = await messaging.ask({ tag: 'SUB' }, queue.recipientId, queue.recipientKey, true);
  expect(subscribed).toMatchObject({ tag: 'SOK', serviceId: messaging.serviceId });
  expect(said(await messaging.ask({ tag: 'OFF' }, queue.recipientId, queue.recipientKey, true))).toBe('ERR SERVICE');
  messaging.send(messaging.serviceTransmission({ tag: 'SUBS' }, messaging.serviceId!));
  expect(said((await messaging.next()).reply)).toBe('ERR CMD PROHIBITED');
  messaging.send(messaging.serviceTransmission({ tag: 'NSUBS' }, messaging.serviceId!));
  expect(said((await messaging.next()).reply)).toBe('ERR CMD PROHIBITED');
  notifier.close();
  messaging.close();
});
