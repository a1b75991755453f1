/** Subscriptions: SNEW, SCHK, SDEL (NTF §2.4). The relays' side does the rest: it hears of new ones from the store. */
import { equalBytes, ID_LENGTH } from '@polyplex/base';
import { encodePrivateKey, randomBytes } from '@polyplex/crypto';
import { AUTH_ERROR, errorReply, type NtfReply, OK, QUOTA_ERROR } from '@polyplex/protocol-ntf';
import type { NewSubscription, SubscriptionRecord } from '@polyplex/store-contract';
import { allowsSubscriptions, isAuthorized } from '../authorize.ts';
import type { SessionContext, SessionHandler, SubscriptionHandler } from '../context.ts';
import { INTERNAL } from '../failure.ts';
import { relayText } from '../known-relays.ts';
import { touch } from '../touch.ts';

const REFUSED = errorReply(AUTH_ERROR);
const ATTEMPTS = 3;

export const newSubscription: SessionHandler<'SNEW'> = async (context) => {
  const { proxy, session, incoming } = context;
  const token = await proxy.store.findToken(incoming.command.tokenId);
  const isAllowed = isAuthorized(session, incoming, token?.authKey ?? null);
  if (!isAllowed || token === null || !allowsSubscriptions(token.status)) return refuse(context, 'auth');
  if (!proxy.limits.subscriptions.take(session.connection.addressKey)) return refuse(context, 'addressLimit');
  await touch(proxy, token);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const reply = await create(context);
    if (reply !== null) return reply;
  }
  return INTERNAL;
};

/** Null: the id was taken. */
async function create(context: SessionContext<'SNEW'>): Promise<NtfReply | null> {
  const { store, stats } = context.proxy;
  const draft = draftOf(context);
  const created = await store.createSubscription(draft);
  switch (created.status) {
    case 'created':
      stats.subscriptionsCreated.add();
      return idReply(created.subscription);
    case 'exists':
      return isSame(created.subscription, draft) ? idReply(created.subscription) : refuse(context, 'auth');
    case 'gone':
      return refuse(context, 'auth');
    case 'collision':
      return null;
  }
}

function refuse({ proxy }: SessionContext<'SNEW'>, reason: 'auth' | 'addressLimit'): NtfReply {
  proxy.stats.subscriptionRefusals.add(reason);
  return errorReply(reason === 'auth' ? AUTH_ERROR : QUOTA_ERROR);
}

function draftOf({ incoming: { command } }: SessionContext<'SNEW'>): NewSubscription {
  return {
    subscriptionId: randomBytes(ID_LENGTH),
    tokenId: command.tokenId,
    relay: relayText(command.relay),
    notifierId: command.notifierId,
    notifierKey: encodePrivateKey(command.notifierKey),
  };
}

function idReply({ subscriptionId }: SubscriptionRecord): NtfReply {
  return { tag: 'IDSUB', subscriptionId };
}

/** An answer that was lost is asked for again with the same key, by the same token. */
function isSame(known: SubscriptionRecord, draft: NewSubscription): boolean {
  return equalBytes(known.tokenId, draft.tokenId) && equalBytes(known.notifierKey, draft.notifierKey);
}

export const checkSubscription: SubscriptionHandler<'SCHK'> = ({ token, subscription }) =>
  Promise.resolve(allowsSubscriptions(token.status) ? { tag: 'SUB', status: subscription.status } : REFUSED);

export const deleteSubscription: SubscriptionHandler<'SDEL'> = async ({ proxy: { store, stats }, token, subscription }) => {
  if (!allowsSubscriptions(token.status)) return REFUSED;
  if (!(await store.removeSubscription(subscription.subscriptionId))) return REFUSED;
  stats.subscriptionsDeleted.add();
  return OK;
};
