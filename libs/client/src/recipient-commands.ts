/** What the recipient of a queue may ask for (SMP §5.2). All throw `RefusedError` or `SmpClientError`. */
import { copyBytes } from '@polyplex/base';
import { generateKeyPair } from '@polyplex/crypto';
import type { AuthKey } from '@polyplex/protocol-common';
import type { ReplyOf } from '@polyplex/protocol-smp';
import { type LinkData, sharedBoxKey } from './create-queue.ts';
import type { NotifierKeys, RecipientKeys } from './queue-keys.ts';
import { demandOk, expectReply, type Requester, type RequestOptions } from './requester.ts';

function optionsOf({ recipientId, key }: RecipientKeys): RequestOptions {
  return { entityId: recipientId, key };
}

/** ACK; the next message comes with the answer, or null. */
export async function acknowledge(requester: Requester, queue: RecipientKeys, msgId: Uint8Array): Promise<ReplyOf<'MSG'> | null> {
  const reply = expectReply(await requester.request({ tag: 'ACK', msgId }, optionsOf(queue)), 'OK', 'MSG');
  return reply.tag === 'MSG' ? reply : null;
}

/** GET: the first message without subscribing, or null when there is none. */
export async function getMessage(requester: Requester, queue: RecipientKeys): Promise<ReplyOf<'MSG'> | null> {
  const reply = expectReply(await requester.request({ tag: 'GET' }, optionsOf(queue)), 'OK', 'MSG');
  return reply.tag === 'MSG' ? reply : null;
}

/** KEY: only this key may send from now on. */
export function secureQueue(requester: Requester, queue: RecipientKeys, senderKey: AuthKey): Promise<void> {
  return demandOk<'KEY'>(requester, { tag: 'KEY', senderKey }, optionsOf(queue));
}

/** RKEY: replaces all recipient keys of a contact address; at least one. */
export function setRecipientKeys(requester: Requester, queue: RecipientKeys, recipientKeys: readonly AuthKey[]): Promise<void> {
  return demandOk<'RKEY'>(requester, { tag: 'RKEY', recipientKeys }, optionsOf(queue));
}

/** LSET: adds link data or changes its user part. */
export function setLinkData(requester: Requester, queue: RecipientKeys, linkId: Uint8Array, data: LinkData): Promise<void> {
  return demandOk<'LSET'>(requester, { tag: 'LSET', linkId, data }, optionsOf(queue));
}

export function deleteLinkData(requester: Requester, queue: RecipientKeys): Promise<void> {
  return demandOk<'LDEL'>(requester, { tag: 'LDEL' }, optionsOf(queue));
}

/** NKEY: new notification credentials; earlier ones become invalid. */
export async function addNotifier(requester: Requester, queue: RecipientKeys, kind: 'ed25519' | 'ed448' | 'x25519' = 'ed25519'): Promise<NotifierKeys> {
  const auth = generateKeyPair(kind);
  const dh = generateKeyPair('x25519');
  const command = { tag: 'NKEY', notifierKey: auth.publicKey, dhKey: dh.publicKey } as const;
  const reply = expectReply(await requester.request(command, optionsOf(queue)), 'NID');
  return { notifierId: copyBytes(reply.notifierId), key: auth.privateKey, boxKey: sharedBoxKey(dh.privateKey, reply.dhKey) };
}

export function deleteNotifier(requester: Requester, queue: RecipientKeys): Promise<void> {
  return demandOk<'NDEL'>(requester, { tag: 'NDEL' }, optionsOf(queue));
}

/** OFF: no more messages are taken; stored ones stay. Cannot be undone. */
export function suspendQueue(requester: Requester, queue: RecipientKeys): Promise<void> {
  return demandOk<'OFF'>(requester, { tag: 'OFF' }, optionsOf(queue));
}

/** DEL: the queue and everything in it. */
export function deleteQueue(requester: Requester, queue: RecipientKeys): Promise<void> {
  return demandOk<'DEL'>(requester, { tag: 'DEL' }, optionsOf(queue));
}

/** QUE: the relay's account of the queue, JSON as bytes; for debugging. */
export async function queueInfo(requester: Requester, queue: RecipientKeys): Promise<Uint8Array> {
  return expectReply(await requester.request({ tag: 'QUE' }, optionsOf(queue)), 'INFO').json;
}
