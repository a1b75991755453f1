/** A queue as its parties see it: ids and private keys, and the commands that tests say most. */
import { EMPTY_BYTES } from '@polyplex/base';
import { agree, type BoxKey, boxKeyOf, generateKeyPair, type KeyPair, type PrivateKey, type PublicKey, randomBytes, sha3_384 } from '@polyplex/crypto';
import type { AuthKey } from '@polyplex/protocol-common';
import { type CommandOf, type Delivered, openDelivery, type QueueRequest, type ReplyOf, type SmpReply } from '@polyplex/protocol-smp';
import type { LinkData } from '@polyplex/store-contract';
import { type RawClient, said } from './raw-client.ts';

export const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));

export type Kind = 'ed25519' | 'ed448' | 'x25519';

export interface TestQueue {
  readonly ids: ReplyOf<'IDS'>;
  readonly recipientId: Uint8Array;
  readonly senderId: Uint8Array;
  readonly recipientKey: PrivateKey;
  readonly boxKey: BoxKey;
}

type NewOptions = Partial<Omit<CommandOf<'NEW'>, 'tag' | 'rcvAuthKey' | 'rcvDhKey'>> & { readonly kind?: Kind; readonly withService?: boolean };

export function newCommand(keys: KeyPair, dh: KeyPair<'x25519'>, { kind: _, withService: __, ...rest }: NewOptions = {}): CommandOf<'NEW'> {
  return {
    tag: 'NEW', rcvAuthKey: keys.publicKey as AuthKey, rcvDhKey: dh.publicKey, password: null, subMode: 'S',
    request: { type: 'M', data: null }, notifier: null, ...rest,
  };
}

/** Creates a queue; the connection is subscribed unless `subMode` says otherwise. */
export async function createQueue(client: RawClient, options: NewOptions = {}): Promise<TestQueue> {
  const keys = generateKeyPair(options.kind ?? 'ed25519');
  const dh = generateKeyPair('x25519');
  const ids = await client.ask(newCommand(keys, dh, options), EMPTY_BYTES, keys.privateKey, options.withService ?? false);
  if (ids.tag !== 'IDS') throw new Error(`NEW was answered ${said(ids)}`);
  return queueOf(ids, keys, dh);
}

function queueOf(ids: ReplyOf<'IDS'>, keys: KeyPair, dh: KeyPair<'x25519'>): TestQueue {
  const boxKey = boxKeyOf(agree(dh.privateKey, ids.dhKey)!);
  return { ids, recipientId: Uint8Array.from(ids.recipientId), senderId: Uint8Array.from(ids.senderId), recipientKey: keys.privateKey, boxKey };
}

export const LINK_DATA = { fixedData: text('fixed'), userData: text('user') };

type LinkOptions = NewOptions & {
  readonly corrId?: Uint8Array;
  /** Relays take none but the default, which is derived from the corrId. */
  readonly senderId?: Uint8Array;
  /** Of a contact address; that of an invitation is the relay's to choose. */
  readonly linkId?: Uint8Array;
  readonly data?: LinkData;
};

/** NEW with link data, as far as the version can carry it; nobody is subscribed. `queue` is null when it was refused. */
export async function askWithLink(client: RawClient, type: 'M' | 'C', options: LinkOptions = {}): Promise<{ reply: SmpReply; queue: TestQueue | null }> {
  const { corrId = randomBytes(24), senderId = sha3_384(corrId).slice(0, 24), linkId = randomBytes(24), data = LINK_DATA, ...rest } = options;
  const [keys, dh] = [generateKeyPair('ed25519'), generateKeyPair('x25519')];
  const given = { senderId, ...data };
  const withData: QueueRequest = type === 'M' ? { type, data: given } : { type, data: { ...given, linkId } };
  const request: QueueRequest = client.version < 15 ? { type, data: null } : withData;
  client.send(client.transmission(newCommand(keys, dh, { request, subMode: 'C', ...rest }), EMPTY_BYTES, keys.privateKey, corrId));
  const { reply } = await client.next();
  return { reply, queue: reply.tag === 'IDS' ? queueOf(reply, keys, dh) : null };
}

/** As `askWithLink`, of a relay that is expected to agree. */
export async function createWithLink(client: RawClient, type: 'M' | 'C', options?: LinkOptions): Promise<TestQueue> {
  const { reply, queue } = await askWithLink(client, type, options);
  if (queue === null) throw new Error(`NEW was answered ${said(reply)}`);
  return queue;
}

/** Secures the queue with a new sender key (KEY). */
export async function secure(client: RawClient, queue: TestQueue, kind: Kind = 'ed25519'): Promise<PrivateKey> {
  const keys = generateKeyPair(kind);
  const reply = await client.ask({ tag: 'KEY', senderKey: keys.publicKey as PublicKey as AuthKey }, queue.recipientId, queue.recipientKey);
  if (reply.tag !== 'OK') throw new Error(`KEY was answered ${said(reply)}`);
  return keys.privateKey;
}

export function send(client: RawClient, queue: TestQueue, body: Uint8Array, key?: PrivateKey, notify = false): Promise<SmpReply> {
  return client.ask({ tag: 'SEND', notify, body }, queue.senderId, key);
}

export function opened(queue: TestQueue, reply: SmpReply): Delivered {
  if (reply.tag !== 'MSG') throw new Error(`expected MSG, got ${said(reply)}`);
  const message = openDelivery(queue.boxKey, reply.msgId, reply.body);
  if (message === null) throw new Error('the message does not decrypt');
  return message;
}

/** The body of a message as a number, for tests that count. */
export function bodyOf(queue: TestQueue, reply: SmpReply): string {
  const message = opened(queue, reply);
  return message.kind === 'quota' ? 'QUOTA' : Buffer.from(message.body).toString();
}

export function acknowledge(client: RawClient, queue: TestQueue, message: SmpReply): Promise<SmpReply> {
  if (message.tag !== 'MSG') throw new Error(`nothing to acknowledge: ${said(message)}`);
  return client.ask({ tag: 'ACK', msgId: message.msgId }, queue.recipientId, queue.recipientKey);
}
