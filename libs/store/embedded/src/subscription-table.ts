/**
 * Who is subscribed: in memory only, all of this process's connections. Every entry is also held by its connection, so
 * that releasing one costs what it holds. Changes answer with the connection that lost the entry; telling it is the
 * caller's business.
 */
import { idKey, type IdKey } from '@polyplex/base';
import type { ConnectionId, Notifier } from '@polyplex/store-contract';

/** A service's session; it gets the notifications of all queues associated with the service. */
export interface ServiceSession {
  readonly connection: ConnectionId;
  /** Whether the session asked for all associated queues at once; else only those in `ids` count. */
  all: boolean;
  total: number;
  readonly ids: Set<IdKey>;
}

export type Kind = 'recipient' | 'notifier';

/** Of one connection, each made when it is needed: there are many connections, and few hold more than one kind. */
class Held {
  recipient: Set<IdKey> | null = null;
  notifier: Set<IdKey> | null = null;
  services: Set<IdKey> | null = null;

  add(kind: Kind | 'services', key: IdKey): void {
    (this[kind] ??= new Set()).add(key);
  }

  get size(): number {
    return (this.recipient?.size ?? 0) + (this.notifier?.size ?? 0) + (this.services?.size ?? 0);
  }
}

export interface SessionClaim {
  readonly session: ServiceSession;
  readonly isNew: boolean;
  readonly replaced: ServiceSession | null;
}

/** The number of queues that count to a session (ENDS, SMP §6.8). */
export function sessionQueues(session: ServiceSession): number {
  return session.all ? session.total : session.ids.size;
}

export class SubscriptionTable {
  private readonly subscribers: Readonly<Record<Kind, Map<IdKey, ConnectionId>>> = { recipient: new Map(), notifier: new Map() };
  private readonly sessions = new Map<IdKey, ServiceSession>();
  private readonly connections = new Map<ConnectionId, Held>();

  subscriber(kind: Kind, key: IdKey): ConnectionId | null {
    return this.subscribers[kind].get(key) ?? null;
  }

  /** Makes `by` the subscriber; answers another one that was it. */
  claim(kind: Kind, id: Uint8Array, by: ConnectionId): ConnectionId | null {
    const key = idKey(id);
    const previous = this.subscribers[kind].get(key);
    if (previous === by) return null;
    if (previous !== undefined) this.unhold(previous, kind, key);
    this.subscribers[kind].set(key, by);
    this.held(by).add(kind, key);
    return previous ?? null;
  }

  /** Removes the subscription; answers who had it. */
  drop(kind: Kind, id: Uint8Array): ConnectionId | null {
    const key = idKey(id);
    const previous = this.subscribers[kind].get(key);
    if (previous === undefined) return null;
    this.subscribers[kind].delete(key);
    this.unhold(previous, kind, key);
    return previous;
  }

  /** Who gets a notifier's notifications: the session of its service, or its subscriber where it has none. */
  holder({ notifierId, serviceId }: Pick<Notifier, 'notifierId' | 'serviceId'>): ConnectionId | null {
    return serviceId === null ? this.subscriber('notifier', idKey(notifierId)) : (this.session(serviceId)?.connection ?? null);
  }

  session(serviceId: Uint8Array): ServiceSession | null {
    return this.sessions.size === 0 ? null : (this.sessions.get(idKey(serviceId)) ?? null);
  }

  /** Makes `by` the service's session; answers it, and another connection's session that it replaced. */
  claimSession(serviceId: Uint8Array, by: ConnectionId): SessionClaim {
    const key = idKey(serviceId);
    const previous = this.sessions.get(key);
    if (previous?.connection === by) return { session: previous, isNew: false, replaced: null };
    if (previous !== undefined) this.unholdService(previous.connection, key);
    const session: ServiceSession = { connection: by, all: false, total: 0, ids: new Set() };
    this.sessions.set(key, session);
    this.held(by).add('services', key);
    return { session, isNew: true, replaced: previous ?? null };
  }

  /** Removes all that a connection holds. */
  release(by: ConnectionId): void {
    const held = this.connections.get(by);
    if (held === undefined) return;
    for (const key of held.recipient ?? []) this.subscribers.recipient.delete(key);
    for (const key of held.notifier ?? []) this.subscribers.notifier.delete(key);
    for (const key of held.services ?? []) this.sessions.delete(key);
    this.connections.delete(by);
  }

  private held(by: ConnectionId): Held {
    let held = this.connections.get(by);
    if (held === undefined) this.connections.set(by, (held = new Held()));
    return held;
  }

  private unhold(by: ConnectionId, kind: Kind, key: IdKey): void {
    const held = this.connections.get(by);
    held?.[kind]?.delete(key);
    this.forgetIfEmpty(by, held);
  }

  private unholdService(by: ConnectionId, key: IdKey): void {
    const held = this.connections.get(by);
    held?.services?.delete(key);
    this.forgetIfEmpty(by, held);
  }

  private forgetIfEmpty(by: ConnectionId, held: Held | undefined): void {
    if (held?.size === 0) this.connections.delete(by);
  }
}

/** Counts a queue to a session, once. */
export function countToSession(session: ServiceSession, notifierId: Uint8Array, isNew: boolean): void {
  if (session.all) session.total += Number(isNew);
  else session.ids.add(idKey(notifierId));
}

export function uncountFromSession(session: ServiceSession, notifierId: Uint8Array): void {
  if (session.all) session.total = Math.max(0, session.total - 1);
  else session.ids.delete(idKey(notifierId));
}
