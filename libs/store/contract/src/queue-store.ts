/**
 * QueueStore: everything a relay keeps, as whole protocol steps. One contract, several engines, one conformance suite
 * (`@polyplex/store-conformance`).
 *
 * Rules for every method:
 * - A step on one queue is atomic: all of it happens, or none, and no other step on that queue is seen half-way. A list
 *   is as many steps as it has items, each answered by its own result or by the `StoreError` that kept it from being
 *   made (`Item`); the method itself rejects only when no item could be tried.
 * - A method that answers success has made its change durable to the level that the engine was opened with.
 * - Steps on one queue take effect in the order in which they were called from one process; so do `heads`, `size`,
 *   `linkData` and `subscribe`. `find` never waits: it sees every step that was answered, on any node, and perhaps later
 *   ones.
 * - A rejected promise is a `StoreError`; the step may or may not have happened, and calling it again is safe: nothing is
 *   done twice. `create`, `setNotifier` and `append` (of the last message that a queue was given) are then answered as
 *   the first time; the others answer with the present state.
 * - An id of a queue that is gone, or whose creation failed, may count as taken for a while.
 * - Arguments are not kept: engines copy what they store. Results own their memory.
 * - Ids have 1 to 255 bytes. An id of another length names nothing, and counts as taken where one is to be stored.
 * - Events may be told before or after the answer of the step that caused them; see `StoreListener`.
 *
 * A step on a queue takes the record that authorised it. When the stored revision differs, nothing happens and the
 * answer is `stale` with the present record (null: deleted): the caller authorises again, then repeats. This closes
 * the gap between checking a key and acting on it, on every engine, at no extra round trip.
 *
 * Subscriptions live in the store because on several nodes only the store knows who is subscribed. A `ConnectionId`
 * names a connection of *this* node; the engine adds the node's own identity.
 */
import type { PublicKey } from '@polyplex/crypto';
import type {
  BlockingInfo, LinkData, Message, NewQueue, Notification, Notifier, Party, QueueRecord, ServiceRecord, ServiceRole,
} from './queue-record.ts';
import type { Item } from './store-error.ts';
import type { FactSource } from './store-facts.ts';
import type { Transfer } from './transfer.ts';

export type ConnectionId = number;

/** What names a queue and the state of it that authorised a step. A `QueueRecord` is one. */
export type QueueRef = Pick<QueueRecord, 'recipientId' | 'revision'>;

/** A notifier, and the queue whose it is. */
export interface NotifierRef {
  readonly recipientId: Uint8Array;
  readonly notifierId: Uint8Array;
}

export interface Stale {
  readonly status: 'stale';
  readonly queue: QueueRecord | null;
}

/** The step changed the record; `queue` is its new state. */
export interface Changed {
  readonly status: 'ok';
  readonly queue: QueueRecord;
}

/** The step is not allowed in the queue's present state; nothing changed. */
export interface Refused {
  readonly status: 'refused';
}

/** An id is taken; nothing changed. */
export interface Collision {
  readonly status: 'collision';
}

export interface Queues {
  /**
   * Stores a new queue, and makes `subscriber` its subscriber in the same step. `collision` when any of its ids
   * (recipient, sender, notifier, link) is taken in its index by another queue.
   */
  create(queue: NewQueue, subscriber: ConnectionId | null): Promise<Changed | Collision>;
  /** The queues with these ids in one index, in order; null where there is none. One call for a whole block. */
  find(party: Party, ids: readonly Uint8Array[]): Promise<readonly Item<QueueRecord | null>[]>;
  /** Sets the sender key. Refused when another key is set; the same key again is `ok`. */
  secure(queue: QueueRef, senderKey: PublicKey): Promise<Changed | Refused | Stale>;
  /** Replaces all recipient keys (never empty). */
  setRecipientKeys(queue: QueueRef, keys: readonly PublicKey[]): Promise<Changed | Stale>;
  /** Sets status off; already off is `ok` and no change. */
  suspend(queue: QueueRef): Promise<Changed | Stale>;
  /**
   * Sets status blocked. The subscriber hears `blocked`. A suspended queue stays off (`refused`); one already blocked
   * gets the new info, and that is a change.
   */
  block(queue: QueueRef, info: BlockingInfo): Promise<Changed | Refused | Stale>;
  /** blocked → active; an active queue is `ok`; a suspended one is refused. */
  unblock(queue: QueueRef): Promise<Changed | Refused | Stale>;
  /**
   * Removes the queue with its messages, notifier, pending notifications and link data. Subscribers of the queue and
   * of its notifier hear `deleted`, except the connection `by`. `messages` tells how many messages went.
   */
  delete(queue: QueueRef, by: ConnectionId | null): Promise<{ readonly status: 'ok'; readonly messages: number } | Stale>;
  /**
   * Records the day of last use some seconds later; never goes back in time, never changes the revision, is not durable,
   * ignores missing queues. Costs nothing when `queue` is a record that has this day.
   */
  touch(queue: QueueRef, day: number): void;
}

