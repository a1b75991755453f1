/**
 * Whoever subscribes to notifiers hears of the notifications that already wait. This happens after the answer and in
 * bounded turns. A notifier whose rows are damaged is passed over; when the store is closed nobody waits any more.
 */
import { equalBytes } from '@polyplex/base';
import { owned } from '@polyplex/store-common';
import { type ConnectionId, type Notifier, type NotifierRef, StoreError } from '@polyplex/store-contract';
import { attempt, type Engine, findQueue } from './engine.ts';
import { afterOwner, ownerOf } from './keys.ts';
import { hasPending } from './pending-notifications.ts';

const NOTIFIERS_PER_TURN = 100;

/** Wakes `by` for each of these notifiers that has pending notifications and is still its own. */
export function announcePending(engine: Engine, given: readonly NotifierRef[], by: ConnectionId): void {
  if (engine.counters.committed.notifications === 0) return;
  const notifiers = owned(given);
  let next = 0;
  inTurns(engine, () => {
    const ref = notifiers[next++];
    if (ref === undefined) return false;
    if (!hasPending(engine, ref.notifierId)) return true;
    const notifier = notifierOf(engine, ref);
    if (notifier !== null && engine.subscriptions.holder(notifier) === by) engine.listener.wakeNotifier(ref, by);
    return true;
  });
}

/** The same for all notifiers of a service. */
export function announceService(engine: Engine, serviceId: Uint8Array, by: ConnectionId): void {
  if (engine.counters.committed.notifications === 0) return;
  let start: Uint8Array = new Uint8Array([0]);
  inTurns(engine, () => {
    if (engine.subscriptions.session(serviceId)?.connection !== by) return false;
    const key = engine.tables.notifications.firstKey(start);
    if (key === null) return false;
    const notifierId = ownerOf(key);
    start = afterOwner(notifierId);
    const recipientId = engine.tables.notifiers.get(notifierId);
    const service = recipientId && notifierOf(engine, { recipientId, notifierId })?.serviceId;
    if (service && equalBytes(service, serviceId)) engine.listener.wakeNotifier({ recipientId, notifierId }, by);
    return true;
  });
}

/** Repeats `look` until it answers false, many to a turn of the event loop. */
function inTurns(engine: Engine, look: () => boolean): void {
  const turn = (): void => {
    if (engine.writes.state !== null) return;
    for (let i = 0; i < NOTIFIERS_PER_TURN; i++) {
      const more = attempt(engine, look);
      if (more === false || (more instanceof StoreError && more.code !== 'DAMAGED')) return;
    }
    setImmediate(turn);
  };
  setImmediate(turn);
}

function notifierOf(engine: Engine, { recipientId, notifierId }: NotifierRef): Notifier | null {
  const notifier = findQueue(engine, recipientId)?.record.notifier ?? null;
  return notifier !== null && equalBytes(notifier.notifierId, notifierId) ? notifier : null;
}
