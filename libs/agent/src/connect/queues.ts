/** New queues of ours, and ours to others' (agent §6.1). */
import { boxKeyOf, generateKeyPair, agree, type KeyPair } from '@polyplex/crypto';
import { createQueue, deleteQueue, type QueueLink } from '@polyplex/client';
import { CLIENT_VERSIONS, type QueueAddress, type QueueInfo, type QueueMode, type QueueUri } from '@polyplex/protocol-agent';
import type { ServerAddress } from '@polyplex/protocol-common';
import { StoreError } from '@polyplex/store-contract';
import { AgentError } from '../agent-error.ts';
import type { AgentContext } from '../context.ts';
import type { ReceivingQueue, SendingQueue } from '../records/records.ts';
import { newId } from '../records/typed-records.ts';
import type { Step } from '../step.ts';

/** From this version on relays keep link data (SMP §3.7). */
const SHORT_LINKS_VERSION = 15;

const MODES = { messaging: 'M', contact: 'C' } as const;

export interface NewQueue {
  readonly mode: QueueMode;
  /** Makes what is stored with the queue for a short link. Throws what it likes. */
  readonly link?: ((queue: QueueUri) => QueueLink) | undefined;
  /** Not these relays, the most unwanted first, if there are others. */
  readonly avoid?: readonly ServerAddress[];
}

export interface MadeQueue {
  readonly queue: ReceivingQueue;
  readonly linkId: Uint8Array | null;
}

/** Makes a queue at a relay of ours; nothing is stored yet. Rejects as `createQueue`, with NO_SERVER, or LINK where the relay has no short links. */
export async function newReceivingQueue(context: AgentContext, connectionId: string, { mode: wanted, link, avoid }: NewQueue): Promise<MadeQueue> {
  const { password = null, hosts, port, keyHash } = context.chooseServer(avoid);
  const server: ServerAddress = { hosts, port, keyHash };
  const requester = await context.relays.requester(server);
  if (link !== undefined && requester.version < SHORT_LINKS_VERSION) throw new AgentError('LINK', 'the relay has no short links');
  const mode = wanted === 'messaging' && link === undefined && !context.areSecurable ? null : wanted;
  const recipientKeys = generateKeyPair('ed25519');
  const keys = generateKeyPair('x25519');
  const { recipientId, senderId, boxKey, linkId } = await createQueue(requester, {
    mode: mode === null ? null : MODES[mode], key: recipientKeys, password,
    ...(link && { link: (id: Uint8Array) => link({ server, senderId: id, key: keys.publicKey, mode, versions: CLIENT_VERSIONS }) }),
  });
  const queue: ReceivingQueue = {
    queueId: newId(), connectionId, server, recipientId, senderId, recipientKey: recipientKeys.privateKey,
    relaySecret: boxKey, keys, secret: null, status: 'new', mode, clientVersion: CLIENT_VERSIONS.max, isPrimary: true, replaces: null,
    switching: null, switchedAt: null,
  };
  return { queue, linkId };
}

/** Stores what goes with a new queue. Where that is not to be, the queue is deleted at its relay, as far as that can be done at once. */
export async function storeWithQueue<T>(context: AgentContext, { server, recipientId, recipientKey: key }: ReceivingQueue, work: (step: Step) => T): Promise<T> {
  try {
    return await context.change(work);
  } catch (error) {
    // Of a store that fails it is not known what it has kept.
    if (!(error instanceof StoreError)) await context.relays.requester(server).then((requester) => deleteQueue(requester, { recipientId, key })).catch(() => undefined);
    throw error;
  }
}

function addressOf({ server, senderId, keys, mode }: ReceivingQueue): QueueAddress {
  return { server, senderId, key: keys.publicKey, mode };
}

/** As it stands in links. */
export function queueUriOf(queue: ReceivingQueue): QueueUri {
  return { ...addressOf(queue), versions: CLIENT_VERSIONS };
}

/** As it stands in answers to one who speaks that version. */
export function queueInfoOf(queue: ReceivingQueue, version: number): QueueInfo {
  return { ...addressOf(queue), version };
}

/** The keys for a queue of the other side. Throws LINK when its key cannot be used. */
export function newSendingQueue(connectionId: string, { server, senderId, key, mode }: QueueAddress, clientVersion: number): SendingQueue {
  const keys: KeyPair<'x25519'> = generateKeyPair('x25519');
  const secret = agree(keys.privateKey, key);
  if (secret === null) throw new AgentError('LINK', 'the key of the queue cannot be used');
  return {
    queueId: newId(), connectionId, server, senderId, senderKeys: generateKeyPair('ed25519'), publicKey: keys.publicKey, secret: boxKeyOf(secret),
    status: 'new', mode, clientVersion, isPrimary: true, replaces: null, switching: null,
  };
}
