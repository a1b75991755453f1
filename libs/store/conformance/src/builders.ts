/** Queues, messages and other arguments with random contents; a test names only what it is about. */
import type { PublicKey } from '@polyplex/crypto';
import { expect } from 'vitest';
import type {
  LinkData, Message, NewQueue, Notification, Notifier, QueueRecord, QueueRef, QueueStore, ServiceRecord, ServiceRole,
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

/** Creates a queue that is expected to be new. */
export async function created(store: QueueStore, parts: Partial<NewQueue> = {}): Promise<QueueRecord> {
  return changed(await store.create(anyQueue(parts)));
}

/** A queue with notifier credentials; `notifierId` at hand. */
export async function createdWithNotifier(
  store: QueueStore, parts: Partial<Notifier> = {},
): Promise<QueueRecord & { notifier: Notifier }> {
  const queue = await created(store, { notifier: anyNotifier(parts) });
  return queue as QueueRecord & { notifier: Notifier };
}

/** The queue of an answer that is expected to be `ok`. */
export function changed(answer: { readonly status: string; readonly queue?: QueueRecord | null }): QueueRecord {
  expect(answer.status).toBe('ok');
  return answer.queue!;
}

/** The queue as it is stored now. */
export async function present(store: QueueStore, queue: QueueRef): Promise<QueueRecord | null> {
  return (await store.find('recipient', [queue.recipientId]))[0]!;
}

/** Appends messages one after the other; answers them. */
export async function appended(store: QueueStore, queue: QueueRef, count: number, quota = QUOTA): Promise<BodyMessage[]> {
  const messages = Array.from({ length: count }, () => anyMessage());
  for (const message of messages) expect(await store.append(queue, message, quota, null)).toMatchObject({ status: 'stored' });
  return messages;
}

/** Acknowledges until the queue is empty; answers what it delivered, markers included, in order. */
export async function drained(store: QueueStore, queue: QueueRef): Promise<Message[]> {
  const messages: Message[] = [];
  let [head] = await store.heads([queue.recipientId]);
  while (head) {
    messages.push(head);
    const answer = await store.acknowledge(queue, head.msgId);
    expect(answer).toMatchObject({ status: 'ok', removed: { kind: head.kind } });
    head = answer.status === 'ok' ? answer.next : null;
  }
  return messages;
}
