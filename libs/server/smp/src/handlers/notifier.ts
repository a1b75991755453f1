/** NSUB, and the service commands SUBS and NSUBS (SMP §5.4, §6.8). */
import { idKey } from '@polyplex/base';
import { errorReply, PROHIBITED } from '@polyplex/protocol-smp';
import { StoreError } from '@polyplex/store-contract';
import { authorizeService } from '../authorize.ts';
import type { Outcome, QueueContext, SessionHandler } from '../context.ts';
import { failure } from '../failure.ts';

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
    const { queue: { recipientId }, incoming } = contexts[i]!;
    const notifierId = Uint8Array.from(incoming.entityId);
    subscriptions.addNotifier(idKey(notifierId));
    // Notifications may have waited for this subscription: the next flush looks.
    subscriptions.wakeNotifier({ recipientId, notifierId });
    return { tag: 'SOK', serviceId };
  });
}

export const NSUBS: SessionHandler<'NSUBS'> = async ({ relay, sender, incoming }) => {
  const refusal = authorizeService(sender, incoming);
  if (refusal !== null || sender.service === null) return errorReply(refusal ?? { type: 'SERVICE' });
  const count = await relay.store.subscribeService(sender.service.serviceId, 'N', sender.client.session.id);
  sender.client.subscriptions.service = true;
  return { tag: 'SOKS', count };
};

/** Message subscriptions of services come with version 19; until then the answer is always this (SMP §5.4). */
export const SUBS: SessionHandler<'SUBS'> = async ({ sender, incoming }) =>
  Promise.resolve(errorReply(authorizeService(sender, incoming) ?? PROHIBITED));
