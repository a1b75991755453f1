/** Whole tokens of the model. */
import { idKey } from '@polyplex/base';
import type { WholeToken } from '@polyplex/store-contract';
import { isId, type ModelToken, type State, subscriptionKey, subscriptionsOf, tokenOf, tokenWith } from './state.ts';
import { put } from './subscription-steps.ts';
import { isSameToken } from './token-steps.ts';

function wholeToken(state: State, { record, notifications, due, job }: ModelToken): WholeToken {
  return {
    token: record,
    subscriptions: subscriptionsOf(state, record.tokenId),
    notifications,
    due: {
      verification: job?.verification ?? due.verification, messages: job?.messages ?? due.messages, check: job?.check ?? due.check,
    },
  };
}

export function wholeTokens(state: State, after: string | null, limit: number): { tokens: WholeToken[]; next: string | null } {
  const ids = [...state.tokens.keys()].sort().filter((id) => after === null || id > after);
  const page = ids.slice(0, limit);
  return { tokens: page.map((id) => wholeToken(state, state.tokens.get(id)!)), next: ids.length > limit ? page.at(-1)! : null };
}

export function putToken(state: State, { token, subscriptions, notifications, due }: WholeToken): 'written' | 'exists' | 'collision' {
  const found = tokenOf(state, token.tokenId);
  if (found !== null) return isSameToken(found.record, token) ? 'exists' : 'collision';
  const taken = subscriptions.some((each) => !isId(each.subscriptionId) || !isId(each.notifierId) ||
    state.subscriptionIds.has(idKey(each.subscriptionId)) || state.subscriptions.has(subscriptionKey(each.relay, each.notifierId)));
  if (!isId(token.tokenId) || taken || tokenWith(state, token.device, token.authKey) !== null) return 'collision';
  state.tokens.set(idKey(token.tokenId), {
    record: token, notifications: [...notifications], due: { ...due }, job: null, retryAt: null, attempts: 0, jobs: 0,
  });
  for (const subscription of subscriptions) put(state, subscription);
  return 'written';
}
