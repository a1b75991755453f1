/** Subscriptions of queues, notifiers and services (SMP §6.3, §6.8): who hears what, and who hears that it ended. */
import { copyBytes, equalBytes } from '@polyplex/base';
import type {
  Changed, Claim, ConnectionId, QueueRecord, QueueRef, ServiceRole, Stale, Subscriptions,
} from '@polyplex/store-contract';
import { changeQueue, type Engine, findQueue, inOrder } from './engine.ts';
import { leaveService, takeSession } from './events.ts';
import { headOf, size } from './message-list.ts';
import { announcePending, announceService } from './pending-announcements.ts';
import { countToSession } from './subscription-table.ts';

export function createSubscriptions(engine: Engine): Subscriptions {
  return {
    subscribe: (queues, by, withHeads) => {
      const refs = queues.map(refOf);
      return inOrder(engine, refs.map((ref) => ref.recipientId), () => {
        const claims = refs.map((ref) => readClaim(engine, ref, withHeads));
        return () => {
          for (const claim of claims) if (claim.status === 'ok') claimQueue(engine, claim.queue, by);
          return claims;
        };
      });
    },
    subscribeNotifiers: (queues, by, serviceId) => subscribeNotifiers(engine, queues, by, serviceId && copyBytes(serviceId)),
    subscribeService: (serviceId, role, by) => subscribeService(engine, copyBytes(serviceId), role, by),
    release: async (by) => {
      engine.subscriptions.release(by);
      if (engine.writes.idle || engine.writes.state !== null) return;
      // A claim that was under way when the connection closed must not outlive it.
      const work = () => () => engine.subscriptions.release(by);
      await engine.writes.run(work, { queues: [], frees: true });
    },
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

function claimQueue(engine: Engine, { recipientId }: QueueRecord, by: ConnectionId): void {
  const previous = engine.subscriptions.claim('recipient', recipientId, by);
  if (previous !== null) engine.listener.ended('recipient', recipientId, previous);
}

type NotifierClaim = Changed | Stale;

function subscribeNotifiers(
  engine: Engine, given: readonly QueueRef[], by: ConnectionId, serviceId: Uint8Array | null,
): Promise<readonly NotifierClaim[]> {
  const refs = given.map(refOf);
  const read = () => refs.map((ref) => findQueue(engine, ref.recipientId));
  const work = () => {
    const before = read();
    const claims = before.map((found, i): NotifierClaim => {
      const notifier = found?.record.notifier;
      if (!notifier || found.row.revision !== refs[i]!.revision) return { status: 'stale', queue: found?.record ?? null };
      if (sameService(notifier.serviceId, serviceId)) return { status: 'ok', queue: found.record };
      return { status: 'ok', queue: changeQueue(engine, found.row, found.record, { notifier: { ...notifier, serviceId } }) };
    });
    return () => {
      claims.forEach((claim, i) => {
        if (claim.status === 'ok') claimNotifier(engine, before[i]!.record, by, serviceId);
      });
      announcePending(engine, claims.flatMap((claim) => (claim.status === 'ok' ? [claim.queue.notifier!.notifierId] : [])), by);
      return claims;
    };
  };
  const ids = refs.map((ref) => ref.recipientId);
  const writes = (): boolean =>
    read().some((found) => Boolean(found?.record.notifier) && !sameService(found!.record.notifier!.serviceId, serviceId));
  return inOrder(engine, ids, work, writes);
}

function sameService(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === b || (a !== null && b !== null && equalBytes(a, b));
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
  if (!direct) countToSession(takeSession(engine, serviceId, by), notifierId, moved);
}

function subscribeService(engine: Engine, serviceId: Uint8Array, role: ServiceRole, by: ConnectionId): Promise<number> {
  const work = () => {
    const queues = role === 'P' ? 0 : engine.counters.ofService(role, serviceId);
    return () => {
      const session = takeSession(engine, serviceId, by);
      session.all = true;
      session.total = queues;
      session.ids.clear();
      if (role === 'N') announceService(engine, serviceId, by);
      return queues;
    };
  };
  return engine.writes.run(work, { queues: [], frees: true });
}
