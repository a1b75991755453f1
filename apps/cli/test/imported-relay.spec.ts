/** A relay that came from the reference, to its clients: same address, same queues, and what waited for them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyBytes } from '@polyplex/base';
import {
  acknowledge, type AuthPrivateKey, connectSmp, getLink, getMessage, openMessage, openNotificationMeta, sendMessage, type SmpClient, subscribe, subscribeNotifications,
} from '@polyplex/client';
import { boxKeyOf, decodePrivateKey } from '@polyplex/crypto';
import { parseAddress } from '@polyplex/protocol-common';
import type { ReplyOf, SmpReply } from '@polyplex/protocol-smp';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EXIT_CODES } from '../src/exit-codes.ts';
import { type ExpectedQueue, vectorRelay, type VectorName } from './old-relay.ts';
import { newFolder, polyplex, startReady } from './support.ts';

const FOR_EVER = ['--set', 'messages.expireAfter=3650d', '--set', 'notifications.expireAfter=30d'];
const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const keyOf = ({ privatePkcs8Der }: { readonly privatePkcs8Der: string }): AuthPrivateKey => decodePrivateKey(unhex(privatePkcs8Der)) as AuthPrivateKey;
const boxOf = ({ dhSecret }: { readonly dhSecret: string }) => ({ boxKey: boxKeyOf(unhex(dhSecret)) });

interface Imported {
  readonly queues: readonly ExpectedQueue[];
  readonly connect: (onEvent?: (entityId: Uint8Array, reply: SmpReply) => void) => Promise<SmpClient>;
}

/** The relay of `name`, imported and started under its own address. */
async function startImported(name: VectorName): Promise<Imported> {
  const folder = newFolder();
  const { args, address: old, queues } = vectorRelay(folder, name);
  expect(await polyplex(folder, ['import', 'simplex', ...args, ...FOR_EVER])).toMatchObject({ code: EXIT_CODES.ok, stdout: expect.stringContaining(old) });
  // As the operator would who wants to keep what is old.
  const config = join(folder, 'config', 'polyplex.yaml');
  writeFileSync(config, readFileSync(config, 'utf8').replace('expireAfter: 21d', 'expireAfter: 3650d').replace('expireAfter: 24h', 'expireAfter: 30d'));
  const running = await startReady(folder);
  const shown = /smp:\/\/\S+/.exec(running.output.stdout)![0];
  expect(shown.replace(/:\d+$/, '')).toBe(old.replace(/:\d+$/, ''));
  const address = parseAddress(shown)!;
  const connect: Imported['connect'] = async (onEvent) => {
    const client = await connectSmp({ address, ...(onEvent === undefined ? {} : { onEvent }) });
    onTestFinished(() => client.close());
    return client;
  };
  return { queues, connect };
}

const told = (queue: ExpectedQueue, message: ReplyOf<'MSG'>) => {
  const opened = openMessage(boxOf(queue), message);
  return opened.kind === 'message' ? { msgId: hex(opened.msgId), timestamp: opened.ts, body: hex(opened.body) } : { msgId: hex(opened.msgId), quota: true };
};

const LONG = { timeout: 120_000 };

