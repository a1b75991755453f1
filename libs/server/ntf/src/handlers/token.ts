/** Commands on a token: TVFY, TCHK, TRPL, TDEL, TCRN (NTF §2.4). */
import { equalSecret, randomBytes } from '@polyplex/crypto';
import { AUTH_ERROR, deviceOf, errorReply, OK, QUOTA_ERROR } from '@polyplex/protocol-ntf';
import { allowsVerification, isAuthorized } from '../authorize.ts';
import type { TokenHandler } from '../context.ts';
import { INTERNAL } from '../failure.ts';
import { countFor } from './counting.ts';
import { checkDevice, refuseToken } from './device-policy.ts';
import { CODE_BYTES } from './new-token.ts';

const REFUSED = errorReply(AUTH_ERROR);
/** How often TVFY is tried again when its token changes between check and step. */
const ATTEMPTS = 8;
/** Minutes; the reference's least interval. */
const MIN_CRON_MINUTES = 20;

export const verifyToken: TokenHandler<'TVFY'> = async ({ proxy, session, incoming, token }) => {
  const { store, stats, clock } = proxy;
  let present = token;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    // Both are looked at always: which of them is wrong is nobody's business.
    const isRight = equalSecret(incoming.command.code, present.code);
    if (!isRight || !allowsVerification(present.status)) return REFUSED;
    const removed = await store.activate(present, clock.now());
    if (removed !== 'stale') {
      countFor(present.device, stats.tokensVerified);
      stats.tokensSuperseded.add(removed.tokens);
      stats.subscriptionsDropped.add(removed.subscriptions);
      return OK;
    }
    const found = await store.findToken(token.tokenId);
    if (found === null || !isAuthorized(session, incoming, found.authKey)) return REFUSED;
    present = found;
  }
  return INTERNAL;
};

export const checkToken: TokenHandler<'TCHK'> = ({ token }) => Promise.resolve({ tag: 'TKN', status: token.status });

export const replaceToken: TokenHandler<'TRPL'> = async ({ proxy, session, incoming, token }) => {
  const refusal = checkDevice(proxy, session, incoming.command.device);
  if (refusal !== null) return refusal;
  const device = deviceOf(incoming.command.device);
  const replaced = await proxy.store.replaceDevice(token.tokenId, { device, code: randomBytes(CODE_BYTES) }, proxy.clock.now());
  if (replaced === 'gone') return REFUSED;
  if (replaced === 'taken') return refuseToken(proxy, 'taken', AUTH_ERROR);
  countFor(device, proxy.stats.tokensReplaced, proxy.stats.verificationsQueued);
  return OK;
};

export const deleteToken: TokenHandler<'TDEL'> = async ({ proxy: { store, stats }, token }) => {
  const removed = await store.removeToken(token.tokenId);
  if (removed === null) return REFUSED;
  countFor(token.device, stats.tokensDeleted);
  stats.subscriptionsDropped.add(removed.subscriptions);
  return OK;
};

export const setCron: TokenHandler<'TCRN'> = async ({ proxy, incoming, token }) => {
  const { minutes } = incoming.command;
  if (minutes > 0 && minutes < MIN_CRON_MINUTES) return errorReply(QUOTA_ERROR);
  return (await proxy.store.setCron(token.tokenId, minutes, proxy.clock.now())) ? OK : REFUSED;
};
