/**
 * TokenStore: everything a push proxy keeps, as whole protocol steps (NTF §2, §4, §6.1). One contract, several engines, one
 * conformance suite.
 *
 * Rules for every method:
 * - A step is atomic, and durable when it is answered: after a crash of any process at any instant nothing answered is lost.
 * - A rejected promise is a `StoreError`; the step may or may not have happened, and calling it again is safe.
 * - Steps may be called from any number of processes where the engine is for several.
 * - Arguments are not kept; results own their memory. Ids have 1 to 255 bytes; others name nothing.
 * - Nothing scans but what says so: a million tokens and subscriptions cost a step no more than a thousand.
 * - Times are the caller's, Unix milliseconds where nothing else is said; the nodes' clocks agree within seconds.
 *
 * Pushes are durable: what is due to a device is kept with its token until a push service took it or never will, so a
 * process may die at any instant and each unread message is announced, once for one cause unless a process died between
 * the push and its settlement. One job for a token exists at a time: its order is kept, and all that comes while it is
 * under way goes into the next one.
 *
 * What is due to a token:
 * - a verification, since `createToken`, `registerAgain` or `replaceDevice`, until it was delivered or dropped, or `activate`;
 * - messages, since one was received, until they were delivered or dropped. They wait while the token is not ACTIVE (TRPL), and
 *   are forgotten with the last notifications that they would announce;
 * - a check, one interval after the last delivered or dropped one, after activation (of a token that was not ACTIVE), or after
 *   `setCron` changed the interval. Only where the token is ACTIVE.
 *
 * A lease that ran out is nobody's: its job is due again, as tried once more, and may be given by any step that leases.
 */
import type { Item } from './store-error.ts';
import type { FactSource } from './store-facts.ts';
import type {
  Device, LastNotification, NewSubscription, NewToken, PushJob, PushOutcome, ReceivedNotification, SubscriptionRecord, SubscriptionStatus,
  TokenRecord, TokenStatus,
} from './token-record.ts';

export interface Tokens {
  /** Stores a token, REGISTERED, with its verification due. `exists`: one with this device and key, which is answered. `collision`: the id is taken. */
  createToken(token: NewToken, now: number): Promise<{ readonly status: 'created' | 'exists'; readonly token: TokenRecord } | { readonly status: 'collision' }>;
  findToken(tokenId: Uint8Array): Promise<TokenRecord | null>;
  /** The token with this device and key (NTF §2.4 TNEW). */
  findTokenOf(device: Device, authKey: TokenRecord['authKey']): Promise<TokenRecord | null>;
  /** Remembers that it was used on that day (Unix seconds, start of day); no change where it is so already. */
  touchToken(tokenId: Uint8Array, day: number): Promise<void>;
  /** TNEW repeated: verification is due again; a status that allows no verification (NEW, EXPIRED, INVALID) becomes REGISTERED. Null: gone. */
  registerAgain(tokenId: Uint8Array, now: number): Promise<TokenRecord | null>;
  /**
   * TVFY accepted: ACTIVE, and every other token of the same device is removed with all it has; answers what was removed. No
   * verification is due any more. `stale`: the revision differs, or the token is gone; nothing happened.
   */
  activate(token: Pick<TokenRecord, 'tokenId' | 'revision'>, now: number): Promise<Removed | 'stale'>;
  /**
   * TRPL: another device (or the same) and another code, REGISTERED, verification due at once, no attempts; subscriptions
   * and due messages stay. A job under way loses its lease. `taken`: that device with this key is another token.
   */
  replaceDevice(tokenId: Uint8Array, change: { readonly device: Device; readonly code: Uint8Array }, now: number): Promise<TokenRecord | 'taken' | 'gone'>;
  /** TCRN; 0 for none. False: gone. A first check is due one interval after this, or after activation; the interval that it has already changes nothing. */
  setCron(tokenId: Uint8Array, minutes: number, now: number): Promise<boolean>;
  /** TDEL: the token with its subscriptions, notifications and whatever is due. Null: no such token. */
  removeToken(tokenId: Uint8Array): Promise<Removed | null>;
}

/** What went with a token or tokens. */
export interface Removed {
  readonly tokens: number;
  readonly subscriptions: number;
}

