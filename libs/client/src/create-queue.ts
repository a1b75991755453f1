/** NEW in all its variants (SMP §5.2), with fresh keys for each queue and role (§10.3). */
import { copyBytes } from '@polyplex/base';
import { agree, type BoxKey, boxKeyOf, generateKeyPair, type KeyPair, type PrivateKey, type PublicKey, randomBytes, sha3_384 } from '@polyplex/crypto';
import type { CommandOf, QueueRequest, ReplyOf } from '@polyplex/protocol-smp';
import { responseError } from './client-error.ts';
import type { NotifierKeys, RecipientQueue } from './queue-keys.ts';
import { expectReply, type Requester } from './requester.ts';

type AuthPair = KeyPair<'ed25519' | 'ed448' | 'x25519'>;

/** Data behind a short link, opaque for the relay. */
export interface LinkData {
  readonly fixedData: Uint8Array;
  readonly userData: Uint8Array;
}

/** For a contact address the creator chooses the link id; default a random one. */
export type QueueLink = LinkData & { readonly linkId?: Uint8Array };

export interface CreateQueueOptions {
  /** `M` for a one-time invitation, `C` for a contact address; null says nothing, as old clients do. Default `M`. */
  readonly mode?: 'M' | 'C' | null;
  /** Whether this connection gets the messages at once; default true. */
  readonly subscribe?: boolean;
  /** Of the relay, when it has one. */
  readonly password?: string | null;
  /** Stored with the queue (from version 15); a function makes it for the sender id that the queue will have. */
  readonly link?: QueueLink | ((senderId: Uint8Array) => QueueLink);
  /** Makes notification credentials in the same step (from version 17). */
  readonly withNotifier?: boolean;
  /** Kind of the fresh recipient and notifier keys; default `ed25519`. */
  readonly keyKind?: 'ed25519' | 'ed448' | 'x25519';
  /** The recipient's key, instead of a fresh one. */
  readonly key?: AuthPair;
  /** In the name of our client service. */
  readonly asService?: boolean;
  readonly timeoutMs?: number;
}

interface FreshKeys {
  readonly auth: AuthPair;
  readonly dh: KeyPair<'x25519'>;
  readonly notifier: { readonly auth: AuthPair; readonly dh: KeyPair<'x25519'> } | null;
}

const ID_BYTES = 24;

/** Throws `RefusedError` or `SmpClientError`. */
export async function createQueue(requester: Requester, options: CreateQueueOptions = {}): Promise<RecipientQueue> {
  const keys = freshKeys(options);
  // With link data the sender id follows from the corrId, so that the creator cannot probe for existing ids.
  const corrId = randomBytes(ID_BYTES);
  const command: CommandOf<'NEW'> = {
    tag: 'NEW',
    rcvAuthKey: keys.auth.publicKey,
    rcvDhKey: keys.dh.publicKey,
    password: options.password ?? null,
    subMode: options.subscribe === false ? 'C' : 'S',
    request: queueRequest(options, corrId),
    notifier: keys.notifier === null ? null : { notifierKey: keys.notifier.auth.publicKey, dhKey: keys.notifier.dh.publicKey },
  };
  const { asService = false, timeoutMs } = options;
  const reply = await requester.request(command, { corrId, key: keys.auth.privateKey, asService, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  return queueOf(keys, expectReply(reply, 'IDS'));
}

function freshKeys({ keyKind = 'ed25519', key, withNotifier = false }: CreateQueueOptions): FreshKeys {
  return {
    auth: key ?? generateKeyPair(keyKind),
    dh: generateKeyPair('x25519'),
    notifier: withNotifier ? { auth: generateKeyPair(keyKind), dh: generateKeyPair('x25519') } : null,
  };
}

function queueRequest({ mode = 'M', link }: CreateQueueOptions, corrId: Uint8Array): QueueRequest | null {
  if (mode === null) return null;
  if (link === undefined) return { type: mode, data: null };
  const senderId = senderIdOf(corrId);
  const { fixedData, userData, linkId = randomBytes(ID_BYTES) } = typeof link === 'function' ? link(senderId) : link;
  return mode === 'M' ? { type: 'M', data: { senderId, fixedData, userData } } : { type: 'C', data: { linkId, senderId, fixedData, userData } };
}

/** The sender id that a queue created with link data must have (SMP §5.2). */
export function senderIdOf(corrId: Uint8Array): Uint8Array {
  return sha3_384(corrId).slice(0, ID_BYTES);
}

function queueOf(keys: FreshKeys, ids: ReplyOf<'IDS'>): RecipientQueue {
  return {
    recipientId: copyBytes(ids.recipientId),
    key: keys.auth.privateKey,
    senderId: copyBytes(ids.senderId),
    boxKey: sharedBoxKey(keys.dh.privateKey, ids.dhKey),
    mode: ids.mode,
    linkId: ids.linkId === null ? null : copyBytes(ids.linkId),
    serviceId: ids.serviceId === null ? null : copyBytes(ids.serviceId),
    notifier: notifierOf(keys, ids),
  };
}

function notifierOf({ notifier }: FreshKeys, ids: ReplyOf<'IDS'>): NotifierKeys | null {
  if (notifier === null || ids.notifier === null) return null;
  return {
    notifierId: copyBytes(ids.notifier.notifierId),
    key: notifier.auth.privateKey,
    boxKey: sharedBoxKey(notifier.dh.privateKey, ids.notifier.dhKey),
  };
}

/** The box key of our key and the relay's; throws `RESPONSE` when the relay's key is unusable. */
export function sharedBoxKey(own: PrivateKey<'x25519'>, theirs: PublicKey<'x25519'>): BoxKey {
  const secret = agree(own, theirs);
  if (secret === null) throw responseError('RESPONSE', 'unusable key');
  return boxKeyOf(secret);
}
