/** Subscriptions of the model, what relays say of them, and what they receive (NTF §2.4, §4). */
import { equalBytes, idKey } from '@polyplex/base';
import type {
  Announced, NewSubscription, ReceivedNotification, SubscriptionChange, SubscriptionPage, SubscriptionRecord,
} from '@polyplex/store-contract';
import { lease } from './due.ts';
import { isId, isToMake, type ModelToken, type State, subscriptionKey, tokenOf } from './state.ts';

const KEPT = 6;

type Created =
  | { readonly status: 'created' | 'exists'; readonly subscription: SubscriptionRecord }
  | { readonly status: 'gone' | 'collision' };

export function createSubscription(state: State, given: NewSubscription): Created {
  const key = subscriptionKey(given.relay, given.notifierId);
  const found = state.subscriptions.get(key);
  if (found !== undefined) return { status: 'exists', subscription: found };
  if (tokenOf(state, given.tokenId) === null) return { status: 'gone' };
  const id = idKey(given.subscriptionId);
  if (!isId(given.subscriptionId) || !isId(given.notifierId) || state.subscriptionIds.has(id)) return { status: 'collision' };
  const subscription: SubscriptionRecord = { ...given, status: 'NEW', inService: false };
  put(state, subscription);
  return { status: 'created', subscription };
}

export function put(state: State, subscription: SubscriptionRecord): void {
  const key = subscriptionKey(subscription.relay, subscription.notifierId);
  if (!state.relays.has(subscription.relay)) state.relays.set(subscription.relay, null);
  state.subscriptions.set(key, subscription);
  state.subscriptionIds.set(idKey(subscription.subscriptionId), key);
}

export function findSubscription(state: State, subscriptionId: Uint8Array): SubscriptionRecord | null {
  return state.subscriptions.get(state.subscriptionIds.get(idKey(subscriptionId)) ?? '') ?? null;
}

export function removeSubscription(state: State, subscriptionId: Uint8Array): boolean {
  const found = findSubscription(state, subscriptionId);
  if (found === null) return false;
  state.subscriptions.delete(subscriptionKey(found.relay, found.notifierId));
  state.subscriptionIds.delete(idKey(subscriptionId));
  const token = tokenOf(state, found.tokenId);
  if (token !== null) forget(token, found.relay, found.notifierId);
  return true;
}

function forget(token: ModelToken, relay: string, notifierId: Uint8Array): void {
  token.notifications = token.notifications.filter((each) => each.relay !== relay || !equalBytes(each.notifierId, notifierId));
  if (token.notifications.length > 0) return;
  token.due.messages = null;
  if (token.job !== null) token.job.messages = null;
}

export function takeNew(state: State, relay: string, limit: number): SubscriptionRecord[] {
  const taken: SubscriptionRecord[] = [];
  for (const [key, subscription] of state.subscriptions) {
    if (taken.length >= limit) break;
    if (subscription.relay !== relay || subscription.status !== 'NEW') continue;
    const pending = { ...subscription, status: 'PENDING' as const };
    state.subscriptions.set(key, pending);
    taken.push(pending);
  }
  return taken;
}

export function subscriptionsToMake(state: State, relay: string, after: string | null, limit: number): SubscriptionPage {
  const found = [...state.subscriptions.values()].filter((each) => each.relay === relay && isToMake(each.status) && !each.inService)
    .map((subscription) => ({ subscription, at: idKey(subscription.notifierId) }))
    .sort((a, b) => (a.at < b.at ? -1 : 1)).filter(({ at }) => after === null || at > after);
  const page = found.slice(0, limit);
  return { subscriptions: page.map(({ subscription }) => subscription), next: found.length > limit ? page.at(-1)!.at : null };
}

export function changeSubscriptions(state: State, relay: string, changes: readonly SubscriptionChange[]): number {
  let there = 0;
  for (const { notifierId, status, inService } of changes) {
    const key = subscriptionKey(relay, notifierId);
    const found = state.subscriptions.get(key);
    if (found === undefined) continue;
    there++;
    state.subscriptions.set(key, { ...found, status, inService: inService ?? found.inService });
  }
  return there;
}

export function disconnected(state: State, relay: string): void {
  for (const [key, subscription] of state.subscriptions) {
    if (subscription.relay !== relay || subscription.status !== 'ACTIVE' || subscription.inService) continue;
    state.subscriptions.set(key, { ...subscription, status: 'INACTIVE' });
  }
}

export function setRelayService(state: State, relay: string, serviceId: Uint8Array | null): void {
  state.relays.set(relay, serviceId);
  if (serviceId !== null) return;
  for (const [key, subscription] of state.subscriptions) {
    if (subscription.relay !== relay || !subscription.inService) continue;
    const status = isToMake(subscription.status) ? 'INACTIVE' : subscription.status;
    state.subscriptions.set(key, { ...subscription, status, inService: false });
  }
}

/** Keeps one; answers its token, where it is ACTIVE. */
function keep(state: State, relay: string, received: ReceivedNotification): ModelToken | null {
  const subscription = state.subscriptions.get(subscriptionKey(relay, received.notifierId));
  const token = subscription === undefined ? null : tokenOf(state, subscription.tokenId);
  if (token?.record.status !== 'ACTIVE') return null;
  const isThis = (each: ModelToken['notifications'][number]): boolean =>
    each.relay === relay && equalBytes(each.notifierId, received.notifierId);
  if (token.notifications.some((each) => isThis(each) && equalBytes(each.nonce, received.nonce))) return token;
  token.notifications = [...token.notifications.filter((each) => !isThis(each)), { ...received, relay }].slice(-KEPT);
  token.due.messages ??= received.receivedAt;
  return token;
}

export function receive(
  state: State, relay: string, received: readonly ReceivedNotification[], { now, leaseMs }: { now: number; leaseMs: number | null },
): Announced[] {
  const tokens = received.map((each) => keep(state, relay, each));
  return tokens.map((token, i) => {
    if (token === null) return 'none';
    if (leaseMs === null || tokens.indexOf(token) < i) return 'waiting';
    return lease(token, now, leaseMs) ?? 'waiting';
  });
}
