/** SUB, GET and ACK: how messages reach their recipient (SMP §6.3, §6.4, §6.6). */
import { idKey, type IdKey } from '@polyplex/base';
import { errorReply, OK, PROHIBITED } from '@polyplex/protocol-smp';
import { type Acknowledged, type Claim, type Item, type Message, type QueueRecord, resultOf, type Stale, StoreError } from '@polyplex/store-contract';
import type { Outcome, QueueContext, QueueHandler, Relay, Sender } from '../context.ts';
import { failure } from '../failure.ts';
import { type MessageReply, messageReply, tell } from '../telling.ts';
import type { Subscription } from '../subscriptions.ts';

/** Up to this many queues in a block, heads come with the subscription; of more, they are fetched as room allows. */
const HEADS_AT_ONCE = 4;

interface Pending {
  readonly context: QueueContext<'SUB'>;
  readonly index: number;
  readonly key: IdKey;
  readonly before: Subscription | undefined;
  readonly subscription: Subscription;
}

/**
 * All SUBs of a block in one step of the store. The session's record stands before the step, so that events that
 * overtake its answer find it; messages follow the answer.
 */
export async function subscribe(contexts: readonly QueueContext<'SUB'>[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = contexts.map(() => errorReply(PROHIBITED));
  const pending: Pending[] = [];
  contexts.forEach((context, index) => {
    const { subscriptions } = context.sender.client;
    const key = idKey(context.queue.recipientId);
    const before = subscriptions.get(key);
    if (before?.kind !== 'GET') pending.push({ context, index, key, before, subscription: subscriptions.set(key, 'SUB', false) });
  });
  const first = pending[0];
  if (first === undefined) return outcomes;
  const { relay, sender } = first.context;
  const claims = await claim(relay, sender, pending);
  pending.forEach((one, n) => (outcomes[one.index] = settle(one, claims[n]!)));
  return outcomes;
}

async function claim(relay: Relay, sender: Sender, pending: readonly Pending[]): Promise<readonly Item<Claim>[]> {
  const { session, subscriptions } = sender.client;
  try {
    return await relay.store.subscribe(pending.map(({ context }) => context.queue), session.id, pending.length <= HEADS_AT_ONCE);
  } catch (error) {
    for (const { key, before } of pending) subscriptions.put(key, before);
    throw error;
  }
}

function settle({ context, key, before, subscription }: Pending, claimed: Item<Claim>): Outcome {
  const { relay, sender } = context;
  const { client } = sender;
  if (claimed instanceof StoreError) {
    client.subscriptions.put(key, before);
    return failure(relay, claimed);
  }
  if (claimed.status === 'stale') {
    client.subscriptions.put(key, before);
    return { stale: claimed.queue };
  }
  // The answer joins the outbox in this turn; what waits for it goes on right after.
  setImmediate(() => {
    subscription.answered = true;
    if (client.subscriptions.get(key) !== subscription) {
      // Taken over or deleted meanwhile: the event overtook the answer, so it is said again.
      if (client.subscriptions.get(key) === undefined) tell(client, { tag: 'END' }, claimed.queue.recipientId);
    } else if (claimed.head !== null) {
      relay.delivery.push(client.session.id, claimed.queue, claimed.head);
    } else if (claimed.pending) {
      relay.delivery.later(client, key);
    }
    relay.delivery.fetch(client);
  });
  return { tag: 'SOK', serviceId: sender.service?.serviceId ?? null };
}

function delivered({ relay }: QueueContext<'ACK' | 'GET'>, queue: QueueRecord, message: Message): MessageReply {
  relay.stats.messagesDelivered.add();
  return messageReply(queue, message);
}

export const GET: QueueHandler<'GET'> = async (context) => {
  const { relay, sender, queue } = context;
  const { subscriptions } = sender.client;
  const key = idKey(queue.recipientId);
  if (subscriptions.get(key)?.kind === 'SUB') return errorReply(PROHIBITED);
  const head = resultOf((await relay.store.heads([queue.recipientId]))[0] ?? null);
  if (subscriptions.get(key)?.kind === 'SUB') return errorReply(PROHIBITED);
  subscriptions.set(key, 'GET').delivered = head ? idKey(head.msgId) : null;
  return head ? delivered(context, queue, head) : OK;
};

/** Whether this message waits for its ACK on this connection; the empty id stands for whichever does (SMP §6.4). */
function awaits(subscription: Subscription | undefined, msgId: Uint8Array): subscription is Subscription {
  const delivered = subscription?.delivered ?? null;
  return delivered !== null && (msgId.length === 0 || delivered === idKey(msgId));
}

export const ACK: QueueHandler<'ACK'> = async (context) => {
  const { relay, sender, queue, incoming } = context;
  const { msgId } = incoming.command;
  const subscription = sender.client.subscriptions.get(idKey(queue.recipientId));
  if (!awaits(subscription, msgId)) return errorReply({ type: 'NO_MSG' });
  const acknowledged = subscription.delivered;
  // Cleared before the store answers: a message stored right after the removal is pushed at once.
  subscription.delivered = null;
  let result: Acknowledged | Stale | null = null;
  try {
    result = await relay.store.acknowledge(queue, msgId);
  } finally {
    // Nothing was removed, or nobody knows: the message still waits for its ACK.
    if (result?.status !== 'ok') subscription.delivered ??= acknowledged;
  }
  if (result.status === 'stale') return { stale: result.queue };
  if (result.removed !== null) relay.stats.messagesReceived.add();
  // A push may have overtaken this answer with the same next message.
  if (subscription.kind === 'GET' || result.next === null || subscription.delivered !== null) return OK;
  subscription.delivered = idKey(result.next.msgId);
  return delivered(context, queue, result.next);
};
