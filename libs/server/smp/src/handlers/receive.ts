/** SUB, GET and ACK: how messages reach their recipient (SMP §6.3, §6.4, §6.6). */
import { idKey, type IdKey, SECOND } from '@polyplex/base';
import { errorReply, OK, PROHIBITED, type SmpReply } from '@polyplex/protocol-smp';
import { type Acknowledged, type Claim, type ConnectionId, type Item, type Message, type QueueRecord, resultOf, type Stale, StoreError } from '@polyplex/store-contract';
import type { Outcome, QueueContext, QueueHandler, Relay, Sender } from '../context.ts';
import { failure } from '../failure.ts';
import { type MessageReply, messageReply } from '../telling.ts';
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
    if (before?.kind === 'GET') context.relay.stats.subscribeErrors.add('prohibited');
    else pending.push({ context, index, key, before, subscription: subscriptions.set(key, 'SUB', false) });
  });
  const first = pending[0];
  if (first === undefined) return outcomes;
  const { relay, sender } = first.context;
  // A client that has gone may have come back on another connection, which would lose its queues to this one.
  if (!relay.delivery.serves(sender.client)) return outcomes;
  const claims = await claim(relay, sender, pending);
  pending.forEach((one, n) => (outcomes[one.index] = settle(one, claims[n]!)));
  return outcomes;
}

async function claim(relay: Relay, sender: Sender, pending: readonly Pending[]): Promise<readonly Item<Claim>[]> {
  const { session } = sender.client;
  try {
    return await relay.store.subscribe(pending.map(({ context }) => context.queue), session.id, pending.length <= HEADS_AT_ONCE);
  } catch (error) {
    pending.forEach(putBack);
    throw error;
  }
}

/** As before a claim that was not made; wake-ups and an end that came meanwhile are for what was there. */
function putBack({ context, key, before, subscription }: Pending): void {
  const { relay, sender } = context;
  sender.client.subscriptions.put(key, before);
  if (subscription.ended !== null) relay.delivery.end(sender.client, 'recipient', key, subscription.ended);
  // What came with the answer to the SUB before may have found this one in its way.
  if (before?.kind === 'SUB') relay.delivery.later(sender.client, key);
  else relay.delivery.fetch(sender.client);
}

function settle(pending: Pending, claimed: Item<Claim>): Outcome {
  const { context, key, subscription } = pending;
  const { relay, sender } = context;
  const { client } = sender;
  if (claimed instanceof StoreError) {
    putBack(pending);
    return failure(relay, claimed);
  }
  if (claimed.status === 'stale') {
    putBack(pending);
    return { stale: claimed.queue };
  }
  if (pending.before !== undefined) relay.stats.subscribeErrors.add('duplicate');
  else if (claimed.pending) relay.stats.subscribedWithMessage.add();
  // The answer joins the outbox in this turn; what waits for it goes on right after.
  setImmediate(() => {
    subscription.answered = true;
    if (client.subscriptions.get(key) === subscription) {
      if (claimed.head !== null && subscription.ended === null) relay.delivery.push(client.session.id, claimed.queue, claimed.head);
      else if (claimed.pending || subscription.ended !== null) relay.delivery.later(client, key);
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
  const before = subscriptions.get(key);
  if (before?.kind === 'SUB') return prohibited(relay);
  const again = isUnacknowledged(before);
  const head = resultOf((await relay.store.heads([queue.recipientId], null))[0] ?? null)?.head ?? null;
  if (subscriptions.get(key)?.kind === 'SUB') return prohibited(relay);
  const subscription = subscriptions.set(key, 'GET');
  if (head === null) {
    relay.stats.getErrors.add('nomsg');
    return OK;
  }
  subscriptions.deliver(key, subscription, idKey(head.msgId), relay.clock.now());
  countGot(relay, again);
  return delivered(context, queue, head);
};

/** `again`: this connection had not acknowledged what it got before. */
function countGot({ stats }: Relay, again: boolean): void {
  if (again) stats.getErrors.add('duplicate');
  else stats.getMessages.add();
}

function isUnacknowledged(subscription: Subscription | undefined): boolean {
  return subscription !== undefined && subscription.delivered !== null;
}

function prohibited({ stats }: Relay): SmpReply {
  stats.getErrors.add('prohibited');
  return errorReply(PROHIBITED);
}

/** Whether this message waits for its ACK on this connection; the empty id stands for whichever does (SMP §6.4). */
function awaits(subscription: Subscription | undefined, msgId: Uint8Array): subscription is Subscription {
  const delivered = subscription?.delivered ?? null;
  return delivered !== null && (msgId.length === 0 || delivered === idKey(msgId));
}

/** Who the next message is for: GET shows what waits to whoever asks, a subscription may be lost by now. */
function readerOf({ kind }: Subscription, { client }: Sender): ConnectionId | null {
  return kind === 'SUB' ? client.session.id : null;
}

export const ACK: QueueHandler<'ACK'> = async (context) => {
  const { relay, sender, queue, incoming } = context;
  const { msgId } = incoming.command;
  const { subscriptions } = sender.client;
  const key = idKey(queue.recipientId);
  const subscription = subscriptions.get(key);
  if (!awaits(subscription, msgId)) return errorReply({ type: 'NO_MSG' });
  const { delivered: acknowledged, deliveredAt } = subscription;
  // Cleared before the store answers: a message stored right after the removal is pushed at once.
  subscriptions.acknowledge(key, subscription);
  let result: Acknowledged | Stale | null = null;
  try {
    result = await relay.store.acknowledge(queue, msgId, readerOf(subscription, sender));
  } finally {
    // Nothing was removed, or nobody knows: the message still waits for its ACK.
    if (result?.status !== 'ok' && acknowledged !== null && subscription.delivered === null) {
      subscriptions.deliver(key, subscription, acknowledged, deliveredAt);
    }
  }
  if (result.status === 'stale') return { stale: result.queue };
  countReceived(context, subscription.kind, { removed: result.removed, deliveredAt });
  // A push may have overtaken this answer with the same next message.
  if (subscription.kind === 'GET' || result.next === null || subscription.delivered !== null) return OK;
  subscriptions.deliver(key, subscription, idKey(result.next.msgId), relay.clock.now());
  return delivered(context, queue, result.next);
};

type Receipt = Pick<Acknowledged, 'removed'> & Pick<Subscription, 'deliveredAt'>;

/** Quota markers are of the relay's making: nobody sent them, and nobody receives them. */
function countReceived({ relay, queue }: QueueContext<'ACK'>, kind: Subscription['kind'], { removed, deliveredAt }: Receipt): void {
  if (removed?.kind !== 'message') return;
  const { stats, clock } = relay;
  stats.messagesReceived.add();
  stats.acknowledgeSeconds.observe(Math.max(0, clock.now() - deliveredAt) / SECOND);
  stats.activeQueues.add(queue.recipientId);
  if (kind === 'GET') stats.getReceived.add();
  if (!removed.notify) return;
  stats.messagesReceivedNotifying.add();
  stats.activeQueuesNotifying.add(queue.recipientId);
}
