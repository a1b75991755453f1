/**
 * Brings messages and events to the sessions of this node. A message is pushed when its queue was empty before, is
 * subscribed, and has nothing unacknowledged; otherwise it is fetched when the way is free (SMP §6.2, §6.3). What
 * a connection has no room for stays in the store and is remembered as one id.
 */
import { idKey, type IdKey, idOfKey } from '@polyplex/base';
import { errorReply, type SmpReply } from '@polyplex/protocol-smp';
import type { ConnectionId, Message, QueueRecord, QueueStore, StoreListener } from '@polyplex/store-contract';
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
  readonly log: Logger;
  readonly stats: SmpStats;
}

/** Takes the next few keys for which the way is free. */
function nextOf(wakes: Set<IdKey>, free: (key: IdKey) => boolean): IdKey[] {
  const keys: IdKey[] = [];
  for (const key of wakes) {
    if (!free(key)) continue;
    wakes.delete(key);
    if (keys.push(key) === FETCH_BATCH) break;
  }
  return keys;
}

export class Delivery implements StoreListener {
  private readonly sessions = new Map<ConnectionId, SmpSession>();
  private readonly fetching = new Set<ConnectionId>();
  private readonly deps: DeliveryDeps;

  constructor(deps: DeliveryDeps) {
    this.deps = deps;
  }

  add(client: SmpSession): void {
    this.sessions.set(client.session.id, client);
    client.session.outbox.onWritable = () => this.fetch(client);
  }

  remove(client: SmpSession): void {
    this.sessions.delete(client.session.id);
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
    if (free) this.deliver(client, subscription, queue, message);
    else this.later(client, key);
  }

  /** Sends a message as an event unless another one is unacknowledged. */
  private deliver(client: SmpSession, subscription: Subscription, queue: QueueRecord, message: Message): void {
    if (subscription.delivered !== null) return;
    subscription.delivered = idKey(message.msgId);
    this.deps.stats.messagesDelivered.add();
    tell(client, messageReply(queue, message), queue.recipientId);
  }

  /** Remembers that messages may wait in a queue, and looks when the connection has room. */
  later(client: SmpSession, key: IdKey): void {
    client.subscriptions.wakes.add(key);
    this.fetch(client);
  }

  /** Fetches and delivers what waits, as far as there is room. */
  fetch(client: SmpSession): void {
    const { id } = client.session;
    if (this.fetching.has(id) || client.subscriptions.wakes.size === 0) return;
    this.fetching.add(id);
    this.fetchAll(client).catch((error: unknown) => this.deps.log.error('fetching messages failed', { error: String(error) }));
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

  /** Delivers the heads of a few queues; when the store fails they stay to be looked at. */
  private async fetchSome(client: SmpSession, keys: readonly IdKey[]): Promise<void> {
    const ids = keys.map(idOfKey);
    try {
      const [queues, heads] = await Promise.all([this.deps.store.find('recipient', ids), this.deps.store.heads(ids)]);
      keys.forEach((key, i) => {
        const queue = queues[i];
        const head = heads[i];
        const subscription = client.subscriptions.get(key);
        if (queue && head && subscription?.kind === 'SUB') this.deliver(client, subscription, queue, head);
      });
    } catch (error) {
      for (const key of keys) client.subscriptions.wakes.add(key);
      throw error;
    }
  }

  /** Flushes pending notifications to the notifiers subscribed here (SMP §6.7). */
  async flushNotifications(): Promise<void> {
    for (const client of this.sessions.values()) {
      const { notifierWakes } = client.subscriptions;
      while (notifierWakes.size > 0 && client.session.outbox.writable && this.sessions.has(client.session.id)) {
        const keys = nextOf(notifierWakes, () => true);
        const ids = keys.map(idOfKey);
        const taken = await this.deps.store.takeNotifications(ids, NOTIFICATIONS_PER_NOTIFIER);
        taken.forEach((notifications, i) => {
          if (notifications.length === NOTIFICATIONS_PER_NOTIFIER) notifierWakes.add(keys[i]!);
          for (const { nonce, encMeta } of notifications) tell(client, { tag: 'NMSG', nonce, encMeta }, ids[i]!);
          this.deps.stats.notificationsSent.add(notifications.length);
        });
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
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
    if (kind === 'recipient') client.subscriptions.delete(key);
    else client.subscriptions.deleteNotifier(key);
    this.deps.stats.subscriptionsEnded.add();
    tell(client, event, id);
  }

  serviceEnded(serviceId: Uint8Array, queues: number, connection: ConnectionId): void {
    const client = this.sessions.get(connection);
    if (client === undefined) return;
    client.subscriptions.service = false;
    tell(client, { tag: 'ENDS', count: queues }, serviceId);
  }

  blocked(recipientId: Uint8Array, info: Parameters<StoreListener['blocked']>[1], connection: ConnectionId): void {
    const client = this.sessions.get(connection);
    if (client !== undefined) tell(client, errorReply({ type: 'BLOCKED', info }), recipientId);
  }

  wake(recipientId: Uint8Array, connection: ConnectionId): void {
    const client = this.sessions.get(connection);
    if (client !== undefined) this.later(client, idKey(recipientId));
  }

  wakeNotifier(notifierId: Uint8Array, connection: ConnectionId): void {
    this.sessions.get(connection)?.subscriptions.notifierWakes.add(idKey(notifierId));
  }
}