export interface TokenSubscriptions {
  /**
   * Stores a subscription, NEW, not in the service; the relay becomes known. Looked for in this order: `exists`: one for this
   * relay and notifier, of whatever token, which is answered; `gone`: no such token; `collision`: the id is taken.
   */
  createSubscription(subscription: NewSubscription): Promise<{ readonly status: 'created' | 'exists'; readonly subscription: SubscriptionRecord } | { readonly status: 'gone' | 'collision' }>;
  findSubscription(subscriptionId: Uint8Array): Promise<SubscriptionRecord | null>;
  /** By relay and notifier id. */
  findSubscriptionOf(relay: string, notifierId: Uint8Array): Promise<SubscriptionRecord | null>;
  /** SDEL; its last notification goes with it. False: gone. */
  removeSubscription(subscriptionId: Uint8Array): Promise<boolean>;
}

/** One subscription's new state, as its relay said. */
export interface SubscriptionChange {
  readonly notifierId: Uint8Array;
  readonly status: SubscriptionStatus;
  /** Undefined: as it was. */
  readonly inService?: boolean;
}

export interface RelayRecord {
  readonly relay: string;
  /** Our service's id there; null without. */
  readonly serviceId: Uint8Array | null;
  /** Subscriptions with a status that is subscribed at start (NEW, PENDING, ACTIVE, INACTIVE), and those of them in the service. */
  readonly subscriptions: number;
  readonly inService: number;
}

/** A page of a walk; `next` continues it, null ends it. */
export interface SubscriptionPage {
  readonly subscriptions: readonly SubscriptionRecord[];
  readonly next: string | null;
}

export interface RelaySide {
  /**
   * Claims relays for this node: up to `limit` of those with subscriptions that no live node has. A claim holds until
   * `leaseMs` after the last `renew`; then another node may claim the relay. Engines for one process give all to it.
   */
  claimRelays(limit: number, leaseMs: number): Promise<readonly RelayRecord[]>;
  /** Renews all claims of this node; answers those that it does not have any more (another took them). */
  renewRelays(leaseMs: number): Promise<readonly string[]>;
  /** Gives relays back, for another node to claim. */
  releaseRelays(relays: readonly string[]): Promise<void>;
  /** Live nodes, this one included, relays claimed by live nodes, and relays with subscriptions to make: what a fair share is made of. */
  share(): Promise<{ readonly nodes: number; readonly claimed: number; readonly relays: number }>;
  /**
   * Takes subscriptions of a relay that wait as NEW since they were made, and makes them PENDING; up to `limit`, each to one
   * caller. What was taken and not subscribed is found by `subscriptionsToMake` after a restart.
   */
  takeNew(relay: string, limit: number): Promise<readonly SubscriptionRecord[]>;
  /** Called when a relay that this node has claimed may have NEW subscriptions, or when there may be one to claim; a hint that can be lost or late. */
  onNew(listener: (relay: string) => void): void;
  /**
   * Walks, in no particular order, all NEW, PENDING, ACTIVE and INACTIVE ones of a relay that are not in its service; those
   * made meanwhile may be missing. A page has at most `limit`, and may have fewer, or none, before the end.
   */
  subscriptionsToMake(relay: string, after: string | null, limit: number): Promise<SubscriptionPage>;
  /** What a relay said of some; each is changed by itself, one that is gone is left alone, and nothing is resurrected. Answers how many were there. */
  changeSubscriptions(relay: string, changes: readonly SubscriptionChange[]): Promise<number>;
  /**
   * The connection to a relay was lost: every ACTIVE one that is not in its service is INACTIVE. Those in the service stay as
   * they are, since one NSUBS brings them all back (NTF §4.3). It may walk, in bounded steps.
   */
  disconnected(relay: string): Promise<void>;
  /**
   * Service id of ours at a relay, which becomes known. Null: also none of its subscriptions is in the service any more, and
   * those of them that were NEW, PENDING or ACTIVE are INACTIVE; others keep their status. It may walk, in bounded steps.
   */
  setRelayService(relay: string, serviceId: Uint8Array | null): Promise<void>;
  relay(relay: string): Promise<RelayRecord | null>;
  /** All relays that were ever known; there are thousands, not millions. */
  relays(): Promise<readonly RelayRecord[]>;
}

/** What one received notification led to. */
export type Announced =
  /** No such subscription, or its token is not ACTIVE: counted, nothing kept. */
  | 'none'
  /** Kept and due; another job of the token is under way, or the caller asked for no lease. */
  | 'waiting'
  | PushJob;

