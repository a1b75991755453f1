/** The typed commands: what they send, what they make of answers, and what they open (SMP §5, §6). */
import { afterEach, describe, expect, it } from 'vitest';
import { utf8 } from '@polyplex/base';
import { agree, boxKeyOf, generateKeyPair, type KeyPair, sha3_384 } from '@polyplex/crypto';
import type { AuthKey } from '@polyplex/protocol-common';
import { type CommandOf, sealDelivery, sealNotification, type SmpReply } from '@polyplex/protocol-smp';
import {
  acknowledge, addNotifier, createQueue, deleteLinkData, deleteNotifier, deleteQueue, getLink, getMessage, openMessage, openNotificationMeta, queueInfo, RefusedError, secureBySender,
  secureLink, secureQueue, sendMessage, setLinkData, setRecipientKeys, type SmpClient, subscribe, subscribeAll, subscribeNotifications, subscribeService, suspendQueue,
} from '../src/index.ts';
import { type Asked, type RelayScript, SERVICE_ID, serviceCredentials, stage } from './scripted-relay.ts';

const id = (byte: number): Uint8Array => new Uint8Array(24).fill(byte);
const queueKeys = generateKeyPair('x25519');
const ntfKeys = generateKeyPair('x25519');
const auth = generateKeyPair('ed25519');
const queue = { recipientId: id(1), key: auth.privateKey };
const notifier = { notifierId: id(3), key: auth.privateKey };

const opened: SmpClient[] = [];
afterEach(() => {
  for (const client of opened.splice(0)) client.close();
});

async function connect(answer: RelayScript['answer'], ...rest: [RelayScript?, Parameters<typeof stage>[1]?]): ReturnType<typeof stage> {
  const found = await stage({ answer: answer!, ...rest[0] }, rest[1]);
  opened.push(found.client);
  return found;
}

/** As a relay answers NEW. */
function idsFor({ command }: Asked): SmpReply {
  const { request, notifier: wanted } = command as CommandOf<'NEW'>;
  const senderId = request?.data?.senderId ?? id(2);
  const linkId = request?.data === undefined || request.data === null ? null : request.type === 'C' ? request.data.linkId : id(4);
  return {
    tag: 'IDS', recipientId: id(1), senderId, dhKey: queueKeys.publicKey, mode: request?.type ?? null, linkId, serviceId: null,
    notifier: wanted === null ? null : { notifierId: id(3), dhKey: ntfKeys.publicKey },
  };
}

