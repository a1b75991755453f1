/** How subscriptions and whole tokens go. */
import { copyBytes, equalBytes } from '@polyplex/base';
import { present } from '../engine.ts';
import type { TokenEngine } from './engine.ts';
import type { OpenToken } from './open-token.ts';
import { type OpenRelays, stateOf } from './relay-rows.ts';
import { ownedKey, partsOf, placesOf } from './tables.ts';
import type { SubscriptionRow } from './value-formats.ts';

/** Removes the rows of a subscription, and counts it; its notification stays. */
export function removeRows(engine: TokenEngine, relays: OpenRelays, place: Uint8Array, row: SubscriptionRow): void {
  const { tables } = engine;
  const relay = relays.get(partsOf(place).relay);
  relay.replace(stateOf(row, relay.row), null);
  tables.subscriptions.remove(place);
  tables.subscriptionIds.remove(row.subscriptionId);
  tables.tokenSubscriptions.remove(ownedKey(row.tokenId, place));
  tables.newSubscriptions.remove(place);
}

/** What a token no longer announces. */
export function forgetNotification(token: OpenToken, place: Uint8Array): void {
  const { relay, notifierId } = partsOf(place);
  const left = token.notifications.filter((each) => each.relay !== relay || !equalBytes(each.notifierId, notifierId));
  if (left.length < token.notifications.length) token.setNotifications(left);
}

/** Removes a token with all that it has; answers how many subscriptions went with it. What is damaged stops it as a whole. */
export function removeWhole(engine: TokenEngine, relays: OpenRelays, token: OpenToken): number {
  const places = placesOf(engine.tables, token.tokenId);
  for (const place of places) removeRows(engine, relays, copyBytes(place), present(engine.tables.subscriptions.get(place)));
  token.remove();
  return places.length;
}
