/** Every command and its handler, by what it names; a missing one does not compile. */
import { PONG } from '@polyplex/protocol-ntf';
import type { SessionHandler, SubscriptionHandler, TokenHandler } from '../context.ts';
import { newToken } from './new-token.ts';
import { checkSubscription, deleteSubscription, newSubscription } from './subscription.ts';
import { checkToken, deleteToken, replaceToken, setCron, verifyToken } from './token.ts';

type Handlers<Tag extends string, H> = Readonly<Record<Tag, H>>;

const ofSession = { TNEW: newToken, SNEW: newSubscription, PING: () => Promise.resolve(PONG) } as const;
const ofToken = { TVFY: verifyToken, TCHK: checkToken, TRPL: replaceToken, TDEL: deleteToken, TCRN: setCron } as const;
const ofSubscription = { SCHK: checkSubscription, SDEL: deleteSubscription } as const;

// The context of a handler is that of its own command: who looks one up by a tag passes the context of that tag.
export const sessionHandlers: Handlers<keyof typeof ofSession, SessionHandler<never>> = ofSession;
export const tokenHandlers: Handlers<keyof typeof ofToken, TokenHandler<never>> = ofToken;
export const subscriptionHandlers: Handlers<keyof typeof ofSubscription, SubscriptionHandler<never>> = ofSubscription;