describe('createQueue', () => {
  it('makes keys for each role, and opens what is delivered', async () => {
    const { client, relay } = await connect(idsFor);
    const made = await createQueue(client, { withNotifier: true, password: 'secret', subscribe: false });
    const { command, auth: signature, entityId } = relay.asked[0]! as Asked & { command: CommandOf<'NEW'> };
    expect(command).toMatchObject({ password: 'secret', subMode: 'C', request: { type: 'M', data: null } });
    expect([signature.length, entityId.length]).toEqual([64, 0]);
    expect(made).toMatchObject({ recipientId: id(1), senderId: id(2), mode: 'M', linkId: null, serviceId: null });

    const boxKey = boxKeyOf(agree(queueKeys.privateKey, command.rcvDhKey)!);
    const body = sealDelivery(boxKey, id(9), { kind: 'message', ts: 5, notify: true, body: utf8('hello') });
    expect(openMessage(made, { tag: 'MSG', msgId: id(9), body })).toEqual({ kind: 'message', ts: 5, notify: true, body: utf8('hello'), msgId: id(9) });
    expect(() => openMessage(made, { tag: 'MSG', msgId: id(8), body })).toThrow('MSG');

    const ntfKey = boxKeyOf(agree(ntfKeys.privateKey, command.notifier!.dhKey)!);
    const encMeta = sealNotification(ntfKey, id(7), { msgId: id(9), ts: 5 });
    expect(openNotificationMeta(made.notifier!, { tag: 'NMSG', nonce: id(7), encMeta })).toEqual({ msgId: id(9), ts: 5 });
    expect(() => openNotificationMeta(made.notifier!, { tag: 'NMSG', nonce: id(6), encMeta })).toThrow('NMSG');
  });

  it.each(['M', 'C'] as const)('with link data of mode %s derives the sender id from the corrId', async (mode) => {
    const { client, relay } = await connect(idsFor);
    const made = await createQueue(client, { mode, link: { fixedData: id(7), userData: id(8), linkId: id(6) } });
    const { corrId, command } = relay.asked[0]! as Asked & { command: CommandOf<'NEW'> };
    expect(made.senderId).toEqual(sha3_384(corrId).slice(0, 24));
    expect(command.request).toMatchObject({ type: mode, data: { senderId: made.senderId, fixedData: id(7), userData: id(8) } });
    expect(made.linkId).toEqual(mode === 'C' ? id(6) : id(4));
  });

  it('makes link data for the sender id that the queue will have', async () => {
    const { client, relay } = await connect(idsFor);
    const made = await createQueue(client, { mode: 'C', link: (senderId) => ({ fixedData: senderId, userData: id(8), linkId: id(6) }) });
    const { command } = relay.asked[0]! as Asked & { command: CommandOf<'NEW'> };
    expect(command.request).toMatchObject({ type: 'C', data: { senderId: made.senderId, fixedData: made.senderId, userData: id(8), linkId: id(6) } });
  });

  it.each([['ed448', 114], ['x25519', 80]] as const)('with %s keys', async (keyKind, length) => {
    const { client, relay } = await connect(idsFor);
    expect((await createQueue(client, { keyKind })).key.kind).toBe(keyKind);
    expect(relay.asked[0]!.auth).toHaveLength(length);
  });

  it('in old versions says what they can say', async () => {
    const { client, relay } = await connect(idsFor, { versions: { min: 6, max: 8 } });
    expect(await createQueue(client, { mode: null, key: auth, withNotifier: true })).toMatchObject({ mode: null, notifier: null, key: auth.privateKey });
    expect(relay.asked[0]!.command).toMatchObject({ request: null, notifier: null, rcvAuthKey: auth.publicKey });
  });

  it('fails with the relay’s error', async () => {
    const { client } = await connect(() => ({ tag: 'ERR', error: { type: 'AUTH' } }));
    await expect(createQueue(client)).rejects.toMatchObject({ code: 'REFUSED', error: { type: 'AUTH' } });
    await expect(createQueue(client)).rejects.toBeInstanceOf(RefusedError);
  });

  it('does not take a key that anyone can agree with', async () => {
    const { client } = await connect((asked) => ({ ...(idsFor(asked) as SmpReply & { tag: 'IDS' }), dhKey: { kind: 'x25519', raw: new Uint8Array(32) } }));
    await expect(createQueue(client)).rejects.toMatchObject({ code: 'RESPONSE' });
  });
});

describe('commands answered with OK', () => {
  const other: KeyPair<'ed25519'> = generateKeyPair('ed25519');
  const authKey = other.publicKey as AuthKey;
  const rows: readonly (readonly [string, (client: SmpClient) => Promise<void>, object, number])[] = [
    ['secureQueue', (c) => secureQueue(c, queue, authKey), { tag: 'KEY', senderKey: authKey }, 1],
    ['setRecipientKeys', (c) => setRecipientKeys(c, queue, [authKey]), { tag: 'RKEY', recipientKeys: [authKey] }, 1],
    ['setLinkData', (c) => setLinkData(c, queue, id(5), { fixedData: id(6), userData: id(7) }), { tag: 'LSET', linkId: id(5), data: { fixedData: id(6), userData: id(7) } }, 1],
    ['deleteLinkData', (c) => deleteLinkData(c, queue), { tag: 'LDEL' }, 1],
    ['deleteNotifier', (c) => deleteNotifier(c, queue), { tag: 'NDEL' }, 1],
    ['suspendQueue', (c) => suspendQueue(c, queue), { tag: 'OFF' }, 1],
    ['deleteQueue', (c) => deleteQueue(c, queue), { tag: 'DEL' }, 1],
    ['secureBySender', (c) => secureBySender(c, id(2), other), { tag: 'SKEY', senderKey: authKey }, 2],
    ['sendMessage, secured', (c) => sendMessage(c, { senderId: id(2), key: other.privateKey }, id(9), true), { tag: 'SEND', notify: true, body: id(9) }, 2],
  ];

  it.each(rows)('%s', async (_, run, command, entity) => {
    const { client, relay } = await connect(() => ({ tag: 'OK' }));
    await run(client);
    expect(relay.asked[0]).toMatchObject({ command, entityId: id(entity) });
    expect(relay.asked[0]!.auth).toHaveLength(64);
  });

  it.each(rows)('%s, refused', async (_, run) => {
    const { client } = await connect(() => ({ tag: 'ERR', error: { type: 'QUOTA' } }));
    await expect(run(client)).rejects.toMatchObject({ code: 'REFUSED', error: { type: 'QUOTA' } });
  });

  it('sendMessage to a queue that is not secured is not authorised', async () => {
    const { client, relay } = await connect(() => ({ tag: 'OK' }));
    await sendMessage(client, { senderId: id(2), key: null }, id(9));
    expect(relay.asked[0]).toMatchObject({ command: { tag: 'SEND', notify: false }, auth: new Uint8Array(0) });
  });

  it('another answer is unexpected', async () => {
    const { client } = await connect(() => ({ tag: 'SOK', serviceId: null }));
    await expect(deleteQueue(client, queue)).rejects.toMatchObject({ code: 'UNEXPECTED', broker: { type: 'UNEXPECTED', text: 'SOK' } });
  });
});

