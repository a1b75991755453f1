/** Subscriptions of queues, notifiers and services (SMP §6.3, §6.8): who hears what, and who hears that it ended. */
import { copyBytes } from '@polyplex/base';
import { sameService } from '@polyplex/store-common';
import {
  type Changed, type Claim, type ConnectionId, type Item, type QueueRecord, type QueueRef, type ServiceRole, type Stale,
  StoreError, type Subscriptions,
} from '@polyplex/store-contract';
import { changeQueue, eachInOrder, type Engine, findQueue, type FoundQueue } from './engine.ts';
import { claimQueue, leaveService, takeSession } from './events.ts';
import { headOf, size } from './message-list.ts';
import { announcePending, announceService } from './pending-announcements.ts';
import { countToSession } from './subscription-table.ts';
import type { Finish } from './write-queue.ts';

export function createSubscriptions(engine: Engine): Subscriptions {
  return {
    subscribe: (queues, by, withHeads) => {
      const work = (ref: QueueRef): Finish<Claim> => {
        const claim = readClaim(engine, ref, withHeads);
        return () => {
          if (claim.status === 'ok') claimQueue(engine, claim.queue.recipientId, by);
          return claim;
        };
      };
      return eachInOrder(engine, queues, { atOnce: work, work, keep: refOf });
    },
    subscribeNotifiers: async (queues, by, serviceId) => {
      const claims = await claimNotifiers(engine, queues, by, serviceId && copyBytes(serviceId));
      announcePending(engine, claims.flatMap(claimed), by);
      return claims;
    },
    subscribeService: (serviceId, role, by) => subscribeService(engine, copyBytes(serviceId), role, by),
    release: (by) => release(engine, by),
  };
}

function refOf({ recipientId, revision }: QueueRef): QueueRef {
  return { recipientId: copyBytes(recipientId), revision };
}

function readClaim(engine: Engine, ref: QueueRef, withHeads: boolean): Claim {
  const found = findQueue(engine, ref.recipientId);
  if (found === null || found.row.revision !== ref.revision) return { status: 'stale', queue: found?.record ?? null };
  const head = withHeads ? headOf(engine, ref.recipientId, found.row) : null;
  return { status: 'ok', queue: found.record, pending: size(found.row) > 0, head };
}

type NotifierClaim = Changed | Stale;

function claimNotifiers(
  engine: Engine, queues: readonly QueueRef[], by: ConnectionId, serviceId: Uint8Array | null,
): Promise<readonly Item<NotifierClaim>[]> {
  const claim = ({ row, record }: FoundQueue): Finish<NotifierClaim> => {
    const notifier = record.notifier!;
    const moved = !sameService(notifier.serviceId, serviceId);
    // A copy for each: records are the caller's.
    const change = () => ({ notifier: { ...notifier, serviceId: serviceId && copyBytes(serviceId) } });
    const queue = moved ? changeQueue(engine, row, record, change()) : record;
    return () => {
      claimNotifier(engine, record, by, serviceId);
      return { status: 'ok', queue };
    };
  };
  return eachInOrder(engine, queues, {
    atOnce: (ref) => {
      const found = findQueue(engine, ref.recipientId);
      if (!isSubscribable(found, ref)) return notSubscribable(found);
      return sameService(found.record.notifier!.serviceId, serviceId) ? claim(found) : null;
    },
    work: (ref) => {
      const found = findQueue(engine, ref.recipientId);
      if (!isSubscribable(found, ref)) return notSubscribable(found);
      engine.plan.claim(found.record.notifier!.notifierId, serviceId === null ? by : null);
      if (serviceId !== null) engine.plan.claimSession(serviceId, by);
      return claim(found);
    },
    keep: refOf,
  });
}

function isSubscribable(found: FoundQueue | null, { revision }: QueueRef): found is FoundQueue {
  return found !== null && found.row.revision === revision && found.record.notifier !== null;
}

function notSubscribable(found: FoundQueue | null): Finish<Stale> {
  return () => ({ status: 'stale', queue: found?.record ?? null });
}

/** The notifier of a claim that was made. */
function claimed(claim: Item<NotifierClaim>) {
  if (claim instanceof StoreError || claim.status !== 'ok') return [];
  const { recipientId, notifier } = claim.queue;
  return [{ recipientId, notifierId: notifier!.notifierId }];
}

/** Takes over a notifier from whom it had before; `before` is the queue as it was before this step. */
function claimNotifier(engine: Engine, before: QueueRecord, by: ConnectionId, serviceId: Uint8Array | null): void {
  const { notifierId, serviceId: oldService } = before.notifier!;
  const moved = !sameService(oldService, serviceId);
  if (moved && oldService !== null) leaveService(engine, oldService, notifierId, by);
  const { subscriptions } = engine;
  const direct = serviceId === null;
  const previous = direct ? subscriptions.claim('notifier', notifierId, by) : subscriptions.drop('notifier', notifierId);
  if (previous !== null && previous !== by) engine.listener.ended('notifier', notifierId, previous);
  if (direct) return;
  const { session, isNew } = takeSession(engine, serviceId, by);
  countToSession(session, notifierId, moved);
  // The other notifiers of the service are this session's, too.
  if (isNew) announceService(engine, serviceId, by);
}

function subscribeService(engine: Engine, serviceId: Uint8Array, role: ServiceRole, by: ConnectionId): Promise<number> {
  const work = () => {
    const queues = role === 'P' ? 0 : engine.counters.ofService(role, serviceId);
    engine.plan.claimSession(serviceId, by);
    return () => {
      const { session } = takeSession(engine, serviceId, by);
      session.all = true;
      session.total = queues;
      session.ids.clear();
      if (role === 'N') announceService(engine, serviceId, by);
      return queues;
    };
  };
  return engine.writes.run(work, { queues: [], frees: true });
}

/** A claim that was under way when the connection closed must not outlive it, nor may one be made after this answers. */
async function release(engine: Engine, by: ConnectionId): Promise<void> {
  engine.subscriptions.release(by);
  if (engine.writes.idle) return;
  const work = () => {
    engine.plan.release(by);
    return () => engine.subscriptions.release(by);
  };
  try {
    await engine.writes.run(work, { queues: [], frees: true, always: true });
  } catch {
    // The store is closing or has failed: steps that wait may still end either way.
    await engine.writes.settled();
    engine.subscriptions.release(by);
  }
}
