/** Subscriptions as clients make and remove them: SNEW, SCHK, SDEL (NTF §2.4). */
import { copyBytes } from '@polyplex/base';
import { isId, owned } from '@polyplex/store-common';
import type { NewSubscription, SubscriptionRecord, TokenSubscriptions } from '@polyplex/store-contract';
import { answer, guarded, now, present } from '../engine.ts';
import { FREES, GROWS, subscriptionAt, type TokenEngine, tellNew, withRelays } from './engine.ts';
import { missSubscription } from './missing-token.ts';
import { OpenToken } from './open-token.ts';
import { numberOf, type OpenRelays } from './relay-rows.ts';
import { forgetNotification, removeRows } from './removals.ts';
import { ownedKey, placeOf } from './tables.ts';

type Created = Awaited<ReturnType<TokenSubscriptions['createSubscription']>>;

export function createSubscriptions(engine: TokenEngine): TokenSubscriptions {
  return {
    createSubscription: (subscription) => guarded(engine, () => create(engine, owned(subscription))),
    findSubscription: (subscriptionId) => now(engine, () => find(engine, engine.tables.subscriptionIds.get(subscriptionId))),
    findSubscriptionOf: (relay, notifierId) => now(engine, () => find(engine, placeIn(engine, relay, notifierId))),
    removeSubscription: (subscriptionId) => guarded(engine, () => remove(engine, copyBytes(subscriptionId))),
  };
}

/** Null: the relay is not known, or this is no id. */
function placeIn(engine: TokenEngine, relay: string, notifierId: Uint8Array): Uint8Array | null {
  const number = numberOf(engine, relay);
  return number === null || !isId(notifierId) ? null : placeOf(number, notifierId);
}

function find(engine: TokenEngine, place: Uint8Array | null): SubscriptionRecord | null {
  return (place && subscriptionAt(engine, place)) ?? missSubscription();
}

function create(engine: TokenEngine, given: NewSubscription): Promise<Created> {
  const { relay, notifierId, tokenId, subscriptionId } = given;
  return engine.writes.run<Created>(() => {
    const place = placeIn(engine, relay, notifierId);
    const found = place && subscriptionAt(engine, place);
    if (found !== null) return answer({ status: 'exists', subscription: found });
    if (!engine.tables.tokens.has(tokenId)) return answer({ status: 'gone' });
    if (!areFree(engine, given)) return answer({ status: 'collision' });
    const subscription: SubscriptionRecord = { subscriptionId, tokenId, relay, notifierId, notifierKey: given.notifierKey, status: 'NEW', inService: false };
    withRelays(engine, (relays) => putSubscription(engine, relays, subscription));
    return () => {
      tellNew(engine, relay);
      return { status: 'created', subscription: owned(subscription) };
    };
  }, GROWS);
}

/** Whether these may be the ids of a new subscription. */
export function areFree({ tables }: TokenEngine, { subscriptionId, notifierId }: Pick<NewSubscription, 'subscriptionId' | 'notifierId'>): boolean {
  return isId(subscriptionId) && isId(notifierId) && !tables.subscriptionIds.has(subscriptionId);
}

/** Puts all rows of a new subscription, and counts it; its relay becomes known. */
export function putSubscription({ tables }: TokenEngine, relays: OpenRelays, subscription: SubscriptionRecord): void {
  const { subscriptionId, tokenId, notifierKey, status, inService } = subscription;
  const relay = relays.make(subscription.relay);
  const place = placeOf(relay.number, subscription.notifierId);
  relay.replace(null, { status, inService });
  tables.subscriptions.put(place, { subscriptionId, tokenId, notifierKey, status, inService, epoch: relay.epochFor(inService) });
  tables.subscriptionIds.put(subscriptionId, place);
  tables.tokenSubscriptions.put(ownedKey(tokenId, place), undefined);
  if (status === 'NEW') tables.newSubscriptions.put(place, undefined);
}

function remove(engine: TokenEngine, subscriptionId: Uint8Array): Promise<boolean> {
  const { tables, writes } = engine;
  return writes.run(() => {
    const place = tables.subscriptionIds.get(subscriptionId);
    if (place === null) return answer(false);
    const row = present(tables.subscriptions.get(place));
    withRelays(engine, (relays) => removeRows(engine, relays, place, row));
    const token = present(OpenToken.find(engine, row.tokenId));
    forgetNotification(token, place);
    token.save();
    return answer(true);
  }, FREES);
}
