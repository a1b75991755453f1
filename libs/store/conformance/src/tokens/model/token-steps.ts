/** Tokens of the model: TNEW, TVFY, TRPL, TCRN, TDEL (NTF §2.4). */
import { equalBytes, idKey } from '@polyplex/base';
import { publicKeysEqual } from '@polyplex/crypto';
import type { Device, NewToken, Removed, TokenRecord } from '@polyplex/store-contract';
import { becomeActive, becomeInactive } from './due.ts';
import { allowsVerification, change, isId, type ModelToken, sameDevice, type State, subscriptionKey, subscriptionsOf, tokenOf, tokenWith } from './state.ts';

type Created = { readonly status: 'created' | 'exists'; readonly token: TokenRecord } | { readonly status: 'collision' };

export function createToken(state: State, token: NewToken, now: number): Created {
  const found = tokenWith(state, token.device, token.authKey);
  if (found !== null) return { status: 'exists', token: found.record };
  if (!isId(token.tokenId) || tokenOf(state, token.tokenId) !== null) return { status: 'collision' };
  const day = Math.floor(now / 86_400_000) * 86_400;
  const record: TokenRecord = { ...token, status: 'REGISTERED', cronMinutes: 0, cronSentAt: null, usedOn: day, revision: 0 };
  state.tokens.set(idKey(token.tokenId), {
    record, notifications: [], due: { verification: now, messages: null, check: null }, job: null, retryAt: null, attempts: 0, jobs: 0,
  });
  return { status: 'created', token: record };
}

export function touchToken(state: State, tokenId: Uint8Array, day: number): void {
  const token = tokenOf(state, tokenId);
  if (token !== null) token.record = { ...token.record, usedOn: day };
}

export function registerAgain(state: State, tokenId: Uint8Array, now: number): TokenRecord | null {
  const token = tokenOf(state, tokenId);
  if (token === null) return null;
  token.due.verification ??= now;
  if (!allowsVerification(token.record.status)) change(token, { status: 'REGISTERED' });
  return token.record;
}

function remove(state: State, { record }: ModelToken): Removed {
  const subscriptions = subscriptionsOf(state, record.tokenId);
  for (const { relay, notifierId, subscriptionId } of subscriptions) {
    state.subscriptions.delete(subscriptionKey(relay, notifierId));
    state.subscriptionIds.delete(idKey(subscriptionId));
  }
  state.tokens.delete(idKey(record.tokenId));
  return { tokens: 1, subscriptions: subscriptions.length };
}

export function removeToken(state: State, tokenId: Uint8Array): Removed | null {
  const token = tokenOf(state, tokenId);
  return token === null ? null : remove(state, token);
}

export function activate(state: State, { tokenId, revision }: Pick<TokenRecord, 'tokenId' | 'revision'>, now: number): Removed | 'stale' {
  const token = tokenOf(state, tokenId);
  if (token?.record.revision !== revision) return 'stale';
  const removed = { tokens: 0, subscriptions: 0 };
  for (const other of [...state.tokens.values()]) {
    if (other === token || !sameDevice(other.record.device, token.record.device)) continue;
    const gone = remove(state, other);
    removed.tokens += gone.tokens;
    removed.subscriptions += gone.subscriptions;
  }
  token.due.verification = null;
  if (token.job !== null) token.job.verification = null;
  if (token.record.status !== 'ACTIVE') becomeActive(token, now);
  return removed;
}

export function replaceDevice(
  state: State, tokenId: Uint8Array, { device, code }: { readonly device: Device; readonly code: Uint8Array }, now: number,
): TokenRecord | 'taken' | 'gone' {
  const token = tokenOf(state, tokenId);
  if (token === null) return 'gone';
  const other = tokenWith(state, device, token.record.authKey);
  if (other !== null && other !== token) return 'taken';
  becomeInactive(token, { status: 'REGISTERED', device, code });
  token.due.messages = token.job?.messages ?? token.due.messages;
  token.due.verification = now;
  token.job = null;
  token.retryAt = null;
  token.attempts = 0;
  return token.record;
}

export function setCron(state: State, tokenId: Uint8Array, minutes: number, now: number): boolean {
  const token = tokenOf(state, tokenId);
  if (token === null || token.record.cronMinutes === minutes) return token !== null;
  change(token, { cronMinutes: minutes });
  if (token.job !== null) token.job.check = null;
  token.due.check = token.record.status === 'ACTIVE' && minutes > 0 ? now + minutes * 60_000 : null;
  return true;
}

/** Whether a token that was read somewhere is this one. */
export function isSameToken(a: TokenRecord, b: TokenRecord): boolean {
  return equalBytes(a.tokenId, b.tokenId) && sameDevice(a.device, b.device) && publicKeysEqual(a.authKey, b.authKey);
}
