/**
 * The path of a command: look up what it names → authorise → handle. A handler sees only verified input, except for TNEW and
 * SNEW, which bring the key or the name of it themselves.
 */
import { AUTH_ERROR, errorReply, type NtfReply } from '@polyplex/protocol-ntf';
import type { Session } from '@polyplex/server-core';
import { isAuthorized } from './authorize.ts';
import type { PushProxy } from './context.ts';
import { failure } from './failure.ts';
import { sessionHandlers, subscriptionHandlers, tokenHandlers } from './handlers/index.ts';
import type { Incoming } from './incoming.ts';
import { touch } from './touch.ts';

const REFUSED = errorReply(AUTH_ERROR);

/** Never rejects. */
export async function answer(proxy: PushProxy, session: Session, incoming: Incoming): Promise<NtfReply> {
  try {
    return await dispatch(proxy, session, incoming);
  } catch (error) {
    return failure(proxy, error);
  }
}

function dispatch(proxy: PushProxy, session: Session, incoming: Incoming): Promise<NtfReply> {
  const { tag } = incoming.command;
  switch (tag) {
    case 'TNEW':
    case 'SNEW':
    case 'PING':
      return sessionHandlers[tag]({ proxy, session, incoming: incoming as never });
    case 'SCHK':
    case 'SDEL':
      return onSubscription(proxy, session, incoming, subscriptionHandlers[tag]);
    default:
      return onToken(proxy, session, incoming, tokenHandlers[tag]);
  }
}

async function onToken(proxy: PushProxy, session: Session, incoming: Incoming, handler: (typeof tokenHandlers)['TCHK']): Promise<NtfReply> {
  const token = await proxy.store.findToken(incoming.entityId);
  const isAllowed = isAuthorized(session, incoming, token?.authKey ?? null);
  if (!isAllowed || token === null) return REFUSED;
  await touch(proxy, token);
  return handler({ proxy, session, incoming: incoming as never, token });
}

async function onSubscription(
  proxy: PushProxy, session: Session, incoming: Incoming, handler: (typeof subscriptionHandlers)['SCHK'],
): Promise<NtfReply> {
  const { store } = proxy;
  const subscription = await store.findSubscription(incoming.entityId);
  // Where there is no subscription, a token that is not there either is looked for: it takes the same time.
  const token = await store.findToken(subscription?.tokenId ?? incoming.entityId);
  const isAllowed = isAuthorized(session, incoming, token?.authKey ?? null);
  if (!isAllowed || token === null || subscription === null) return REFUSED;
  await touch(proxy, token);
  return handler({ proxy, session, incoming: incoming as never, token, subscription });
}
