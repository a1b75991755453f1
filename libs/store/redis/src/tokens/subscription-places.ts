/** The places of subscriptions: each is named by its id, and by its notifier at its relay. */
import { isId } from '@polyplex/store-common';
import type { SubscriptionRecord } from '@polyplex/store-contract';
import { numberOf } from '../redis-reply.ts';
import { free, type Holders, memberOf, named, onToken, type Reference, type TokenEngine } from './token-engine.ts';
import { notifierField, relayId } from './token-keys.ts';

type Named = Pick<SubscriptionRecord, 'subscriptionId' | 'tokenId' | 'relay' | 'notifierId'>;

export interface SubscriptionPlace {
  readonly reference: Reference;
  /** What the reference names where this subscription has the place. */
  readonly value: Buffer;
  readonly holders: Holders;
}

/** Of a notifier: the subscription's id after its length, then the token's. */
function notifierValue({ subscriptionId, tokenId }: Named): Buffer {
  return Buffer.concat([Uint8Array.of(subscriptionId.length), subscriptionId, tokenId]);
}

export function readNotifierValue(value: Buffer): { readonly subscriptionId: Buffer; readonly tokenId: Buffer } {
  const end = 1 + (value[0] ?? 0);
  return { subscriptionId: value.subarray(1, end), tokenId: value.subarray(end) };
}

export function idReference(subscriptionId: Uint8Array): Reference {
  return { kind: 's', field: Buffer.from(subscriptionId) };
}

export function notifierReference(relay: string, notifierId: Uint8Array): Reference & { readonly field: Buffer } {
  return { kind: 'n', field: notifierField(relayId(relay), notifierId) };
}

/** What names a subscription by its notifier; null for none. */
export async function namedNotifier(engine: TokenEngine, relay: string, notifierId: Uint8Array): Promise<Buffer | null> {
  return isId(notifierId) ? named(engine, notifierReference(relay, notifierId)) : null;
}

export function placesOf(engine: TokenEngine, subscription: Named): { readonly byId: SubscriptionPlace; readonly byNotifier: SubscriptionPlace } {
  const { subscriptionId, tokenId, relay, notifierId } = subscription;
  return {
    byId: {
      reference: idReference(subscriptionId), value: Buffer.from(tokenId),
      holders: holdersOf(engine, (holder) => ({ subscriptionId, tokenId: holder }), ['', '']),
    },
    byNotifier: {
      reference: notifierReference(relay, notifierId), value: notifierValue(subscription),
      holders: holdersOf(engine, readNotifierValue, [relayId(relay), Buffer.from(notifierId)]),
    },
  };
}

/** Names a subscription of a token among the fences. */
export function subscriptionMember({ subscriptionId, tokenId }: Pick<Named, 'subscriptionId' | 'tokenId'>): Buffer {
  return memberOf(tokenId, subscriptionId);
}

/** Who has the place of a relay and notifier ('' for that of an id, of whatever relay). */
function holdersOf(engine: TokenEngine, idsIn: (holder: Buffer) => Pick<Named, 'subscriptionId' | 'tokenId'>, of: readonly [Buffer | string, Buffer | string]): Holders {
  const ask = async (script: string, holder: Buffer, withMember: boolean): Promise<boolean> => {
    const ids = idsIn(holder);
    const args = [Buffer.from(ids.subscriptionId), ...of, ...(withMember ? [subscriptionMember(ids)] : [])];
    return numberOf(await onToken(engine, script, ids.tokenId, args)) === 1;
  };
  return { has: (holder) => ask('token-has-subscription', holder, false), fence: (holder) => ask('token-fence-subscription', holder, true) };
}

/** Of subscriptions that went with their token: their ids come but once. */
export async function freeSubscriptions(engine: TokenEngine, removed: readonly Named[]): Promise<void> {
  const places = removed.flatMap((each) => Object.values<SubscriptionPlace>(placesOf(engine, each)));
  await Promise.all(places.map(({ reference, value }) => free(engine, reference, value)));
}
