/**
 * Whoever subscribes to notifiers hears of the notifications that already wait. This happens after the answer, and for
 * a service, whose notifiers may be many, in bounded turns.
 */
import { equalBytes } from '@polyplex/base';
import type { ConnectionId } from '@polyplex/store-contract';
import { type Engine, findQueue, now } from './engine.ts';
import { afterOwner, ownerOf } from './keys.ts';
import { hasPending } from './pending-notifications.ts';

const NOTIFIERS_PER_TURN = 200;

/** Wakes `by` for each of these notifiers that has pending notifications and is still its own. */
export function announcePending(engine: Engine, notifierIds: readonly Uint8Array[], by: ConnectionId): void {
  if (engine.counters.committed.notifications === 0) return;
  setImmediate(() => {
    void now(engine, () => {
      for (const id of notifierIds) if (hasPending(engine, id) && holder(engine, id) === by) engine.listener.wakeNotifier(id, by);
    }).catch(() => undefined); // the store is closed or failed: nobody waits for wake-ups any more
  });
}

/** The same for all notifiers of a service. */
export function announceService(engine: Engine, serviceId: Uint8Array, by: ConnectionId): void {
  if (engine.counters.committed.notifications === 0) return;
  let start: Uint8Array | null = new Uint8Array([0]);
  const turn = (): void => {
    if (engine.writes.state !== null || engine.subscriptions.session(serviceId)?.connection !== by) return;
    for (let i = 0; i < NOTIFIERS_PER_TURN && start !== null; i++) start = announceNext(engine, start, serviceId, by);
    if (start !== null) setImmediate(turn);
  };
  setImmediate(() => {
    void now(engine, turn).catch(() => undefined); // as above
  });
}

/** Looks at the first notifier with pending notifications from `start` on; answers where the next may be. */
function announceNext(engine: Engine, start: Uint8Array, serviceId: Uint8Array, by: ConnectionId): Uint8Array | null {
  const key = engine.tables.notifications.firstKey(start);
  if (key === null) return null;
  const notifierId = ownerOf(key);
  const service = serviceOf(engine, notifierId);
  if (service !== null && equalBytes(service, serviceId)) engine.listener.wakeNotifier(notifierId, by);
  return afterOwner(notifierId);
}

function serviceOf(engine: Engine, notifierId: Uint8Array): Uint8Array | null {
  const recipientId = engine.tables.notifiers.get(notifierId);
  return (recipientId && findQueue(engine, recipientId)?.record.notifier?.serviceId) ?? null;
}

function holder(engine: Engine, notifierId: Uint8Array): ConnectionId | null {
  const service = serviceOf(engine, notifierId);
  if (service === null) return engine.subscriptions.subscriber('notifier', notifierId);
  return engine.subscriptions.session(service)?.connection ?? null;
}