describe.each(['smp-server-memory', 'smp-server-journal'] as const)('the relay of %s', LONG, (name) => {
  it('has for each recipient what the reference has', async () => {
    const { queues, connect } = await startImported(name);
    const client = await connect();
    for (const queue of queues) {
      const keys = queue.recipientKeys.map((key) => ({ recipientId: unhex(queue.recipientId), key: keyOf(key) }));
      if (queue.status === 'deleted') {
        await expect(getMessage(client, keys[0]!)).rejects.toMatchObject({ error: { type: 'AUTH' } });
        continue;
      }
      const found: unknown[] = [];
      // Each of the keys will do.
      for (let message = await getMessage(client, keys.at(-1)!); message !== null; message = await getMessage(client, keys[0]!)) {
        found.push(told(queue, message));
        await acknowledge(client, keys[0]!, copyBytes(message.msgId));
      }
      expect(found).toEqual(queue.messages.map(({ msgId, timestamp, body, quota }) => (quota === true ? { msgId, quota } : { msgId, timestamp, body })));
    }
  });

  it('delivers to who subscribes, takes messages from who may send, and gives links', async () => {
    const { queues, connect } = await startImported(name);
    const queue = (wanted: string): ExpectedQueue => queues.find((each) => each.name === wanted)!;
    const arrived: ReplyOf<'MSG'>[] = [];
    const [waiting, empty] = [queue('key-2'), queue('skey-0')];
    const recipient = await connect((_, reply) => {
      if (reply.tag === 'MSG') arrived.push({ ...reply, msgId: copyBytes(reply.msgId), body: copyBytes(reply.body) });
    });
    const keysOf = ({ recipientId, recipientKeys }: ExpectedQueue) => ({ recipientId: unhex(recipientId), key: keyOf(recipientKeys[0]!) });
    for (const each of [waiting, empty]) await subscribe(recipient, keysOf(each));
    await expect.poll(() => arrived.length).toBe(1);
    expect(told(waiting, arrived[0]!).msgId).toBe(waiting.messages[0]!.msgId);
    const next = await acknowledge(recipient, keysOf(waiting), arrived[0]!.msgId);
    expect(told(waiting, next!).msgId).toBe(waiting.messages[1]!.msgId);

    const sender = await connect();
    const body = Buffer.from('after the move');
    await sendMessage(sender, { senderId: unhex(empty.senderId), key: keyOf(empty.senderKey!) }, body);
    await expect.poll(() => arrived.length).toBe(2);
    expect(told(empty, arrived[1]!)).toMatchObject({ body: hex(body) });
    await expect(sendMessage(sender, { senderId: unhex(empty.senderId), key: null }, body)).rejects.toMatchObject({ error: { type: 'AUTH' } });
    await expect(sendMessage(sender, { senderId: unhex(queue('suspended-0').senderId), key: null }, body)).rejects.toMatchObject({ error: { type: 'AUTH' } });
    await expect(sendMessage(sender, { senderId: unhex(queue('quota-full').senderId), key: null }, body)).rejects.toMatchObject({ error: { type: 'QUOTA' } });
    await sendMessage(sender, { senderId: unhex(queue('v6-queue').senderId), key: null }, body);

    const contact = queue('contact-LSET-updated');
    const link = await getLink(sender, unhex(contact.linkId!));
    expect([hex(link.senderId), hex(link.fixedData), hex(link.userData)]).toEqual([contact.senderId, contact.linkFixedData, contact.linkUserData]);
  });

  it('has notifications that waited, for who has the credentials', async () => {
    const { queues, connect } = await startImported(name);
    const queue = queues.find((each) => each.name === 'notifier-3')!;
    const arrived: ReplyOf<'NMSG'>[] = [];
    const notifier = await connect((_, reply) => {
      if (reply.tag === 'NMSG') arrived.push({ ...reply, nonce: copyBytes(reply.nonce), encMeta: copyBytes(reply.encMeta) });
    });
    await subscribeNotifications(notifier, { notifierId: unhex(queue.notifier!.notifierId), key: keyOf(queue.notifier!.key) });
    await expect.poll(() => arrived.length, { timeout: 10_000 }).toBe(9);
    const ids = arrived.map((each) => hex(openNotificationMeta(boxOf(queue.notifier!), each).msgId));
    expect(new Set(ids)).toEqual(new Set(queue.messages.map(({ msgId }) => msgId)));
    const removed = queues.find((each) => each.name === 'notifier-removed')!.removedNotifier!;
    await expect(subscribeNotifications(notifier, { notifierId: unhex(removed.notifierId), key: keyOf(removed.key) })).rejects.toMatchObject({ error: { type: 'AUTH' } });
  });
});
