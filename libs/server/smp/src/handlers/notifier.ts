/** NSUB, and the service commands SUBS and NSUBS (SMP §5.4, §6.8). */
import { equalBytes, idKey } from '@polyplex/base';
import { errorReply, PROHIBITED } from '@polyplex/protocol-smp';
import { StoreError } from '@polyplex/store-contract';
import { authorizeService } from '../authorize.ts';
import type { Outcome, QueueContext, SessionHandler } from '../context.ts';
import { failure } from '../failure.ts';
import type { ServiceStats } from '../stats.ts';

/** All NSUBs of a block in one step of the store. */
export async function subscribeNotifiers(contexts: readonly QueueContext<'NSUB'>[]): Promise<readonly Outcome[]> {
  const first = contexts[0];
  if (first === undefined) return [];
  const { relay, sender } = first;
  const { session, subscriptions } = sender.client;
  const serviceId = sender.service?.serviceId ?? null;
  const results = await relay.store.subscribeNotifiers(contexts.map(({ queue }) => queue), session.id, serviceId);
  return results.map((result, i) => {
    if (result instanceof StoreError) return failure(relay, result);
    if (result.status === 'stale') return { stale: result.queue };
    const { queue: { recipientId, notifier }, incoming } = contexts[i]!;
    const notifierId = Uint8Array.from(incoming.entityId);
    const key = idKey(notifierId);
    if (subscriptions.hasNotifier(key)) relay.stats.notifierSubscribeErrors.add('duplicate');
    else relay.stats.notifierSubscriptions.add();
    countAssociation(relay.stats.notifierServices, notifier?.serviceId ?? null, serviceId);
    subscriptions.addNotifier(key);
    if (serviceId !== null) subscriptions.service = true;
    // Notifications may have waited for this subscription: the next flush looks.
    subscriptions.wakeNotifier({ recipientId, notifierId });
    return { tag: 'SOK', serviceId };
  });
}

/** Which service a subscribed queue was of before, and is now. */
function countAssociation(stats: ServiceStats, before: Uint8Array | null, now: Uint8Array | null): void {
  if (now === null) stats.assocRemoved.add(before === null ? 0 : 1);
  else if (before === null) stats.assocNew.add();
  else (equalBytes(before, now) ? stats.assocDuplicate : stats.assocUpdated).add();
}

export const NSUBS: SessionHandler<'NSUBS'> = async ({ relay, sender, incoming }) => {
  const refusal = authorizeService(sender, incoming);
  if (refusal !== null || sender.service === null) return errorReply(refusal ?? { type: 'SERVICE' });
  const { subscriptions, session } = sender.client;
  const count = await relay.store.subscribeService(sender.service.serviceId, 'N', session.id);
  countService(relay.stats.notifierServices, subscriptions.serviceQueues, count);
  subscriptions.service = true;
  subscriptions.serviceQueues = count;
  return { tag: 'SOKS', count };
};

function countService(stats: ServiceStats, before: number | null, queues: number): void {
  if (before !== null) return stats.subDuplicate.add();
  stats.subCount.add();
  stats.subQueues.add(queues);
}

/** Message subscriptions of services come with version 19; until then the answer is always this (SMP §5.4). */
export const SUBS: SessionHandler<'SUBS'> = async ({ sender, incoming }) =>
  Promise.resolve(errorReply(authorizeService(sender, incoming) ?? PROHIBITED));
