/** NEW: create a queue, with link data and notifier credentials in the same step (SMP §5.2). */
import { equalBytes, ID_LENGTH, idKey, MINUTE, unixDay } from '@polyplex/base';
import { agree, generateKeyPair, type KeyPair, type PublicKey, randomBytes, sha3_384 } from '@polyplex/crypto';
import { AUTH_ERROR, type CommandOf, errorReply, PROHIBITED, type QueueRequest, type SmpError, type SmpReply } from '@polyplex/protocol-smp';
import { passwordMatches } from '@polyplex/server-core';
import type { Changed, Collision, NewQueue, QueueRecord } from '@polyplex/store-contract';
import { authorizedBy, checkSender } from '../authorize.ts';
import type { Relay, Sender, SessionContext, SessionHandler } from '../context.ts';

/** Window of the limits on new queues. */
export const NEW_QUEUES_WINDOW_MS = MINUTE;
const ATTEMPTS = 3;
const QUOTA: SmpError = { type: 'QUOTA' };

interface Agreement {
  readonly keys: KeyPair<'x25519'>;
  readonly secret: Uint8Array;
}

/** A server key pair of which only the agreed secret is kept; null for a peer key that agrees on nothing. */
export function agreeWith(peer: PublicKey<'x25519'>): Agreement | null {
  const keys = generateKeyPair('x25519');
  const secret = agree(keys.privateKey, peer);
  return secret === null ? null : { keys, secret };
}

/** Whether the relay creates a queue for this client now; the refusal otherwise. */
function admit({ relay, sender, incoming }: SessionContext<'NEW'>): SmpReply | null {
  const { options, stats: { newQueueRefusals: refusals } } = relay;
  const refusal = checkSender(sender, incoming);
  if (refusal !== null) return errorReply(refusal);
  const refuse = (reason: Parameters<typeof refusals.add>[0], error: SmpError): SmpReply => {
    refusals.add(reason);
    return errorReply(error);
  };
  if (!authorizedBy(sender, incoming, incoming.command.rcvAuthKey)) return refuse('auth', AUTH_ERROR);
  if (!options.newQueues) return refuse('off', AUTH_ERROR);
  if (!passwordMatches(options.password, incoming.command.password)) return refuse('password', AUTH_ERROR);
  if (sender.service !== null && incoming.command.subMode === 'C') return errorReply(PROHIBITED);
  if (!relay.newQueues.take(sender.client.session.connection.addressKey)) return refuse('addressLimit', QUOTA);
  return relay.newQueuesInAll.take('all') ? null : refuse('limit', QUOTA);
}

/** Link data needs a sender id derived from this command's corrId, so that nobody can probe for existing ids. */
function derivedSenderId(request: QueueRequest | null, corrId: Uint8Array): boolean {
  const given = request?.data?.senderId;
  return given === undefined || equalBytes(given, sha3_384(corrId).subarray(0, ID_LENGTH));
}

type LinkOf = NewQueue['link'];

function linkOf(request: QueueRequest | null): LinkOf {
  if (request === null || request.data === null) return null;
  const { fixedData, userData } = request.data;
  const linkId = request.type === 'C' ? request.data.linkId : randomBytes(ID_LENGTH);
  return { linkId, data: { fixedData, userData } };
}

interface Agreements {
  readonly queue: Agreement;
  readonly notifier: Agreement | null;
}

/** null when a key of the client agrees on nothing. */
function agreeOnAll({ rcvDhKey, notifier }: CommandOf<'NEW'>): Agreements | null {
  const queue = agreeWith(rcvDhKey);
  if (queue === null) return null;
  if (notifier === null) return { queue, notifier: null };
  const forNotifier = agreeWith(notifier.dhKey);
  return forNotifier === null ? null : { queue, notifier: forNotifier };
}

function draft(command: CommandOf<'NEW'>, agreements: Agreements, relay: Relay, sender: Sender): NewQueue {
  const { request, notifier } = command;
  return {
    recipientId: randomBytes(ID_LENGTH),
    recipientKeys: [command.rcvAuthKey],
    dhSecret: agreements.queue.secret,
    senderId: request?.data?.senderId ?? randomBytes(ID_LENGTH),
    senderKey: null,
    mode: request?.type ?? null,
    link: linkOf(request),
    notifier:
      notifier === null || agreements.notifier === null
        ? null
        : { notifierId: randomBytes(ID_LENGTH), notifierKey: notifier.notifierKey, dhSecret: agreements.notifier.secret, serviceId: null },
    status: { state: 'active' },
    serviceId: sender.service?.serviceId ?? null,
    usedDay: unixDay(relay.clock),
  };
}

function idsReply(queue: QueueRecord, agreements: Agreements): SmpReply {
  return {
    tag: 'IDS',
    recipientId: queue.recipientId,
    senderId: queue.senderId,
    dhKey: agreements.queue.keys.publicKey,
    mode: queue.mode,
    linkId: queue.linkId,
    serviceId: queue.serviceId,
    notifier:
      queue.notifier === null || agreements.notifier === null
        ? null
        : { notifierId: queue.notifier.notifierId, dhKey: agreements.notifier.keys.publicKey },
  };
}

export const createQueue: SessionHandler<'NEW'> = async (context) => {
  const { relay, sender, incoming } = context;
  const { command } = incoming;
  const refusal = admit(context);
  if (refusal !== null) return refusal;
  if (!derivedSenderId(command.request, incoming.corrId)) return errorReply(PROHIBITED);
  const agreements = agreeOnAll(command);
  if (agreements === null) return errorReply(AUTH_ERROR);
  const clientIds = command.request?.data?.senderId !== undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const created = await createOne(context, draft(command, agreements, relay, sender));
    if (created.status === 'ok') return idsReply(created.queue, agreements);
    if (clientIds) return errorReply(AUTH_ERROR);
  }
  return errorReply({ type: 'INTERNAL' });
};

async function createOne({ relay, sender, incoming }: SessionContext<'NEW'>, queue: NewQueue): Promise<Changed | Collision> {
  const { session, subscriptions } = sender.client;
  const key = idKey(queue.recipientId);
  const subscribes = incoming.command.subMode === 'S';
  // A sender may be faster than this answer: the subscription stands before the store can name it.
  if (subscribes) subscriptions.set(key, 'SUB');
  let created: Changed | Collision | null = null;
  try {
    created = await relay.store.create(queue, subscribes ? session.id : null);
  } finally {
    if (created?.status === 'ok') countCreated(relay, created.queue);
    else if (subscribes) subscriptions.delete(key);
  }
  return created;
}

function countCreated({ stats }: Relay, { notifier }: QueueRecord): void {
  stats.queuesCreated.add();
  if (notifier !== null) stats.notifiersCreatedWithQueue.add();
}
