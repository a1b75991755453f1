/** Messages: append by the quota rule, acknowledge, look at heads, expire (SMP §6.2, §6.4, §8.4). */
import { copyBytes, equalBytes, idKey, type IdKey } from '@polyplex/base';
import { encodeValue, isId, message as messageFormat, owned, storeError } from '@polyplex/store-common';
import type {
  Acknowledged, Appended, AppendOptions, ConnectionId, Head, Message, Messages, QueueRef, Stale,
} from '@polyplex/store-contract';
import { answer, eachInOrder, type Engine, findQueue, guarded, inOrder, onQueue, recordOf } from './engine.ts';
import { headOf, peekHead, put, removeExpired, removeHead, size } from './message-list.ts';
import { MessageBuffers } from './message-buffers.ts';
import { keepPending } from './pending-notifications.ts';
import { type RecentMessage, RecentMessages } from './recent-messages.ts';
import { type QueueRow } from './value-formats.ts';
import type { Finish } from './write-queue.ts';

interface Appending {
  readonly message: Message & { kind: 'message' };
  readonly encoded: Uint8Array;
  readonly options: AppendOptions;
}

export function createMessages(engine: Engine): Messages {
  const { queues } = engine.tables;
  const buffers = new MessageBuffers();
  const recent = new RecentMessages();
  return {
    append: (queue, message, options) =>
      guarded(engine, () => append(engine, { buffers, recent }, queue, {
        message: { ...message, msgId: copyBytes(message.msgId) },
        encoded: buffers.encode(message),
        options: options.notification === null ? options : { ...options, notification: owned(options.notification) },
      })),
    acknowledge: (queue, msgId, by) => acknowledge(engine, recent, queue, { msgId: copyBytes(msgId), by }),
    heads: (recipientIds, by) => {
      const work = ({ recipientId }: { recipientId: Uint8Array }) => readHead(engine, recipientId, by);
      const items = recipientIds.map((recipientId) => ({ recipientId }));
      return eachInOrder(engine, items, { atOnce: work, work, keep: owned });
    },
    size: (queue) =>
      inOrder(engine, queue.recipientId, (id) => {
        const row = queues.get(id);
        return answer(row === null ? 0 : size(row));
      }),
  };
}

interface Kept {
  readonly buffers: MessageBuffers;
  readonly recent: RecentMessages;
}

function append(engine: Engine, { buffers, recent }: Kept, queue: QueueRef, step: Appending): Promise<Appended | Stale> {
  const { message, encoded, options: { quota, notification, expireBefore } } = step;
  if (!isId(message.msgId)) throw storeError('FAILED', undefined, 'an id must have 1 to 255 bytes');
  return onQueue<Appended>(engine, queue, 'grows', (found, recipientId, key) => {
    const { row, removed: expired } =
      expireBefore === null ? { row: found, removed: 0 } : removeExpired(engine, recipientId, found, expireBefore);
    if (row.closed) return answer({ status: 'quota', expired });
    const repeated = equalBytes(row.lastId, message.msgId);
    if (!repeated && size(row) >= quota) return putMarker(engine, row, recipientId, { message, expired, key });
    const notifier = notification === null ? null : recordOf(recipientId, row).notifier;
    if (!repeated) {
      const notified = notification !== null && notifier !== null;
      put(engine, recipientId, row, { message, encoded, notified });
      if (notified) keepPending(engine, notifier.notifierId, row.notified, notification);
    }
    const first = size(row) === (repeated ? 1 : 0);
    return () => {
      buffers.giveBack(encoded);
      // Not the message itself, whose body is memory of the caller's.
      if (!repeated) recent.appended(key, { msgId: message.msgId, notify: message.notify });
      const deliverTo = first ? engine.subscriptions.subscriber('recipient', key) : null;
      return { status: 'stored', deliverTo, notifyTo: notifier && engine.subscriptions.holder(notifier), expired };
    };
  });
}

function putMarker(
  engine: Engine, row: QueueRow, recipientId: Uint8Array, { message: { msgId, ts }, expired, key }: { message: Message; expired: number; key: IdKey },
): Finish<Appended> {
  const marker: Message = { kind: 'quota', msgId, ts };
  put(engine, recipientId, row, { message: marker, encoded: encodeValue(messageFormat, marker), notified: false });
  return () => {
    // Nobody is told to deliver a marker; where it is the head, the subscriber has to look.
    const subscriber = size(row) === 0 ? engine.subscriptions.subscriber('recipient', key) : null;
    if (subscriber !== null) engine.listener.wake(recipientId, subscriber);
    return { status: 'quota', expired };
  };
}

/**
 * Whether what is read is for `by`. Asked in the second half of a step, when the steps called before it have changed
 * the subscriptions and those after it have not.
 */
function isFor(engine: Engine, key: IdKey, by: ConnectionId | null): boolean {
  return by === null || engine.subscriptions.subscriber('recipient', key) === by;
}

function readHead(engine: Engine, recipientId: Uint8Array, by: ConnectionId | null): Finish<Head | null> {
  const found = findQueue(engine, recipientId);
  if (found === null) return answer(null);
  const head = headOf(engine, recipientId, found.row);
  return () => (isFor(engine, idKey(recipientId), by) ? { queue: found.record, head } : null);
}

interface HeadFacts {
  readonly kind: Message['kind'];
  readonly msgId: Uint8Array;
  readonly notify: boolean;
}

/** Good until the next read of any table; null for an empty queue. A lone message that is no marker is the last appended. */
function headFacts(engine: Engine, recipientId: Uint8Array, row: QueueRow, last: RecentMessage | undefined): HeadFacts | null {
  if (last !== undefined && size(row) === 1 && !row.closed && equalBytes(last.msgId, row.lastId)) return { kind: 'message', ...last };
  const head = peekHead(engine, recipientId, row);
  return head && { kind: head.kind, msgId: head.msgId, notify: head.kind === 'message' && head.notify };
}

function acknowledge(
  engine: Engine, recent: RecentMessages, queue: QueueRef, { msgId, by }: { readonly msgId: Uint8Array; readonly by: ConnectionId | null },
): Promise<Acknowledged | Stale> {
  return onQueue<Acknowledged>(engine, queue, 'frees', (row, recipientId, key) => {
    const head = headFacts(engine, recipientId, row, recent.get(key));
    const isHead = head !== null && equalBytes(head.msgId, msgId);
    const removed = isHead ? { kind: head.kind, notify: head.notify } : null;
    const next = headOf(engine, recipientId, isHead ? removeHead(engine, recipientId, row) : row);
    return () => {
      if (isHead) recent.acknowledged(key);
      return { status: 'ok', removed, next: isFor(engine, key, by) ? next : null };
    };
  });
}
