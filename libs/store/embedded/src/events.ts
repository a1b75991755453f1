/** Telling connections of this process what they lost. Called after the commit that took it from them. */
import type { ConnectionId, Notifier } from '@polyplex/store-contract';
import type { Engine } from './engine.ts';
import { countToSession, type Kind, type SessionClaim, sessionQueues, uncountFromSession } from './subscription-table.ts';

/** Makes `by` the subscriber of a queue; the previous one hears `ended`. */
export function claimQueue(engine: Engine, recipientId: Uint8Array, by: ConnectionId): void {
  const previous = engine.subscriptions.claim('recipient', recipientId, by);
  if (previous !== null) engine.listener.ended('recipient', recipientId, previous);
}

/** Ends the subscription of a queue or notifier that is gone; its subscriber hears `deleted` unless it is `by`. */
export function tellDeleted(engine: Engine, kind: Kind, id: Uint8Array, by: ConnectionId | null): void {
  const subscriber = engine.subscriptions.drop(kind, id);
  if (subscriber !== null && subscriber !== by) engine.listener.deleted(kind, id, subscriber);
}

/** The same for a notifier, whose subscriber may be the session of its service. */
export function tellNotifierDeleted(engine: Engine, { notifierId, serviceId }: Notifier, by: ConnectionId | null): void {
  tellDeleted(engine, 'notifier', notifierId, by);
  const session = serviceId === null ? null : engine.subscriptions.session(serviceId);
  if (session === null) return;
  uncountFromSession(session, notifierId);
  if (session.connection !== by) engine.listener.deleted('notifier', notifierId, session.connection);
}

/** A queue whose notifier is new counts to the session of its service, where that has asked for all. */
export function tellNotifierNew(engine: Engine, { notifierId, serviceId }: Notifier): void {
  const session = serviceId === null ? null : engine.subscriptions.session(serviceId);
  if (session?.all === true) countToSession(session, notifierId, true);
}

/** A notifier is no longer associated with this service: its session hears `ended` unless it is `by`. */
export function leaveService(engine: Engine, serviceId: Uint8Array, notifierId: Uint8Array, by: ConnectionId): void {
  const session = engine.subscriptions.session(serviceId);
  if (session === null) return;
  uncountFromSession(session, notifierId);
  if (session.connection !== by) engine.listener.ended('notifier', notifierId, session.connection);
}

/** Makes `by` the session of a service; the previous one hears `serviceEnded` with the number of its queues. */
export function takeSession(engine: Engine, serviceId: Uint8Array, by: ConnectionId): SessionClaim {
  const claim = engine.subscriptions.claimSession(serviceId, by);
  const { replaced } = claim;
  if (replaced !== null) engine.listener.serviceEnded(serviceId, sessionQueues(replaced), replaced.connection);
  return claim;
}
