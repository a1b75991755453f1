/** What all steps on tokens share. */
import { type Clock } from '@polyplex/base';
import { owned } from '@polyplex/store-common';
import type { LastNotification, NewToken, SubscriptionRecord, TokenRecord } from '@polyplex/store-contract';
import { present } from '../engine.ts';
import type { Finish, WriteQueue } from '../write-queue.ts';
import type { TokenCounters } from './counts.ts';
import { OpenRelays, stateOf } from './relay-rows.ts';
import { deviceKey, numberKey, partsOf, type TokenTables } from './tables.ts';
import type { NotificationsRow, RelayRow, SubscriptionRow, TokenRow } from './value-formats.ts';

export interface TokenEngine {
  readonly tables: TokenTables;
  readonly writes: WriteQueue;
  readonly counters: TokenCounters;
  readonly clock: Clock;
  readonly listeners: TokenListeners;
  /** Tells the operator, once, that a row could not be read and was passed over. */
  readonly reportDamage: () => void;
}

interface TokenListeners {
  readonly new: Set<(relay: string) => void>;
  readonly due: Set<() => void>;
}

/** Of steps that a full disk must not stop: they free space, or change what is there. */
export const FREES = { queues: [], frees: true } as const;
/** Of steps that take space. */
export const GROWS = { queues: [] } as const;

export function tokenRecordOf(tokenId: Uint8Array, row: TokenRow): TokenRecord {
  return { tokenId, ...row };
}

export function tokenRowOf({ tokenId: _, ...row }: TokenRecord): TokenRow {
  return row;
}

export const newTokenRow = ({ tokenId: _, ...token }: NewToken, usedOn: number): TokenRow =>
  ({ ...token, status: 'REGISTERED', cronMinutes: 0, cronSentAt: null, usedOn, revision: 0 });

/** The token with this device and key, as its id. A hash that two have in common names neither for the other. */
export function idWith(engine: TokenEngine, device: TokenRecord['device'], authKey: TokenRecord['authKey']): Uint8Array | null {
  return engine.tables.devices.get(deviceKey(device, authKey));
}

export function subscriptionRecordOf(place: Uint8Array, row: SubscriptionRow, relay: RelayRow): SubscriptionRecord {
  const { subscriptionId, tokenId, notifierKey } = row;
  return { subscriptionId, tokenId, relay: relay.relay, notifierId: partsOf(place).notifierId, notifierKey, ...stateOf(row, relay) };
}

/** The subscription at this place. */
export function subscriptionAt({ tables }: TokenEngine, place: Uint8Array): SubscriptionRecord | null {
  const row = tables.subscriptions.get(place);
  return row === null ? null : subscriptionRecordOf(place, row, present(tables.relays.get(numberKey(partsOf(place).relay))));
}

/** Notifications with the names of their relays, in memory of their own. */
export function lastNotificationsOf({ tables }: TokenEngine, row: NotificationsRow): LastNotification[] {
  return row.map(({ relay, ...notification }) => owned({ ...notification, relay: present(tables.relays.get(numberKey(relay))).relay }));
}

/** A step with relays, which are written at its end. */
export function withRelays<T>(engine: TokenEngine, work: (relays: OpenRelays) => T): T {
  const relays = new OpenRelays(engine);
  const result = work(relays);
  relays.save();
  return result;
}

export function tellDue({ listeners }: TokenEngine): void {
  for (const listener of listeners.due) listener();
}

export function tellNew({ listeners }: TokenEngine, relay: string): void {
  for (const listener of listeners.new) listener(relay);
}

/** The same answer, after telling that something may be due. */
export function dueAnswer<T>(engine: TokenEngine, value: T): Finish<T> {
  return () => {
    tellDue(engine);
    return value;
  };
}