export interface Links {
  /**
   * Adds or updates link data. Refused when the queue has data under another link id or with other fixed data, or
   * when another queue uses `linkId` (SMP §5.2 LSET). A change of the user data alone is not a change of the record.
   */
  setLink(queue: QueueRef, linkId: Uint8Array, data: LinkData): Promise<Changed | Refused | Stale>;
  /** Removes link data; `ok` also when there is none. */
  deleteLink(queue: QueueRef): Promise<Changed | Stale>;
  /** The link data of a queue, whatever its revision; null when there is none. */
  linkData(queue: QueueRef): Promise<LinkData | null>;
}

export interface Notifiers {
  /**
   * Gives the queue new notifier credentials in place of its old ones, whose pending notifications are dropped and
   * whose subscriber hears `deleted`, except the connection `by`. `collision` when the new notifier id is taken. A queue that has this very notifier
   * (id, key and secret) is `ok` whatever its revision: that is a repeated call.
   */
  setNotifier(queue: QueueRef, notifier: Notifier, by: ConnectionId | null): Promise<Changed | Collision | Stale>;
  /** Removes the notifier, as `setNotifier` removes the old one; `ok` also when there is none. */
  deleteNotifier(queue: QueueRef, by: ConnectionId | null): Promise<Changed | Stale>;
  /**
   * Takes up to `limit` pending notifications of each of these notifiers, oldest first, for the connection `by`; none of
   * a notifier that `by` is not subscribed to, directly or by its service. What is taken is gone: a notification is
   * delivered at most once. An engine may keep only the newest of a notifier, at least 128.
   */
  takeNotifications(notifiers: readonly NotifierRef[], by: ConnectionId, limit: number): Promise<readonly Item<readonly Notification[]>[]>;
}

export interface AppendOptions {
  /** How many messages the queue may hold. */
  readonly quota: number;
  /** Kept pending iff the message is stored and the queue has a notifier; null for none. */
  readonly notification: Notification | null;
  /** First remove messages older than this (seconds) from the head, up to the first newer one or marker; null: none. */
  readonly expireBefore: number | null;
}

export type Appended =
  | {
      readonly status: 'stored';
      /** The subscriber on this node, when the queue was empty before: the caller delivers to it. */
      readonly deliverTo: ConnectionId | null;
      /**
       * The connection on this node that is subscribed to the queue's notifications, directly or as the session of its
       * service; null also when no notification was given along.
       */
      readonly notifyTo: ConnectionId | null;
      /** How many expired messages were removed. */
      readonly expired: number;
    }
  /** Full; a marker may have been stored. */
  | { readonly status: 'quota'; readonly expired: number };

export interface Acknowledged {
  readonly status: 'ok';
  readonly removed: { readonly kind: Message['kind']; readonly notify: boolean } | null;
  readonly next: Message | null;
}

/** A queue and its first message; null when it is empty. */
export interface Head {
  readonly queue: QueueRecord;
  readonly head: Message | null;
}

/**
 * `by` is the connection that what is read is for: a queue that it is not subscribed to at that moment, perhaps because
 * another node has taken it over and `ended` is still on its way, has nothing for it. null: whoever asks.
 */
export interface Messages {
  /**
   * Appends by the quota rule of SMP §6.2: `stored`, or `quota`, in which case a marker with the message's id and time
   * may have been stored. Subscribers on other nodes are woken by the engine. Repeated for the last message that the
   * queue was given, it stores nothing and answers as before, naming whoever is subscribed by then.
   */
  append(queue: QueueRef, message: Message & { kind: 'message' }, options: AppendOptions): Promise<Appended | Stale>;
  /**
   * Removes the head message if its id is `msgId`, whoever asks, then answers with the present head, without removing
   * it. `removed` is the removed message's kind, null when the head had another id. `next` is null when `by` is given
   * and not the subscriber.
   */
  acknowledge(queue: QueueRef, msgId: Uint8Array, by: ConnectionId | null): Promise<Acknowledged | Stale>;
  /**
   * These queues and their head messages, in order; null for a missing queue and, when `by` is given, for one that it is
   * not subscribed to. Removes nothing.
   */
  heads(recipientIds: readonly Uint8Array[], by: ConnectionId | null): Promise<readonly Item<Head | null>[]>;
  /** Number of stored messages, the quota marker included; 0 for a missing queue. Any revision will do. */
  size(queue: QueueRef): Promise<number>;
}

export type Claim =
  | { readonly status: 'ok'; readonly queue: QueueRecord; readonly pending: boolean; readonly head: Message | null }
  | Stale;

