/** What an operator may know of one relay. */
import type { AwayCause } from './relay-stats.ts';
import type { RelayTrouble } from './troubles.ts';

export interface RelayView {
  /** The relay's first host. */
  readonly host: string;
  readonly own: boolean;
  readonly state: 'waiting' | 'connecting' | 'service' | 'subscribing' | 'subscribed';
  /** Unix milliseconds; null: not connected. */
  readonly connectedAt: number | null;
  /** Unix milliseconds; null: connected. */
  readonly awaySince: number | null;
  /** Why the last attempt failed, or the connection ended. */
  readonly awayCause: AwayCause | null;
  /** Subscriptions one by one: as the store has them, and those that the relay confirmed in this session. */
  readonly subscriptions: number;
  readonly active: number;
  /** Those of our service, and as the relay counted them in this session. */
  readonly service: boolean;
  readonly inService: number;
  readonly activeInService: number;
  /** Notifications that wait for the store, and when the oldest of them came. */
  readonly waiting: number;
  readonly oldestWaitingAt: number | null;
  readonly lastNotificationAt: number | null;
  readonly troubles: readonly RelayTrouble[];
}
