/**
 * Who will hold a notifier when the steps so far of the present group are durable. Subscriptions change only after the
 * commit; a step that has to know them inside the transaction (taking notifications) asks here, so that it sees the
 * steps called before it. The plan is made anew with each group.
 */
import { idKey, type IdKey } from '@polyplex/base';
import type { ConnectionId, Notifier } from '@polyplex/store-contract';
import type { SubscriptionTable } from './subscription-table.ts';

export class SubscriptionPlan {
  private readonly table: SubscriptionTable;
  private readonly notifiers = new Map<IdKey, ConnectionId | null>();
  private readonly sessions = new Map<IdKey, ConnectionId>();
  private readonly released = new Set<ConnectionId>();

  constructor(table: SubscriptionTable) {
    this.table = table;
  }

  begin(): void {
    this.notifiers.clear();
    this.sessions.clear();
    this.released.clear();
  }

  /** A direct subscription; null: nobody has one. */
  claim(notifierId: Uint8Array, by: ConnectionId | null): void {
    this.notifiers.set(idKey(notifierId), by);
  }

  claimSession(serviceId: Uint8Array, by: ConnectionId): void {
    this.sessions.set(idKey(serviceId), by);
  }

  release(by: ConnectionId): void {
    this.released.add(by);
  }

  holder({ notifierId, serviceId }: Pick<Notifier, 'notifierId' | 'serviceId'>): ConnectionId | null {
    const planned = serviceId === null ? this.notifiers.get(idKey(notifierId)) : this.sessions.get(idKey(serviceId));
    const holder = planned === undefined ? this.table.holder({ notifierId, serviceId }) : planned;
    return holder !== null && this.released.has(holder) ? null : holder;
  }
}
