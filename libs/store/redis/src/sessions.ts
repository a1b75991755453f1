/**
 * The sessions of services on this node. A session gets the notifications of all notifiers associated with its service;
 * which node has it, Redis decides, as for claims of queues (see `claims.ts`).
 */
import { idKey, type IdKey } from '@polyplex/base';
import type { ConnectionId, ServiceRole } from '@polyplex/store-contract';

export interface Session {
  readonly service: IdKey;
  readonly connection: ConnectionId;
  /** 0 while Redis has not answered. */
  epoch: number;
  /** Whether it asked for all queues at once, and in which role; else those in `ids` count. */
  role: ServiceRole | null;
  readonly ids: Set<IdKey>;
}

export class Sessions {
  private readonly sessions = new Map<IdKey, Session>();
  private readonly changing = new Set<Promise<unknown>>();

  /** When notifiers left their services, while steps are under way that may still count them. */
  private readonly lefts = new Map<IdKey, number>();
  private moment = 0;

  /** The present moment, to tell what came later. */
  now(): number {
    return ++this.moment;
  }

  /** A notifier is no longer its service's. */
  left(notifier: IdKey): void {
    if (this.changing.size > 0) this.lefts.set(notifier, this.now());
  }

  /** Whether a notifier that joined its service at a moment has not left it since. */
  isStill(notifier: IdKey, joinedAt: number): boolean {
    return joinedAt > (this.lefts.get(notifier) ?? 0);
  }

  /** A step that may change who has a session: reads that are called after it wait for it. */
  change<T>(step: Promise<T>): Promise<T> {
    this.changing.add(step);
    const forget = (): void => {
      this.changing.delete(step);
      if (this.changing.size === 0) this.lefts.clear();
    };
    step.then(forget, forget);
    return step;
  }

  /** Resolves when the changes called so far are through. */
  async settled(): Promise<void> {
    if (this.changing.size > 0) await Promise.allSettled([...this.changing]);
  }

  of(serviceId: Uint8Array): Session | null {
    return this.sessions.size === 0 ? null : (this.sessions.get(idKey(serviceId)) ?? null);
  }

  /** The session that `by` has of the service, made when it has none; and another connection's that it replaces. */
  claim(serviceId: Uint8Array, by: ConnectionId): { readonly session: Session; readonly isNew: boolean; readonly replaced: Session | null } {
    const service = idKey(serviceId);
    const previous = this.sessions.get(service) ?? null;
    if (previous?.connection === by) return { session: previous, isNew: false, replaced: null };
    const session: Session = { service, connection: by, epoch: 0, role: null, ids: new Set() };
    this.sessions.set(service, session);
    return { session, isNew: true, replaced: previous };
  }

  isCurrent(session: Session): boolean {
    return this.sessions.get(session.service) === session;
  }

  /** Ends a session, if it is still there. */
  end(session: Session): void {
    if (this.isCurrent(session)) this.sessions.delete(session.service);
  }

  release(connection: ConnectionId): void {
    for (const session of this.sessions.values()) if (session.connection === connection) this.sessions.delete(session.service);
  }

  all(): Iterable<Session> {
    return this.sessions.values();
  }
}
