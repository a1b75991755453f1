/** SUB and NSUB, alone and in rounds that fill blocks (SMP §5.2, §5.4, §10.5, §10.6). */
import { copyBytes } from '@polyplex/base';
import type { ReplyOf, SmpError, SmpReply } from '@polyplex/protocol-smp';
import { SmpClientError } from './client-error.ts';
import type { NotifierKeys, RecipientKeys } from './queue-keys.ts';
import { expectReply, type Requester } from './requester.ts';
import type { BatchedRequest, SmpClient } from './smp-client.ts';

export interface Subscribed {
  /** Set in a service session. */
  readonly serviceId: Uint8Array | null;
  /** A pending message where it is the answer itself; relays send it as an event. */
  readonly message: ReplyOf<'MSG'> | null;
}

/** SUB. Throws `RefusedError` (`AUTH`: the queue is lost) or `SmpClientError`. */
export async function subscribe(requester: Requester, { recipientId, key }: RecipientKeys, asService = false): Promise<Subscribed> {
  return subscribed(await requester.request({ tag: 'SUB' }, { entityId: recipientId, key, asService }));
}

/** NSUB. Throws as `subscribe`. */
export async function subscribeNotifications(
  requester: Requester,
  { notifierId, key }: Pick<NotifierKeys, 'notifierId' | 'key'>,
  asService = false,
): Promise<Subscribed> {
  return subscribed(await requester.request({ tag: 'NSUB' }, { entityId: notifierId, key, asService }));
}

/** NSUBS: everything that was associated with our notifier service; resolves with the count. Throws as `subscribe`. */
export async function subscribeService(client: SmpClient): Promise<number> {
  const { service } = client;
  if (service === null) throw new SmpClientError('TRANSPORT', 'not a service session', { broker: { type: 'NO_SERVICE' } });
  const reply = await client.request({ tag: 'NSUBS' }, { entityId: service.serviceId, key: service.sessionKey });
  return expectReply(reply, 'SOKS').count;
}

function subscribed(answer: SmpReply): Subscribed {
  const reply = expectReply(answer, 'OK', 'SOK', 'MSG');
  const serviceId = reply.tag === 'SOK' && reply.serviceId !== null ? copyBytes(reply.serviceId) : null;
  return { serviceId, message: reply.tag === 'MSG' ? reply : null };
}

/** What to subscribe to: a queue as recipient, or its notifications. */
export interface Subscription {
  readonly kind: 'SUB' | 'NSUB';
  readonly entityId: Uint8Array;
  readonly key: RecipientKeys['key'];
  readonly asService?: boolean;
}

export type SubscribeOutcome =
  | { readonly result: 'subscribed'; readonly message: ReplyOf<'MSG'> | null }
  | { readonly result: 'refused'; readonly error: SmpError }
  | { readonly result: 'failed'; readonly error: SmpClientError };

/** Ten blocks of 135. */
const SUBSCRIBE_ROUND = 1350;

/** Subscribes to many, a round at a time so that neither end is flooded; outcomes in the order given. */
export async function subscribeAll(client: SmpClient, subscriptions: readonly Subscription[], timeoutMs?: number): Promise<readonly SubscribeOutcome[]> {
  const outcomes: SubscribeOutcome[] = [];
  for (let at = 0; at < subscriptions.length; at += SUBSCRIBE_ROUND) {
    const round = subscriptions.slice(at, at + SUBSCRIBE_ROUND);
    const answers = await client.requestBatch(round.map(requestOf), timeoutMs);
    for (const answer of answers) outcomes.push(outcomeOf(answer));
  }
  return outcomes;
}

function requestOf({ kind, entityId, key, asService = false }: Subscription): BatchedRequest {
  return { command: { tag: kind }, entityId, key, asService };
}

function outcomeOf(answer: SmpReply | SmpClientError): SubscribeOutcome {
  if (answer instanceof SmpClientError) return { result: 'failed', error: answer };
  if (answer.tag === 'ERR') return { result: 'refused', error: answer.error };
  try {
    return { result: 'subscribed', message: subscribed(answer).message };
  } catch (error) {
    if (error instanceof SmpClientError) return { result: 'failed', error };
    throw error;
  }
}