export interface Subscriptions {
  /**
   * Makes `by` the subscriber of each queue, in place of the previous one, which hears `ended` (not when it is `by`
   * itself). `pending` tells whether messages wait; `head` is the first of them when `withHeads`, else null.
   */
  subscribe(queues: readonly QueueRef[], by: ConnectionId, withHeads: boolean): Promise<readonly Item<Claim>[]>;
  /**
   * The same for the notifiers of these queues (a queue without notifier is `stale`). With a `serviceId` the notifiers
   * become associated with that service (durably) and count to its session; without, an existing association is
   * removed and the service's session hears `ended` for the id. Notifiers already so subscribed stay. With a
   * `serviceId`, `by` becomes the service's session, as in `subscribeService`, unless all queues are stale.
   * `by` hears `wakeNotifier` for those with pending notifications.
   */
  subscribeNotifiers(
    queues: readonly QueueRef[], by: ConnectionId, serviceId: Uint8Array | null,
  ): Promise<readonly Item<Changed | Stale>[]>;
  /**
   * Makes `by` the session of a service: it gets the notifications of all associated queues. A previous session hears
   * `serviceEnded` with the number of queues that counted to it, as far as the store knows: all associated ones when it
   * had called this, else those that it had subscribed one by one. Answers the number of associated queues. `by` hears
   * `wakeNotifier`, over time, for each of their notifiers with pending notifications.
   */
  subscribeService(serviceId: Uint8Array, role: ServiceRole, by: ConnectionId): Promise<number>;
  /** Releases everything that a closed connection holds. Answers when no event can name it any more. */
  release(by: ConnectionId): Promise<void>;
}

export interface Registered {
  readonly status: 'ok';
  readonly service: ServiceRecord;
  readonly created: boolean;
}

export interface Services {
  /**
   * The service with this certificate fingerprint, created when new. `conflict` when it exists in another role; `full` when
   * it is new and there are `limit` services, in all roles together.
   */
  registerService(service: ServiceRecord, limit: number): Promise<Registered | { readonly status: 'conflict' | 'full' }>;
}

/** Counted incrementally: reading them never scans. They may lag by seconds, and by more after a crash until upkeep. */
export interface StoreCounts {
  readonly queues: number;
  readonly securedQueues: number;
  /** Quota markers included. */
  readonly messages: number;
  readonly notifiers: number;
  readonly notifications: number;
  readonly recipientServices: number;
  readonly recipientServiceQueues: number;
  readonly notifierServices: number;
  readonly notifierServiceQueues: number;
  /** Services in the role of a proxy; they have no queues. */
  readonly proxyServices: number;
}

export interface Sweep {
  /** How many were removed in this step. */
  readonly removed: number;
  /** Where to go on; null when the sweep is through. */
  readonly cursor: string | null;
}

export interface Upkeep {
  counts(): Promise<StoreCounts>;
  /** One bounded step of expiring messages older than `before` (seconds) over all queues, from `cursor` (null: start). */
  expireMessages(before: number, cursor: string | null): Promise<Sweep>;
  /** The same for pending notifications. */
  expireNotifications(before: number, cursor: string | null): Promise<Sweep>;
  /** Bytes of storage left before the engine would refuse writes; null when not bounded or unknown. */
  room(): Promise<number | null>;
  /** Rejects when the store cannot serve; for readiness. */
  check(): Promise<void>;
  /** Makes everything durable and releases the store. */
  close(): Promise<void>;
}

/**
 * What a store tells the relay about its own connections. Called synchronously; must not throw. Events of one queue come
 * in order, those of different queues in any. `ended` and `deleted` are told for certain, perhaps late and perhaps twice:
 * where nodes lose each other's words, a sweep finds what was missed. A wake-up may be spurious; one that is lost is made
 * up for by a sweep. `blocked` and `serviceEnded` are told as well as may be.
 */
export interface StoreListener {
  /** The connection lost this subscription to another one (END). `id` is a recipient or notifier id. */
  ended(kind: 'recipient' | 'notifier', id: Uint8Array, connection: ConnectionId): void;
  /** The queue or notifier that it subscribed is gone (DELD). */
  deleted(kind: 'recipient' | 'notifier', id: Uint8Array, connection: ConnectionId): void;
  /** Another session of its service subscribed (ENDS); `queues` is the number it had. */
  serviceEnded(serviceId: Uint8Array, queues: number, connection: ConnectionId): void;
  /** An operator blocked the queue that it subscribed (ERR BLOCKED). */
  blocked(recipientId: Uint8Array, info: BlockingInfo, connection: ConnectionId): void;
  /** Messages may wait in a queue that it subscribed: look at the head. */
  wake(recipientId: Uint8Array, connection: ConnectionId): void;
  /** Notifications may wait for a notifier that it subscribed. */
  wakeNotifier(notifier: NotifierRef, connection: ConnectionId): void;
}

export interface QueueStore extends Queues, Links, Notifiers, Messages, Subscriptions, Services, Upkeep, Transfer, FactSource {
  /** Where events of this node's connections go; set once, before the first subscription. */
  listen(listener: StoreListener): void;
}