export interface Pushes {
  /**
   * NMSG (NTF §4.5): each becomes the newest of its subscription, and of those the newest six of the token are kept; a push
   * is due since `receivedAt`. One that is there already (the newest of its subscription has the same nonce) changes nothing.
   * Answered in order; a token's job is leased to the caller until `leaseMs` after `now` where none is under way and no retry is
   * waited for (null: never, when the caller has no room for jobs; then it is due at once for `takeDue`). Of several
   * notifications of one token in a call one is answered with the job, and the others with `waiting`; an engine that
   * gets them together puts all of them into it.
   */
  receive(relay: string, notifications: readonly ReceivedNotification[], now: number, leaseMs: number | null): Promise<readonly Item<Announced>[]>;
  /**
   * Leases up to `limit` jobs that are due by `now` and nobody's: of dead processes, to be tried again, checks, verifications.
   * Those that are due longest come first, or are not far behind; a token never waits for ever for others.
   */
  takeDue(now: number, limit: number, leaseMs: number): Promise<readonly PushJob[]>;
  /**
   * What became of a job. Delivered verification: CONFIRMED, unless CONFIRMED or ACTIVE (an INVALID one, too, becomes
   * CONFIRMED). Delivered check: `cronSentAt` is now, the next one is due an interval later. What is still due of the job waits
   * until `retryAt`, and all else that the token has with it. Outcomes of what the job does not have, or has no more (a check
   * whose interval changed), are ignored. Answers with the next job of the token, leased to the caller until `leaseMs` after
   * `now`, when something is due at once; null otherwise, and when the lease was lost or the token is gone. Then nothing
   * happened, but that a device which is not known there is INVALID where the token still has it. A lease that ran out and was
   * given to nobody else is not lost.
   */
  settle(job: Pick<PushJob, 'token' | 'lease'>, outcome: PushOutcome, now: number, leaseMs: number): Promise<PushJob | null>;
  /** Called when something may be due that no lease of this process covers; a hint that can be lost or late. */
  onDue(listener: () => void): void;
  /** The last notifications of a token, as a job would have them. */
  lastNotifications(tokenId: Uint8Array): Promise<readonly LastNotification[]>;
}

/** Kept as things change: reading it never scans. */
export interface TokenCounts {
  readonly tokens: number;
  readonly subscriptions: number;
  /** Last notifications kept. */
  readonly notifications: number;
  /** Tokens with a verification or messages due (messages only of ACTIVE ones), or a job under way; waiting for a retry included. */
  readonly due: number;
  /** Since when the oldest could have been taken by `takeDue` and was not; null: nothing can. May be a minute old. */
  readonly oldestDue: number | null;
  /** Statuses that some token has. */
  readonly tokensByStatus: Readonly<Partial<Record<TokenStatus, number>>>;
  /** Statuses that some subscription has; every `ERR …` counts as `ERR`. */
  readonly subscriptionsByStatus: Readonly<Record<string, number>>;
}

/** A token with everything it has; for moving stores. */
export interface WholeToken {
  readonly token: TokenRecord;
  readonly subscriptions: readonly SubscriptionRecord[];
  /** As `lastNotifications` answers them. */
  readonly notifications: readonly LastNotification[];
  /** Since when each kind is due (a check: from when on); what is under way counts as due. Null: it is not. */
  readonly due: { readonly verification: number | null; readonly messages: number | null; readonly check: number | null };
}

export interface TokenTransfer {
  /** Walks all tokens in bounded pages: at most `limit`, and may be fewer before the end. */
  wholeTokens(after: string | null, limit: number): Promise<{ readonly tokens: readonly WholeToken[]; readonly next: string | null }>;
  /**
   * Writes a token with all it has, in one step; relays become known (their services are moved by `setRelayService`). `exists`: it
   * is there with this device and key (a repeated call), and is left as it is; `collision`: an id or unique key belongs to another.
   */
  putToken(token: WholeToken): Promise<'written' | 'exists' | 'collision'>;
}

export interface TokenStore extends Tokens, TokenSubscriptions, RelaySide, Pushes, TokenTransfer, FactSource {
  counts(): Promise<TokenCounts>;
  /** Resolves when the store can serve; rejects otherwise. */
  check(): Promise<void>;
  /** Gives back its claims; leases run out. */
  close(): Promise<void>;
}
