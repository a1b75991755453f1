/** Queues, messages and other arguments with random contents; a test names only what it is about. */
import type { PublicKey } from '@polyplex/crypto';
import { expect } from 'vitest';
import {
  type AppendOptions, type ConnectionId, type Item, type LinkData, type Message, type NewQueue, type Notification,
  type Notifier, type NotifierRef, type QueueRecord, type QueueRef, type QueueStore, resultOf, type ServiceRecord,
  type ServiceRole,
} from '@polyplex/store-contract';

export type BodyMessage = Message & { kind: 'message' };

/** Midnight of some day, in seconds. */
export const DAY = 1_700_006_400;
export const QUOTA = 4;

export function bytes(length: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(length));
}

export const anyId = (): Uint8Array => bytes(24);
export const anyKey = (kind: PublicKey['kind'] = 'ed25519'): PublicKey => ({ kind, raw: bytes(kind === 'ed448' ? 57 : 32) });

export function anyNotifier(parts: Partial<Notifier> = {}): Notifier {
  return { notifierId: anyId(), notifierKey: anyKey('x25519'), dhSecret: bytes(32), serviceId: null, ...parts };
}

export function anyLink(): { linkId: Uint8Array; data: LinkData } {
  return { linkId: anyId(), data: { fixedData: bytes(2048), userData: bytes(13_824) } };
}

export function anyQueue(parts: Partial<NewQueue> = {}): NewQueue {
  return {
    recipientId: anyId(),
    recipientKeys: [anyKey()],
    dhSecret: bytes(32),
    senderId: anyId(),
    senderKey: null,
    mode: 'M',
    notifier: null,
    status: { state: 'active' },
    serviceId: null,
    usedDay: DAY,
    link: null,
    ...parts,
  };
}

let clock = DAY;

export function anyMessage(parts: Partial<BodyMessage> = {}): BodyMessage {
  return { kind: 'message', msgId: anyId(), ts: clock++, notify: false, body: bytes(200), ...parts };
}

export function anyNotification(parts: Partial<Notification> = {}): Notification {
  return { ts: clock++, nonce: bytes(24), encMeta: bytes(144), ...parts };
}

export function anyService(role: ServiceRole): ServiceRecord {
  return { serviceId: anyId(), role, fingerprint: bytes(32), chain: [bytes(500), bytes(600)], createdAt: DAY };
}

export function options(parts: Partial<AppendOptions> = {}): AppendOptions {
  return { quota: QUOTA, notification: null, expireBefore: null, ...parts };
}

/** Creates a queue that is expected to be new. */
export async function created(
  store: QueueStore, parts: Partial<NewQueue> = {}, subscriber: ConnectionId | null = null,
): Promise<QueueRecord> {
  return changed(await store.create(anyQueue(parts), subscriber));
}

export type WithNotifier = QueueRecord & { readonly notifier: Notifier };

/** A queue with notifier credentials; `notifier` at hand. */
export async function createdWithNotifier(store: QueueStore, parts: Partial<Notifier> = {}): Promise<WithNotifier> {
  return (await created(store, { notifier: anyNotifier(parts) })) as WithNotifier;
}

/** What names the notifier of a queue. */
export function notifierRef({ recipientId, notifier }: QueueRecord): NotifierRef {
  return { recipientId, notifierId: notifier!.notifierId };
}

/** The items of a list, none of which is expected to be an error. */
export function whole<T>(items: readonly Item<T>[]): T[] {
  return items.map((item) => resultOf(item));
}

/** The queue of an answer that is expected to be `ok`. */
export function changed(
  answer: Item<{ readonly status: string; readonly queue?: QueueRecord | null }> | undefined,
): QueueRecord {
  expect(answer).toMatchObject({ status: 'ok' });
  return (answer as { queue: QueueRecord }).queue;
}

/** The queue as it is stored now. */
export async function present(store: QueueStore, queue: Pick<QueueRef, 'recipientId'>): Promise<QueueRecord | null> {
  return whole(await store.find('recipient', [queue.recipientId]))[0]!;
}

export async function head(store: QueueStore, queue: Pick<QueueRef, 'recipientId'>): Promise<Message | null> {
  return whole(await store.heads([queue.recipientId], null))[0]?.head ?? null;
}

/** Takes up to 200 notifications of one queue for a connection. */
export async function taken(store: QueueStore, queue: QueueRecord, by: ConnectionId): Promise<readonly Notification[]> {
  return whole(await store.takeNotifications([notifierRef(queue)], by, 200))[0]!;
}

/** Appends messages one after the other; answers them. */
export async function appended(store: QueueStore, queue: QueueRef, count: number, quota = QUOTA): Promise<BodyMessage[]> {
  const messages = Array.from({ length: count }, () => anyMessage());
  for (const message of messages) {
    expect(await store.append(queue, message, options({ quota }))).toMatchObject({ status: 'stored' });
  }
  return messages;
}

/** Acknowledges until the queue is empty; answers what it delivered, markers included, in order. */
export async function drained(store: QueueStore, queue: QueueRef): Promise<Message[]> {
  const messages: Message[] = [];
  let next = await head(store, queue);
  while (next) {
    messages.push(next);
    const answer = await store.acknowledge(queue, next.msgId, null);
    expect(answer).toMatchObject({ status: 'ok', removed: { kind: next.kind } });
    next = answer.status === 'ok' ? answer.next : null;
  }
  return messages;
}
