/**
 * Brings messages and events to the sessions of this node. A message is pushed when its queue was empty before, is
 * subscribed, and has nothing unacknowledged; otherwise it is fetched when the way is free (SMP §6.2, §6.3). What
 * a connection has no room for stays in the store and is remembered as one id.
 */
import { type Clock, idKey, type IdKey, idOfKey } from '@polyplex/base';
import { errorReply, type SmpReply } from '@polyplex/protocol-smp';
import { type ConnectionId, type Head, type Message, type Notification, type NotifierRef, type QueueRecord, type QueueStore, StoreError, type StoreListener } from '@polyplex/store-contract';
import type { Logger } from '@polyplex/telemetry';
import type { SmpSession } from './smp-session.ts';
import type { SmpStats } from './stats.ts';
import type { Subscription } from './subscriptions.ts';
import { messageReply, tell } from './telling.ts';

/** Heads fetched from the store in one call, and most messages that wait for the end of a turn. */
const FETCH_BATCH = 16;
const NOTIFICATIONS_PER_NOTIFIER = 80;

export interface DeliveryDeps {
  readonly store: QueueStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly stats: SmpStats;
}

/** A set of keys, or a map by keys. */
interface Waiting<V> {
  entries(): Iterable<[IdKey, V]>;
  delete(key: IdKey): boolean;
}

interface Subscribed {
  /** Of the recipient's id. */
  readonly key: IdKey;
  readonly subscription: Subscription;
  readonly queue: QueueRecord;
}

/** Takes the next few for which the way is free. */
function nextOf<V>(waiting: Waiting<V>, free: (key: IdKey) => boolean): V[] {
  const next: V[] = [];
  for (const [key, value] of waiting.entries()) {
    if (!free(key)) continue;
    waiting.delete(key);
    if (next.push(value) === FETCH_BATCH) break;
  }
  return next;
}

export class Delivery implements StoreListener {
  private readonly sessions = new Map<ConnectionId, SmpSession>();
  private readonly fetching = new Set<ConnectionId>();
  /** Sessions for which the store failed: what waits for them is looked for again after a while. */
  private readonly stalled = new Set<SmpSession>();
  /** Sessions that were told END in this turn. */
  private readonly toldEnd = new Set<SmpSession>();
  private readonly deps: DeliveryDeps;

  constructor(deps: DeliveryDeps) {
    this.deps = deps;
  }

  add(client: SmpSession): void {
    this.sessions.set(client.session.id, client);
    client.session.outbox.onWritable = () => this.fetch(client);
  }

  remove(client: SmpSession): void {
    this.stalled.delete(client);
    this.sessions.delete(client.session.id);
    client.subscriptions.close();
  }

  /** False for a session whose connection is closed. */
  serves({ session }: SmpSession): boolean {
    return this.sessions.has(session.id);
  }

  get clients(): Iterable<SmpSession> {
    return this.sessions.values();
  }

  get clientCount(): number {
    return this.sessions.size;
  }

  /** Pushes a message that was just stored into an empty queue. */
  push(connection: ConnectionId, queue: QueueRecord, message: Message): void {
    const client = this.sessions.get(connection);
    const key = idKey(queue.recipientId);
    const subscription = client?.subscriptions.get(key);
    if (client === undefined || subscription?.kind !== 'SUB') return;
    const free = subscription.answered && client.session.outbox.writable && !client.subscriptions.wakes.has(key);
    if (free) this.deliver(client, { key, subscription, queue }, message);
    else this.later(client, key);
  }

  /** Sends a message as an event unless another one is unacknowledged. */
  private deliver(client: SmpSession, { key, subscription, queue }: Subscribed, message: Message): void {
    if (subscription.delivered !== null) return;
    const { stats, clock } = this.deps;
    client.subscriptions.deliver(key, subscription, idKey(message.msgId), clock.now());
    stats.messagesDelivered.add();
    tell(client, messageReply(queue, message), queue.recipientId);
  }