describe('commands answered with more', () => {
  const MSG: SmpReply = { tag: 'MSG', msgId: id(9), body: new Uint8Array(16_122) };

  it.each([['OK', null], ['MSG', MSG]] as const)('ACK and GET answered with %s', async (tag, message) => {
    const { client, relay } = await connect(() => (tag === 'MSG' ? MSG : { tag: 'OK' }));
    expect(await acknowledge(client, queue, id(8))).toEqual(message);
    expect(await getMessage(client, queue)).toEqual(message);
    expect(relay.asked.map(({ command }) => command)).toEqual([{ tag: 'ACK', msgId: id(8) }, { tag: 'GET' }]);
  });

  it.each([
    ['OK', { tag: 'OK' }, { serviceId: null, message: null }],
    ['SOK', { tag: 'SOK', serviceId: null }, { serviceId: null, message: null }],
    ['SOK of a service', { tag: 'SOK', serviceId: id(5) }, { serviceId: id(5), message: null }],
    ['MSG', MSG, { serviceId: null, message: MSG }],
  ] as const)('SUB and NSUB answered with %s', async (_, reply, expected) => {
    const { client } = await connect(() => reply);
    expect(await subscribe(client, queue)).toEqual(expected);
    expect(await subscribeNotifications(client, notifier)).toEqual(expected);
  });

  it('SUB of many: an outcome for each', async () => {
    const { client, relay } = await connect(({ entityId }) => {
      if (entityId[0] === 1) return { tag: 'ERR', error: { type: 'AUTH' } };
      return entityId[0] === 2 ? { tag: 'PONG' } : { tag: 'SOK', serviceId: null };
    });
    const outcomes = await subscribeAll(client, Array.from({ length: 1_400 }, (_, i) => ({ kind: 'SUB', entityId: id(Math.min(i, 9)), key: auth.privateKey })));
    expect(outcomes.slice(0, 4).map(({ result }) => result)).toEqual(['subscribed', 'refused', 'failed', 'subscribed']);
    expect(outcomes).toHaveLength(1_400);
    expect(relay.blockSizes).toEqual([...Array.from({ length: 10 }, () => 135), 50]);
  });

  it('NSUBS in a service session', async () => {
    const answer: RelayScript['answer'] = ({ command }) => (command.tag === 'NSUBS' ? { tag: 'SOKS', count: 7 } : { tag: 'OK' });
    const plain = await connect(answer);
    await expect(subscribeService(plain.client)).rejects.toMatchObject({ broker: { type: 'NO_SERVICE' } });
    const { client, relay } = await connect(answer, {}, { service: { role: 'N', credentials: serviceCredentials() } });
    expect(await subscribeService(client)).toBe(7);
    expect(relay.asked[0]).toMatchObject({ entityId: SERVICE_ID, serviceSignature: null });
  });

  it('NKEY', async () => {
    const { client, relay } = await connect(() => ({ tag: 'NID', notifierId: id(3), dhKey: ntfKeys.publicKey }));
    const made = await addNotifier(client, queue);
    const command = relay.asked[0]!.command as CommandOf<'NKEY'>;
    expect(made).toMatchObject({ notifierId: id(3), boxKey: boxKeyOf(agree(ntfKeys.privateKey, command.dhKey)!) });
  });

  it('LKEY, LGET and QUE', async () => {
    const link = { senderId: id(2), data: { fixedData: id(6), userData: id(7) } };
    const { client, relay } = await connect(({ command }) => (command.tag === 'QUE' ? { tag: 'INFO', json: utf8('{}') } : { tag: 'LNK', ...link }));
    const expected = { senderId: id(2), fixedData: id(6), userData: id(7) };
    expect(await secureLink(client, id(5), auth)).toEqual(expected);
    expect(await getLink(client, id(5))).toEqual(expected);
    expect(await queueInfo(client, queue)).toEqual(utf8('{}'));
    expect(relay.asked.map((asked) => asked.auth.length)).toEqual([64, 0, 64]);
  });
});
