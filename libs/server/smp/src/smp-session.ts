/** A session of the relay, as delivery and handlers share it. */
import type { KeyedOrder, Session, Slots } from '@polyplex/server-core';
import type { Subscriptions } from './subscriptions.ts';

/** A session of the relay with what it is subscribed to. */
export interface SmpSession {
  readonly session: Session;
  readonly subscriptions: Subscriptions;
  /** Commands on one entity run in the order in which they came. */
  readonly order: KeyedOrder<string>;
  /** Bounds the forwards in flight. */
  readonly forwards: Slots;
}
