/** Subscriptions as clients make and end them: SNEW, SCHK, SDEL (NTF §2.4). */
import { copyBytes } from '@polyplex/base';
import { isId, owned } from '@polyplex/store-common';
import type { NewSubscription, SubscriptionRecord, TokenSubscriptions } from '@polyplex/store-contract';
import { listOf, numberOf, textOfReply } from '../redis-reply.ts';
import { announce } from './relay-news.ts';
import { idReference, namedNotifier, placesOf, readNotifierValue, subscriptionMember } from './subscription-places.ts';
import { argument, leavePlace, named, onToken, takePlace, type TokenEngine, untilPlaced } from './token-engine.ts';
import { relayId } from './token-keys.ts';
import { encodeSubscription, readSubscription } from './token-values.ts';

type Created = Awaited<ReturnType<TokenSubscriptions['createSubscription']>>;

export function createSubscriptions(engine: TokenEngine): TokenSubscriptions {
  return {
    createSubscription: (subscription) => createSubscription(engine, owned(subscription)),
    async findSubscription(given) {
      if (!isId(given)) return null;
      const subscriptionId = copyBytes(given);
      const tokenId = await named(engine, idReference(subscriptionId));
      // As many steps for none as for one.
      return (await read(engine, tokenId ?? subscriptionId, subscriptionId)).subscription;
    },
    findSubscriptionOf: (relay, notifierId) => findOf(engine, relay, copyBytes(notifierId)),
    async removeSubscription(given) {
      if (!isId(given)) return false;
      const subscriptionId = copyBytes(given);
      const tokenId = await named(engine, idReference(subscriptionId));
      return tokenId !== null && removeSubscription(engine, tokenId, subscriptionId);
    },
  };
}

interface Read {
  readonly subscription: SubscriptionRecord | null;
  readonly hasToken: boolean;
  readonly fence: string;
}

/** A subscription in the part of a token, whether that is there, and the fence of a place that it is about to take. */
async function read(engine: TokenEngine, tokenId: Uint8Array, subscriptionId: Uint8Array, member: Uint8Array | string = ''): Promise<Read> {
  const args = [argument(subscriptionId), argument(tokenId), typeof member === 'string' ? member : Buffer.from(member)];
  const [told, hasToken, fence] = listOf(await engine.redis.run('token-subscription', engine.keys.token(tokenId), args));
  return { subscription: readSubscription(told), hasToken: numberOf(hasToken) === 1, fence: textOfReply(fence) };
}

export async function readSubscriptionOf(engine: TokenEngine, tokenId: Uint8Array, subscriptionId: Uint8Array): Promise<SubscriptionRecord | null> {
  return (await read(engine, tokenId, subscriptionId)).subscription;
}

async function findOf(engine: TokenEngine, relay: string, notifierId: Uint8Array): Promise<SubscriptionRecord | null> {
  const holder = await namedNotifier(engine, relay, notifierId);
  const { tokenId, subscriptionId } = holder === null ? { tokenId: Buffer.from('-'), subscriptionId: Buffer.from('-') } : readNotifierValue(holder);
  const { subscription } = await read(engine, tokenId, subscriptionId);
  return subscription?.relay === relay && Buffer.from(notifierId).equals(subscription.notifierId) ? subscription : null;
}

async function createSubscription(engine: TokenEngine, given: NewSubscription): Promise<Created> {
  const { subscriptionId, tokenId, relay, notifierId } = given;
  const areIds = isId(tokenId) && isId(subscriptionId) && isId(notifierId);
  return untilPlaced(async () => {
    const [found, there] = await Promise.all([
      findOf(engine, relay, notifierId), read(engine, tokenId, subscriptionId, areIds ? subscriptionMember(given) : ''),
    ]);
    if (found !== null) return existing(engine, found);
    if (!there.hasToken) return { status: 'gone' };
    return areIds ? place(engine, given, there.fence) : { status: 'collision' };
  });
}

/** An earlier call may have ended before it told of it. */
async function existing(engine: TokenEngine, subscription: SubscriptionRecord): Promise<Created> {
  if (subscription.status === 'NEW') await announce(engine, subscription.relay, [engine.keys.partOf(subscription.tokenId)]);
  return { status: 'exists', subscription };
}

/** Null when it is gone again. */
async function existingOf(engine: TokenEngine, { relay, notifierId }: NewSubscription): Promise<Created | null> {
  const found = await findOf(engine, relay, notifierId);
  return found && existing(engine, found);
}

/** Both places, then what has them; null when one was fenced off. */
async function place(engine: TokenEngine, given: NewSubscription, fence: string): Promise<Created | null> {
  const { subscriptionId, tokenId, relay, notifierId } = given;
  const { byId, byNotifier } = placesOf(engine, given);
  const [ofId, ofNotifier] = await Promise.all([byId, byNotifier].map((at) => takePlace(engine, at.reference, at.value, at.holders)));
  if (ofNotifier !== null || ofId !== null) {
    const made = [ofId === null ? byId : null, ofNotifier === null ? byNotifier : null].filter((at) => at !== null);
    await Promise.all(made.map((at) => leavePlace(engine, at.reference, at.value, at.holders)));
    return ofNotifier === null ? { status: 'collision' } : existingOf(engine, given);
  }
  const text = encodeSubscription({ ...given, status: 'NEW', inService: false });
  const [answer, told] = listOf(await onToken(engine, 'token-subscribe', tokenId, [
    argument(subscriptionId), text, relayId(relay), relay, argument(notifierId), subscriptionMember(given), fence,
  ]));
  const status = textOfReply(answer);
  if (status === 'fenced') return null;
  if (status === 'gone' || status === 'collision') {
    // The id is another subscription's of this token, or nobody's.
    const left = status === 'gone' ? [byId, byNotifier] : [byNotifier];
    await Promise.all(left.map(({ reference, value, holders }) => leavePlace(engine, reference, value, holders)));
    return { status };
  }
  await announce(engine, relay, [engine.keys.partOf(tokenId)]);
  return { status: status as 'created' | 'exists', subscription: readSubscription(told)! };
}

async function removeSubscription(engine: TokenEngine, tokenId: Uint8Array, subscriptionId: Uint8Array): Promise<boolean> {
  const removed = readSubscription(await onToken(engine, 'token-unsubscribe', tokenId, [argument(subscriptionId)]));
  if (removed === null) return false;
  // The same may be made again meanwhile: then its places are not freed.
  await Promise.all(Object.values(placesOf(engine, removed)).map(({ reference, value, holders }) => leavePlace(engine, reference, value, holders)));
  return true;
}