  /** Remembers that messages may wait in a queue, and looks when the connection has room. */
  later(client: SmpSession, key: IdKey): void {
    client.subscriptions.wake(key);
    this.fetch(client);
  }

  /** Fetches and delivers what waits, as far as there is room. */
  fetch(client: SmpSession): void {
    const { id } = client.session;
    if (this.fetching.has(id) || client.subscriptions.wakes.size === 0) return;
    this.fetching.add(id);
    this.fetchAll(client).catch((error: unknown) => {
      this.stalled.add(client);
      this.deps.log.error('fetching messages failed', { error: error instanceof StoreError ? error.code : String(error) });
    });
  }

  /** Tries again where the store failed. */
  retry(): void {
    const clients = [...this.stalled];
    this.stalled.clear();
    for (const client of clients) this.fetch(client);
  }

  private async fetchAll(client: SmpSession): Promise<void> {
    try {
      for (let keys = this.nextKeys(client); keys.length > 0; keys = this.nextKeys(client)) {
        await this.fetchSome(client, keys);
        // One block a message: let this turn's blocks reach the connection before asking whether there is room.
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      // In the turn of the last look: a wake that comes later finds nobody at work and starts again.
      this.fetching.delete(client.session.id);
    }
  }

  private nextKeys({ session, subscriptions }: SmpSession): IdKey[] {
    if (!session.outbox.writable || !this.sessions.has(session.id)) return [];
    return nextOf(subscriptions.wakes, (key) => subscriptions.get(key)?.answered !== false);
  }

  /** Delivers the heads of a few queues; those for which the store fails stay to be looked at. */
  private async fetchSome(client: SmpSession, keys: readonly IdKey[]): Promise<void> {
    const ids = keys.map(idOfKey);
    const readers = keys.map((key) => client.subscriptions.readerOf(key));
    const left = new Set(keys);
    let failed: StoreError | null = null;
    try {
      const heads = await this.deps.store.heads(ids, client.session.id);
      for (const [i, key] of keys.entries()) {
        const found = heads[i] ?? null;
        if (found instanceof StoreError) failed = found;
        else if (readers[i] === client.subscriptions.readerOf(key) && left.delete(key)) this.deliverHead(client, key, found);
      }
    } finally {
      for (const key of left) client.subscriptions.wake(key);
    }
    if (failed !== null) throw failed;
  }

  /** `found` is null where the store knows that the subscription is lost: the session hears it, or has heard it before its answer. */
  private deliverHead(client: SmpSession, key: IdKey, found: Head | null): void {
    const subscription = client.subscriptions.get(key);
    if (subscription?.kind !== 'SUB') return;
    const { ended } = subscription;
    subscription.ended = null;
    if (found === null && ended !== null) this.end(client, 'recipient', key, ended);
    if (found !== null && found.head !== null) this.deliver(client, { key, subscription, queue: found.queue }, found.head);
  }

  /** Flushes pending notifications to the notifiers subscribed here (SMP §6.7). */
  async flushNotifications(): Promise<void> {
    for (const client of this.sessions.values()) {
      const { subscriptions } = client;
      while (subscriptions.notifierWakes.size > 0 && client.session.outbox.writable && this.sessions.has(client.session.id)) {
        await this.flushSome(client, nextOf(subscriptions.notifierWakes, () => true));
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }

  /** What the store fails to give waits for the next flush. */
  private async flushSome(client: SmpSession, notifiers: readonly NotifierRef[]): Promise<void> {
    const { session, subscriptions } = client;
    const later: NotifierRef[] = [];
    let done = false;
    try {
      const taken = await this.deps.store.takeNotifications(notifiers, session.id, NOTIFICATIONS_PER_NOTIFIER);
      let sent = 0;
      taken.forEach((notifications, i) => {
        const failed = notifications instanceof StoreError;
        if (failed || notifications.length === NOTIFICATIONS_PER_NOTIFIER) later.push(notifiers[i]!);
        if (!failed) sent += this.notify(client, notifiers[i]!, notifications);
      });
      if (sent > 0) this.deps.stats.notificationBatches.add();
      done = true;
    } finally {
      for (const notifier of done ? later : notifiers) subscriptions.wakeNotifier(notifier);
    }
  }

  /** Answers how many were sent. */
  private notify(client: SmpSession, { notifierId }: NotifierRef, notifications: readonly Notification[]): number {
    const { stats } = this.deps;
    if (!this.serves(client)) {
      stats.notificationsLost.add(notifications.length);
      return 0;
    }
    for (const { nonce, encMeta } of notifications) tell(client, { tag: 'NMSG', nonce, encMeta }, notifierId);
    stats.notificationsSent.add(notifications.length);
    return notifications.length;
  }

  ended(kind: 'recipient' | 'notifier', id: Uint8Array, connection: ConnectionId): void {
    this.drop(kind, id, connection, { tag: 'END' });
  }

  deleted(kind: 'recipient' | 'notifier', id: Uint8Array, connection: ConnectionId): void {
    this.drop(kind, id, connection, { tag: 'DELD' });
  }

  private drop(kind: 'recipient' | 'notifier', id: Uint8Array, connection: ConnectionId, event: SmpReply): void {
    const client = this.sessions.get(connection);
    if (client === undefined) return;
    const key = idKey(id);
    const subscription = kind === 'recipient' ? client.subscriptions.get(key) : undefined;
    // While a SUB is under way it may be the one before that ended: what the store says after the answer counts.
    if (subscription?.answered === false) subscription.ended = event;
    else this.end(client, kind, key, event);
  }

  /** A subscription of the session is over. */
  end(client: SmpSession, kind: 'recipient' | 'notifier', key: IdKey, event: SmpReply): void {
    if (kind === 'recipient') client.subscriptions.delete(key);
    else client.subscriptions.deleteNotifier(key);
    this.deps.stats.subscriptionsEnded.add();
    if (event.tag === 'END') this.countEnd(client);
    tell(client, event, idOfKey(key));
  }

  /** What a session is told in one turn leaves together. */
  private countEnd(client: SmpSession): void {
    const { endsSent, endBatches } = this.deps.stats;
    endsSent.add();
    if (this.toldEnd.size === 0) setImmediate(() => this.toldEnd.clear());
    if (this.toldEnd.has(client)) return;
    this.toldEnd.add(client);
    endBatches.add();
  }

  serviceEnded(serviceId: Uint8Array, queues: number, connection: ConnectionId): void {
    const client = this.sessions.get(connection);
    if (client === undefined) return;
    client.subscriptions.service = false;
    client.subscriptions.serviceQueues = null;
    const { recipientServices, notifierServices } = this.deps.stats;
    (client.session.service?.role === 'N' ? notifierServices : recipientServices).subEnd.add();
    tell(client, { tag: 'ENDS', count: queues }, serviceId);
  }

  blocked(recipientId: Uint8Array, info: Parameters<StoreListener['blocked']>[1], connection: ConnectionId): void {
    const client = this.sessions.get(connection);
    if (client !== undefined) tell(client, errorReply({ type: 'BLOCKED', info }), recipientId);
  }

  wake(recipientId: Uint8Array, connection: ConnectionId): void {
    const client = this.sessions.get(connection);
    if (client === undefined) return;
    const key = idKey(recipientId);
    const waitsForAck = (client.subscriptions.get(key)?.delivered ?? null) !== null;
    // The ACK's answer will bring what waits; from its step of the store on, `delivered` is null again.
    if (!waitsForAck) this.later(client, key);
  }

  wakeNotifier(notifier: NotifierRef, connection: ConnectionId): void {
    this.sessions.get(connection)?.subscriptions.wakeNotifier(notifier);
  }
}
