/**
 * The plain model of a whole TokenStore: maps of records, nothing else, so that it can be copied to try several orders of
 * steps. Here what it holds, and what each part is looked up by; the steps are in the files beside.
 */
import { equalBytes, idKey } from '@polyplex/base';
import { publicKeysEqual } from '@polyplex/crypto';
import type {
  Device, LastNotification, RelayRecord, SubscriptionRecord, SubscriptionStatus, TokenCounts, TokenRecord, TokenStatus,
} from '@polyplex/store-contract';

/** Since when each kind is due. */
export interface Due {
  verification: number | null;
  messages: number | null;
  check: number | null;
}

export interface ModelToken {
  record: TokenRecord;
  /** At most six, the newest last. */
  notifications: LastNotification[];
  /** What no job has. A check: from when on. */
  due: Due;
  /** What the job under way has. */
  job: (Due & { lease: string; until: number }) | null;
  retryAt: number | null;
  attempts: number;
  /** Jobs so far. */
  jobs: number;
}

export interface State {
  readonly tokens: Map<string, ModelToken>;
  /** By `subscriptionKey`. */
  readonly subscriptions: Map<string, SubscriptionRecord>;
  /** Subscription id → `subscriptionKey`. */
  readonly subscriptionIds: Map<string, string>;
  /** The service id of each relay that was ever known. */
  readonly relays: Map<string, Uint8Array | null>;
  readonly claims: Map<string, { node: number; until: number }>;
  /** Until when each node that claims is taken for alive. */
  readonly nodes: Map<number, number>;
}

export function emptyState(): State {
  return { tokens: new Map(), subscriptions: new Map(), subscriptionIds: new Map(), relays: new Map(), claims: new Map(), nodes: new Map() };
}

export const subscriptionKey = (relay: string, notifierId: Uint8Array): string => `${relay} ${idKey(notifierId)}`;
export const isId = (id: Uint8Array): boolean => id.length > 0 && id.length <= 255;
export const sameDevice = (a: Device, b: Device): boolean => a.provider === b.provider && equalBytes(a.token, b.token);

/** Statuses that are subscribed at start (NTF §2.5). */
export const isToMake = (status: SubscriptionStatus): boolean => ['NEW', 'PENDING', 'ACTIVE', 'INACTIVE'].includes(status);
/** TNEW repeated finds such a token unfit for verification (NTF §2.3). */
export const allowsVerification = (status: TokenStatus): boolean => ['REGISTERED', 'CONFIRMED', 'ACTIVE'].includes(status);

export function tokenOf(state: State, tokenId: Uint8Array): ModelToken | null {
  return state.tokens.get(idKey(tokenId)) ?? null;
}

export function tokenWith(state: State, device: Device, authKey: TokenRecord['authKey']): ModelToken | null {
  for (const token of state.tokens.values()) {
    if (sameDevice(token.record.device, device) && publicKeysEqual(token.record.authKey, authKey)) return token;
  }
  return null;
}

export function subscriptionsOf(state: State, tokenId: Uint8Array): SubscriptionRecord[] {
  return [...state.subscriptions.values()].filter((subscription) => equalBytes(subscription.tokenId, tokenId));
}

/** Changes what a step on the token stands on. */
export function change(token: ModelToken, parts: Partial<TokenRecord>): void {
  token.record = { ...token.record, ...parts, revision: token.record.revision + 1 };
}

export function relayOf(state: State, relay: string): RelayRecord | null {
  const serviceId = state.relays.get(relay);
  if (serviceId === undefined) return null;
  const toMake = [...state.subscriptions.values()].filter((subscription) => subscription.relay === relay && isToMake(subscription.status));
  return { relay, serviceId, subscriptions: toMake.length, inService: toMake.filter(({ inService }) => inService).length };
}

function countBy<T>(items: Iterable<T>, of: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[of(item)] = (counts[of(item)] ?? 0) + 1;
  return counts;
}

const hasWork = ({ job, due, record }: ModelToken): boolean =>
  job !== null || due.verification !== null || (due.messages !== null && record.status === 'ACTIVE');

export function countsOf(state: State, oldestDue: number | null): TokenCounts {
  const tokens = [...state.tokens.values()];
  return {
    tokens: tokens.length,
    subscriptions: state.subscriptions.size,
    notifications: tokens.reduce((sum, { notifications }) => sum + notifications.length, 0),
    due: tokens.filter(hasWork).length,
    oldestDue,
    tokensByStatus: countBy(tokens, ({ record }) => record.status),
    subscriptionsByStatus: countBy(state.subscriptions.values(), ({ status }) => (status.startsWith('ERR') ? 'ERR' : status)),
  };
}
